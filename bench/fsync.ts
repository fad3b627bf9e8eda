/**
 * A card that is slow: every fsync of the gateway takes 100 ms more, while a device speaks at the full
 * 115,200 baud, results come in and images are stored. The main thread must stay awake, because a tty
 * holds 4 KB and 115,200 baud fill that in 350 ms.
 *
 *   node bench/fsync.ts --seconds 60
 *
 * strace delays each fsync at its return. The peer in the same run is a plain daemon that commits what
 * it reads on its main thread, with the same pragmas.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { answering, drained } from '../gateway/cli/demo/drain.ts'
import { createImageSender, type SentImage } from '../gateway/cli/demo/images.ts'
import { tableText } from '../gateway/cli/demo/table.ts'
import { startTtyPair } from '../gateway/cli/demo/ttys.ts'
import { startVan, type Van } from '../gateway/cli/demo/van.ts'
import { inspectJournal } from '../gateway/journal/inspect.ts'
import { openTools } from '../upstream/open-tools.ts'
import { landedRecords } from '../upstream/landed.ts'
import { fullRateFeed, samplesInOrder } from './full-rate.ts'
import { watchDelay } from './status.ts'

const delayMs = 100
const startWithinMs = 60_000
const imageEveryMs = 5_000
const drainWithinMs = 120_000
const lineRestMs = 2_000
const streamDevice = 'monitor-1'

/** `-D`: strace steps behind, so that the process that is started is the one that is measured. */
function slowFsync(log: string): readonly string[] {
  const inject = `inject=fsync,fdatasync:delay_exit=${delayMs * 1_000}`
  const trace = 'trace=fsync,fdatasync'
  return ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', log, '-e', trace, '-e', inject]
}

function countDelays(log: string): number {
  return readFileSync(log, 'utf8').split('(DELAYED)').length - 1
}

interface Row {
  readonly name: string
  readonly fsyncs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly sent: number
  readonly heard: number
  readonly note: string
}

async function gatewayRow(folder: string, seconds: number): Promise<Row> {
  const log = join(folder, 'gateway.strace')
  const van = await startVan({
    folder: join(folder, 'van'),
    seed: 1,
    pagePort: 0,
    gatewayPrefix: slowFsync(log),
  })
  try {
    if (!(await answering(van.pageUrl, startWithinMs))) throw new Error('the gateway did not start')
    van.startDevices(['bp-1', 'scale-1'])
    const delay = watchDelay(van.pageUrl)
    const over = new AbortController()
    const images = sendImages(van, over.signal)
    const frames = await fullRateFeed(van.devicePath(streamDevice), seconds)
    over.abort()
    const late = await delay.stop()
    await van.stopDevices()
    await sleep(lineRestMs)
    const isDrained = await drained(van.pageUrl, drainWithinMs)
    const sentImages = await images
    await van.stopPart('gateway')
    await van.stopPart('landing')
    const landed = samplesInOrder(van.landingFolder, streamDevice)
    const stored = [...inspectJournal(van.gatewayFolder, openTools)].flatMap((one) => one.records)
    const arrived = [...landedRecords(van.landingFolder)].flatMap((one) => one.records)
    const answered = sentImages.filter((one) => one.answered).length
    return {
      name: 'simpul',
      fsyncs: countDelays(log),
      ...late,
      sent: frames,
      heard: landed.inOrder,
      note:
        `${stored.length} records stored, ${arrived.length} with the hospital, ` +
        `${answered} of ${sentImages.length} images, ${isDrained ? 'all' : 'NOT all'} receipted` +
        (landed.broken > 0 ? `, ${landed.broken} OUT OF ORDER` : ''),
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

async function plainRow(folder: string, seconds: number): Promise<Row> {
  const log = join(folder, 'plain.strace')
  const line = await startTtyPair(folder, 'plain')
  const [strace = '', ...flags] = slowFsync(log)
  const script = join(import.meta.dirname, 'plain-daemon.ts')
  const database = join(folder, 'plain.db')
  const child = spawn(strace, [...flags, process.execPath, script, line.gatewayPath, database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  while (!said.includes('ready')) await sleep(50)
  const frames = await fullRateFeed(line.devicePath, seconds)
  await sleep(lineRestMs)
  child.kill('SIGTERM')
  await once(child, 'exit')
  await line.process.stop()
  const result = JSON.parse(said.split('\n').find((one) => one.startsWith('{')) ?? '{}') as {
    readonly p50Ms: number
    readonly p99Ms: number
    readonly maxMs: number
    readonly frames: number
    readonly rows: number
  }
  return {
    name: 'plain daemon',
    fsyncs: countDelays(log),
    ...result,
    sent: frames,
    heard: result.frames,
    note: `${result.rows} records stored`,
  }
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } })
const seconds = Number(values.seconds)
const folder = mkdtempSync(join(tmpdir(), 'simpul-fsync-'))
try {
  const load = loadavg()[0] ?? 0
  const rows = [await gatewayRow(folder, seconds), await plainRow(folder, seconds)]
  const ms = (value: number) => `${value.toFixed(1)} ms`
  process.stdout.write(
    `\nevery fsync ${delayMs} ms slower, 115,200 baud for ${seconds} s, load ${load.toFixed(1)}\n\n`,
  )
  process.stdout.write(
    tableText(
      ['', 'fsyncs', 'late p50', 'p99', 'max', 'frames sent', 'heard', 'lost'],
      rows.map((row) => [
        row.name,
        String(row.fsyncs),
        ms(row.p50Ms),
        ms(row.p99Ms),
        ms(row.maxMs),
        String(row.sent),
        String(row.heard),
        String(row.sent - row.heard),
      ]),
    ),
  )
  for (const { name, note } of rows) process.stdout.write(`${name}: ${note}\n`)
  const [ours, plain] = rows
  if (ours !== undefined && plain !== undefined) {
    const ratio = plain.p99Ms / Math.max(0.1, ours.p99Ms)
    process.stdout.write(`the plain daemon is ${ratio.toFixed(1)} times as late at p99\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
