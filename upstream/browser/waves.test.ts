/** The module in a real browser gives the samples of the golden packets. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openContext } from '../../gateway/page/chromium-testing.ts'
import { toHex } from '../../protocols/packet/hex.ts'
import { openPacket, sealPacket } from '../../protocols/packet/seal.ts'
import { WavePacker } from '../../protocols/packet/wave-packer.ts'
import { openTools, sealTools } from '../../test/wire/node-tools.ts'
import { wavesOrder } from '../../test/wire/orders.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { vectorFile } from '../../test/waves/vectors.ts'
import { buildWaves } from './build.ts'

/** A page that has nothing but the module, and what it complained of. */
async function openPage(t: Test): Promise<{ tab: Page; complaints: readonly string[] }> {
  const { file } = await buildWaves(t.testdir())
  const script = readFileSync(file)
  const server = createServer((request, response) => {
    const isScript = request.url === '/simpul-waves.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><link rel="icon" href="data:,">')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const tab = await (await openContext(t)).newPage()
  const complaints: string[] = []
  tab.on('pageerror', (error) => complaints.push(error.message))
  tab.on('console', (message) => complaints.push(message.text()))
  const { port } = server.address() as AddressInfo
  await tab.goto(`http://127.0.0.1:${port}/`)
  return { tab, complaints }
}

/** Runs in the page: `module` and `bytesOf` (of hex) are there. */
function inPage(tab: Page, body: string): Promise<unknown> {
  return tab.evaluate(`(async () => {
    const module = await import('/simpul-waves.js')
    const bytesOf = (hex) => Uint8Array.from(hex.match(/[^ ]{2}/g) ?? [], (pair) => parseInt(pair, 16))
    ${body}
  })()`)
}

for (const [engine, before] of [
  ['WebAssembly', ''],
  ['the reference', 'delete globalThis.WebAssembly\n'],
] as const)
  t.test(`waves in a browser: every vector comes back by ${engine}`, async (t) => {
    const { tab, complaints } = await openPage(t)
    await tab.evaluate(`${before}0`)
    const { vectors, refused } = vectorFile()
    const answers = await inPage(
      tab,
      `const answer = ({ ok, value }) => ok && value.map((lead) => [...lead])
    return ${JSON.stringify([...vectors, ...refused])}.map(({ packets }) => {
      const decoder = new module.WaveDecoder()
      return packets.map(({ hex }) => {
        const bytes = bytesOf(hex)
        const alone = (bytes[0] & 3) === 0
        return answer(alone ? module.decodeWave(bytes) : decoder.decode(bytes))
      })
    })`,
    )
    const expected = [
      ...vectors.map(({ packets }) => packets.map(({ leads }) => leads)),
      ...refused.map(({ packets }) => packets.map((_, at) => at < packets.length - 1)),
    ]
    const told = (answers as unknown[][]).map((packets, at) =>
      at < vectors.length ? packets : packets.map((answer) => answer !== false),
    )
    t.strictSame(told, expected)
    t.strictSame(complaints, [])
  })

t.test('waves in a browser: a packet of the wire gives its waves', async (t) => {
  const { tab, complaints } = await openPage(t)
  const waves = sampleRecords.waveform
  const order = wavesOrder('dev-1/waveform', new WavePacker(), [waves], { keyDistance: 0 })
  const { bytes } = sealPacket(order, sealTools)
  const opened = openPacket(bytes, openTools)
  if (!opened.ok || opened.value.content.kind !== 'waves') throw new Error('does not open')
  const answer = await inPage(
    tab,
    `const packet = module.decodePacket(bytesOf('${toHex(bytes)}'))
    const body = bytesOf('${toHex(opened.value.content.body)}')
    const waves = new module.WaveReader().read(packet.value.header, body)
    return waves.value.map((wave) => ({ ...wave, samples: wave.samples.map((one) => [...one]) }))`,
  )
  t.strictSame(answer, [{ ...waves, samples: waves.samples.map((lead) => [...lead]) }])
  t.strictSame(complaints, [])
})
