import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { WaveEncoder } from '../../protocols/ecg-codec/chain.ts'
import { toHex } from '../../protocols/packet/hex.ts'
import { buildReview } from '../browser/build.ts'
import { lineOf } from '../print.ts'
import { canShowColumns, layOut, millivoltsPerStep, nameOf } from './layout.ts'
import { readWaves } from './read.ts'
import type { Strip } from './read.ts'

const names = ['I', 'II', 'III', 'AVR', 'AVL', 'AVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
const utcMs = Date.UTC(2026, 4, 17, 2, 30)

/** Ten seconds of a Mortara ELI250, 12 leads at 500 Hz. */
const recording = (() => {
  const file = 'drivers/captures/recordings/mortara_eli250_12l_500.i16'
  const bytes = readFileSync(join(import.meta.dirname, '../..', file))
  return names.map((_, lead) =>
    Int32Array.from({ length: 5_000 }, (_, at) => bytes.readInt16LE(2 * (12 * at + lead))),
  )
})()

const head = {
  wave: 'ecg',
  run: 3,
  firstSample: 1_000,
  rate: { samples: 500, perMs: 1_000 },
  leads: names.map((name) => ({
    code: `MDC_ECG_ELEC_POTL_${name}`,
    unit: 'uV',
    lsb: 2.5,
    zero: 0,
  })),
  atMs: 61_000,
  utcMs,
  uncertaintyMs: 40,
  source: 'device',
  simulated: false,
} as const

function part(from: number, to: number): Int32Array[] {
  return recording.map((lead) => lead.slice(from, to))
}

/** As packets of a second. */
function packedLine(): string {
  const encoder = new WaveEncoder('live')
  const coded = Array.from({ length: 10 }, (_, second) =>
    toHex(encoder.encode(part(second * 500, second * 500 + 500), { key: false })),
  )
  return JSON.stringify({ ...head, coded })
}

/** As `simpul subscribe` prints a record of these samples. */
function printedLine(from: number, to: number): string {
  return lineOf({
    kind: 'waveform',
    ...head,
    firstSample: head.firstSample + from,
    samples: part(from, to),
    van: 'van-02',
    epoch: 'e',
    stream: 'dev-1/waveform',
    seq: from,
    index: 0,
    boot: 'b',
    visit: null,
    storedUtcMs: utcMs,
    storedUncertaintyMs: 40,
  })
}

function stripsOf(text: string): readonly Strip[] {
  const read = readWaves(text)
  if (!read.ok) throw new Error(read.reason)
  return read.value.strips
}

t.test('review: packed waves give their samples', async (t) => {
  const [strip, ...more] = stripsOf(packedLine())
  t.strictSame(more, [])
  t.strictSame(strip?.samples, recording)
  t.match(strip, { wave: 'ecg', samplesPerSecond: 500, utcMs, simulated: false })
})

t.test('review: printed blocks are joined, and a gap ends a strip', async (t) => {
  const lines = [printedLine(0, 1_000), printedLine(1_000, 2_500), printedLine(2_600, 3_000)]
  const strips = stripsOf(lines.join('\n'))
  t.strictSame(
    strips.map(({ samples }) => samples),
    [part(0, 2_500), part(2_600, 3_000)],
  )
})

t.test('review: what is simulated is not joined to what is not', async (t) => {
  const simulated = printedLine(500, 700).replace('"simulated":false', '"simulated":true')
  const strips = stripsOf([printedLine(0, 500), simulated].join('\n'))
  t.strictSame(
    strips.map((strip) => strip.simulated),
    [false, true],
  )
})

t.test('review: few bytes cannot ask for much room', async (t) => {
  const still = [new Int32Array(2_000_000).fill(1)]
  const piece = toHex(new WaveEncoder('live').encode(still, { key: true }))
  const wave = { ...head, leads: head.leads.slice(0, 1) }
  const line = JSON.stringify({ ...wave, coded: Array.from({ length: 13 }, () => piece) })
  t.ok(line.length < 5_000)
  t.strictSame(readWaves(line), { ok: false, reason: 'more than 24000000 samples' })
})

t.test('review: what is no wave is counted and not shown', async (t) => {
  const packed = packedLine()
  const lines = [
    'not JSON',
    'null',
    '{"kind":"measurement"}',
    packed.replace(/"coded":\["../, '"coded":["ff'),
    packed.replace('"lsb":2.5', '"lsb":"2.5"'),
    printedLine(0, 100).replace(/"samples":\[\[-?\d+/, '"samples":[[0.5'),
    printedLine(0, 100).replace(/"samples":\[\[-?\d+,/, '"samples":[['),
    printedLine(0, 100),
    '',
  ]
  const read = readWaves(lines.join('\n'))
  t.match(read, { ok: true, value: { ignored: 7, strips: { length: 1 } } })
})

t.test('review: paper has 25 mm for a second and 10 mm for a millivolt', async (t) => {
  const [strip] = stripsOf(packedLine())
  if (strip === undefined) throw new Error('no strip')
  t.ok(canShowColumns(strip))
  t.equal(canShowColumns({ ...strip, leads: strip.leads.slice(0, 8) }), false)
  const columns = layOut(strip, 'columns')
  t.equal(columns.segments.length, 13)
  const v1 = columns.segments.find(({ name }) => name === 'V1')
  t.match(v1, { lead: 6, from: 5, to: 7.5, xMm: 15 + 125 })
  t.match(columns.segments.at(-1), { name: 'II', lead: 1, from: 0, to: 10 })
  const rows = layOut(strip, 'rows')
  t.strictSame(
    rows.segments.map(({ lead }) => lead),
    names.map((_, at) => at),
  )
  t.equal(nameOf({ code: 'MDC_ECG_ELEC_POTL_AVR', unit: null, lsb: null, zero: 0 }), 'aVR')
  t.equal(millivoltsPerStep({ code: 'x', unit: 'uV', lsb: 2.5, zero: 0 }), 0.0025)
  t.equal(millivoltsPerStep({ code: 'x', unit: 'mm[Hg]', lsb: 1, zero: 0 }), null)
})

async function openReview(t: Test): Promise<{ tab: Page; complaints: readonly string[] }> {
  const folder = t.testdir()
  await buildReview(folder)
  const types: { readonly [name: string]: string } = {
    'index.html': 'text/html',
    'review.css': 'text/css',
    'review.js': 'text/javascript',
  }
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://x').pathname.slice(1) || 'index.html'
    response.setHeader('content-type', types[name] ?? 'text/plain')
    response.end(name in types ? readFileSync(join(folder, 'review', name)) : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  t.teardown(async () => {
    await browser.close()
    server.close()
  })
  const tab = await browser.newPage({ viewport: { width: 1_100, height: 900 } })
  const complaints: string[] = []
  tab.on('pageerror', (error) => complaints.push(error.message))
  tab.on('console', (message) => complaints.push(message.text()))
  const { port } = server.address() as AddressInfo
  await tab.goto(`http://127.0.0.1:${port}/`)
  return { tab, complaints }
}

t.test('review: a file is drawn, in two languages, and what is none says so', async (t) => {
  const { tab, complaints } = await openReview(t)
  const text = packedLine()
  await tab
    .locator('#file')
    .setInputFiles({ name: 'ecg.jsonl', mimeType: 'text/plain', buffer: Buffer.from(text) })
  await tab.locator('#page').waitFor()
  t.match(await tab.locator('#scale').innerText(), /25 mm\/dtk · 10 mm\/mV · tanpa filter/)
  t.match(await tab.locator('#seconds').innerText(), /0–10 dtk dari 10 dtk/)
  const ink = () =>
    tab.evaluate(`(() => {
    const paper = document.getElementById('paper')
    const { data } = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height)
    let dark = 0
    for (let at = 0; at < data.length; at += 4) if (data[at] < 80) dark++
    return dark
  })()`)
  const drawn = Number(await ink())
  t.ok(drawn > 5_000, `${drawn} dark pixels`)
  const picture = () => tab.evaluate(`document.getElementById('paper').toDataURL()`)
  const columns = await picture()
  await tab.getByRole('button', { name: 'Satu baris per sadapan' }).click()
  t.not(await picture(), columns)
  await tab.getByRole('button', { name: 'English' }).click()
  t.match(await tab.locator('#scale').innerText(), /25 mm\/s · 10 mm\/mV · no filter/)
  await tab.locator('#text').fill('{"kind":"measurement"}')
  await tab.getByRole('button', { name: 'Show' }).click()
  t.match(await tab.locator('#notice').innerText(), /no waves in it/)
  t.equal(await tab.locator('#page').isVisible(), false, 'what was shown before is gone')
  t.strictSame(complaints, [])
})
