/**
 * A card that is slow: every fsync takes 100 ms more, while a device speaks at the full 115,200
 * baud, results come in and images are stored. The main thread must stay awake, because a tty holds
 * 4 KB, and 115,200 baud fill that in 355 ms. (The pseudo-terminals here hold 37 KB, 3.2 s.)
 *
 *   node bench/fsync.ts --seconds 60
 *
 * The gateway is the real one, with broker and landing, started by `simpul run`. Beside it, in the
 * same run and on the same line, a plain daemon: serialport and better-sqlite3 on one thread.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { audit, type Audit } from '../gateway/cli/demo/audit.ts'
import { answering, drained } from '../gateway/cli/demo/drain.ts'
import { createImageSender, type SentImage } from '../gateway/cli/demo/images.ts'
import { tableText } from '../gateway/cli/demo/table.ts'
import { startTtyPair } from '../gateway/cli/demo/ttys.ts'
import { startVan, type Van } from '../gateway/cli/demo/van.ts'
import { delayWindowMs, type EventLoopDelay } from '../gateway/health/event-loop.ts'
import { framesWithHospital, speakAtFullRate, type Spoken } from './full-rate.ts'
import type { PlainCommits, PlainResult } from './plain-daemon.ts'
import { delayedFsyncs, measureDelay, slowFsync, type Delayed } from './slow-fsync.ts'
import { statusOf, watchDelay } from './status.ts'

const delayMs = 100
const goalP99Ms = 50
const startWithinMs = 60_000
const imageEveryMs = 5_000
const drainWithinMs = 120_000
const lineRestMs = 2_000
/** A plain daemon that is behind first commits what it has read: 340 records at 100 ms. */
const plainFarewellMs = 60_000
const streamDevice = 'monitor-1'

interface Outcome {
  readonly fsyncs: Delayed
  readonly late: EventLoopDelay
  readonly spoken: Spoken
  readonly heardBytes: number
}

interface OurOutcome extends Outcome {
  readonly noiseBytes: number
  readonly framesMissing: number
  readonly isDrained: boolean
  readonly found: Audit
}

async function ours(folder: string, seconds: number): Promise<OurOutcome> {
  const log = join(folder, 'gateway.strace')
  const van = await startVan({
    folder: join(folder, 'van'),
    seed: 1,
    pagePort: 0,
    gatewayPrefix: slowFsync(delayMs, log),
  })
  try {
    if (!(await answering(van.pageUrl, startWithinMs))) throw new Error('the gateway did not start')
    // How late it was while it started is another matter.
    await sleep(delayWindowMs)
    van.startDevices(['bp-1', 'scale-1'])
    const delay = watchDelay(van.pageUrl)
    const over = new AbortController()
    const images = sendImages(van, over.signal)
    const spoken = await speakAtFullRate(van.devicePath(streamDevice), seconds)
    over.abort()
    const sent = await images
    await van.stopDevices()
    const late = await delay.stop()
    const isDrained = await drained(van.pageUrl, drainWithinMs)
    const status = await statusOf(van.pageUrl)
    const stream = status?.devices.find((one) => one.id === streamDevice)
    const { pid } = van.part('gateway')
    await van.stopPart('gateway')
    await van.stopPart('landing')
    const { frames, breaks } = framesWithHospital(van.landingFolder, streamDevice)
    return {
      fsyncs: delayedFsyncs(log, pid),
      late,
      spoken,
      heardBytes: stream?.bytes ?? 0,
      noiseBytes: stream?.noiseBytes ?? 0,
      framesMissing: Math.max(spoken.frames - frames, breaks),
      isDrained,
      found: audit(van, { images: sent, gatewayLived: true }),
    }
  } finally {
    await van.stop()
  }
}

async function sendImages(van: Van, over: AbortSignal): Promise<readonly SentImage[]> {
  const sender = createImageSender(van.folder, van.dicomPort)
  const sent: SentImage[] = []
  while (!over.aborted) {
    sent.push(await sender.sendNext())
    await sleep(imageEveryMs, undefined, { signal: over }).catch(() => {})
  }
  return sent
}

async function plain(folder: string, seconds: number, commits: PlainCommits): Promise<Outcome> {
  const name = `plain-${commits}`
  const log = join(folder, `${name}.strace`)
  const line = await startTtyPair(folder, name)
  const [command = '', ...args] = slowFsync(delayMs, log)
  const script = [join(import.meta.dirname, 'plain-daemon.ts'), line.gatewayPath]
  const daemon = [process.execPath, ...script, join(folder, `${name}.db`), commits]
  const child = spawn(command, [...args, ...daemon], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  try {
    while (!said.includes('ready\n')) {
      await Promise.race([once(child.stdout, 'data'), ended])
      if (child.exitCode !== null) throw new Error('the plain daemon did not start')
    }
    const spoken = await speakAtFullRate(line.devicePath, seconds)
    await sleep(lineRestMs)
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(plainFarewellMs, undefined, { ref: false })])
    const result = JSON.parse(said.replace(/^ready\n/, '')) as PlainResult
    const fsyncs = delayedFsyncs(log, child.pid ?? 0)
    return { fsyncs, late: result, spoken, heardBytes: result.bytes }
  } finally {
    child.kill('SIGKILL')
    await line.process.stop()
  }
}

function print(our: OurOutcome, plains: readonly Outcome[]): void {
  const all = [our, ...plains]
  const row = (name: string, of: (outcome: Outcome) => number, unit = '', decimals = 0) => [
    name,
    ...all.map((one) => `${withCommas(of(one), decimals)}${unit}`),
  ]
  const rows = [
    row('fsyncs, each held back', ({ fsyncs }) => fsyncs.count),
    row('  of them by the main thread', ({ fsyncs }) => fsyncs.onMainThread),
    row('main thread late, p50', ({ late }) => late.p50Ms, ' ms', 1),
    row('  p99', ({ late }) => late.p99Ms, ' ms', 1),
    row('  most', ({ late }) => late.maxMs, ' ms', 1),
    row('bytes sent at 115,200 baud', ({ spoken }) => spoken.bytes),
    row('  heard', ({ heardBytes }) => heardBytes),
    row('  lost', lostBytes),
  ]
  const head = ['', 'simpul', 'plain, a record a commit', 'plain, a read a commit']
  process.stdout.write(tableText(head, rows))
  const { rows: streams, images, lost, doubled } = our.found
  const records = streams.filter(({ stream }) => !/\/(waveform|object)$/.test(stream))
  const sum = (of: (one: (typeof records)[number]) => number) =>
    records.reduce((total, one) => total + of(one), 0)
  process.stdout.write(
    `simpul stored ${sum((one) => one.stored)} records, the hospital has ` +
      `${sum((one) => one.receipted)}; ${images.answered - images.different.length} of ` +
      `${images.answered} images bit for bit; lost ${lost}, doubled ${doubled}; of ` +
      `${our.spoken.frames} numbered frames ${our.framesMissing} are missing\n`,
  )
}

function lostBytes({ spoken, heardBytes }: Outcome): number {
  return spoken.bytes - heardBytes
}

function withCommas(value: number, decimals: number): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  return value.toLocaleString('en', digits)
}

function isGood({ late, isDrained, found, ...one }: OurOutcome): boolean {
  const lost = lostBytes({ late, ...one }) + one.noiseBytes + one.framesMissing + found.lost
  return late.p99Ms < goalP99Ms && isDrained && lost === 0 && found.doubled === 0
}

async function run(seconds: number): Promise<void> {
  const load = loadavg()[0] ?? 0
  const folder = mkdtempSync(join(tmpdir(), 'simpul-fsync-'))
  try {
    const tookMs = measureDelay(delayMs, folder)
    process.stdout.write(`an fsync takes ${tookMs.toFixed(1)} ms; load ${load.toFixed(1)}\n`)
    const our = await ours(folder, seconds)
    const plains = [await plain(folder, seconds, 'record'), await plain(folder, seconds, 'read')]
    print(our, plains)
    process.exitCode = isGood(our) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } })
await run(Number(values.seconds))
