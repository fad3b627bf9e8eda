/** The whole way from a real terminal through a real driver to records, with the cable pulled. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { drivers } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { encodePm6750 } from '../../protocols/berrymed/frame.ts'
import type { Event, Measurement, Record, Waveform } from '../../protocols/packet/record.ts'
import { systemClock } from '../clock/system-clock.ts'
import { quietLog } from '../health/log.ts'
import { hostLinks } from '../links/links.ts'
import { KnownResults } from './known-results.ts'
import { DeviceSession } from './session.ts'

const limitMs = 60_000

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited too long for ${what}`)
    await sleep(5)
  }
}

/** A device on a pseudo terminal. */
class Bench {
  readonly path: string
  #child: ChildProcess | null = null

  constructor(folder: string) {
    this.path = `${folder}/tty`
  }

  async plugIn(): Promise<void> {
    this.#child = spawn('socat', [`PTY,raw,echo=0,link=${this.path}`, 'STDIO'])
    this.#child.stdin?.on('error', () => {})
    this.#child.stdout?.resume()
    await until(() => existsSync(this.path), 'the terminal')
  }

  say(bytes: Uint8Array): void {
    this.#child?.stdin?.write(bytes)
  }

  async unplug(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
  }
}

async function benchOf(t: Test, driverId: string) {
  const folder = mkdtempSync(`${tmpdir()}/wire-`)
  t.teardown(() => rmSync(folder, { recursive: true }))
  const bench = new Bench(folder)
  await bench.plugIn()
  const driver = drivers.find((one) => one.id === driverId)
  const line = driver === undefined ? undefined : linkOf(driver, 'serial')?.lines[0]
  if (driver === undefined || line === undefined) throw new Error('no such driver')
  const stored: Record[] = []
  const session = new DeviceSession(
    { id: 'bench', driver, address: { kind: 'serial', path: bench.path, line }, simulated: true },
    {
      world: { clock: systemClock(), links: hostLinks(), log: quietLog },
      time: { utcOf: () => null },
      known: KnownResults.forgetful(quietLog),
      sink: {
        record: async (_device, record) => void stored.push(record),
        document: async () => {},
      },
      hears: { record: () => {}, changed: () => {}, identified: () => {} },
    },
  )
  session.start()
  await until(() => session.status().link === 'open', 'the port')
  return { bench, session, stored }
}

t.test('wire: a scale is read line by line', async (t) => {
  const { bench, session, stored } = await benchOf(t, 'st-gs-scale')
  bench.say(Buffer.from('US,+00031.20 kg\r\n'))
  for (let line = 0; line < 8; line++) {
    await sleep(60)
    bench.say(Buffer.from('ST,+00072.45 kg\r\n'))
  }
  const measurements = () =>
    stored.filter((record): record is Measurement => record.kind === 'measurement')
  await until(() => measurements().length > 0, 'the weight')
  t.match(measurements(), [
    { source: 'device', simulated: true, values: [{ value: 72.45, unit: 'kg' }] },
  ])
  await session.stop()
  await bench.unplug()
})

function frame(sample: number): Uint8Array {
  return encodePm6750({ kind: 'ecg', leads: [sample % 200, 1, 2, 3, 4, 5, 6] })
}

t.test('wire: a monitor is read without losing a sample, unplugged, and read again', async (t) => {
  const { bench, session, stored } = await benchOf(t, 'berrymed-pm6750')
  const samplesIn = () =>
    stored
      .filter((record): record is Waveform => record.kind === 'waveform' && record.wave === 'ecg')
      .reduce((sum, block) => sum + (block.samples[0]?.length ?? 0), 0)
  const codes = () =>
    stored.filter((record): record is Event => record.kind === 'event').map(({ code }) => code)

  const count = 2_000
  for (let sample = 0; sample < count; sample += 50) {
    bench.say(Buffer.concat(Array.from({ length: 50 }, (_, index) => frame(sample + index))))
    await sleep(5)
  }
  await until(() => session.status().packets === count, 'all frames')
  t.equal(session.status().noiseCount, 0)

  await bench.unplug()
  await until(() => codes().includes('disconnected'), 'the end')
  t.equal(samplesIn(), count, 'every sample was stored')
  const first = stored.filter((record) => record.kind === 'waveform')
  t.ok(
    first.every((block) =>
      block.samples[0]?.every((value, at) => value === (block.firstSample + at) % 200),
    ),
    'and each has its number',
  )

  await bench.plugIn()
  await until(() => session.status().link === 'open', 'the port again')
  bench.say(frame(0))
  await until(() => codes().length === 3, 'the device again')
  t.strictSame(codes(), ['connected', 'disconnected', 'connected'])
  await session.stop()
  t.equal(samplesIn(), count + 1)
  t.not(first[0]?.run, stored.findLast((record) => record.kind === 'waveform')?.run)
  await bench.unplug()
})
