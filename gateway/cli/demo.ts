/** `simpul demo`: the whole van and its hospital on this machine, with simulated devices. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { audit } from './demo/audit.ts'
import { answering, drained } from './demo/drain.ts'
import { createImageSender, type SentImage } from './demo/images.ts'
import { observe } from './demo/observer.ts'
import { auditText } from './demo/table.ts'
import { demoVan, startVan, type Van } from './demo/van.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

const startWithinMs = 20_000
const imageEveryMs = 15_000
/** A waveform packet takes 10 s to fill; the rest is for receipts. */
const drainWithinMs = 60_000
/** What left the simulator is on the line and must still be read. */
const lineRestMs = 1_000

export const demo: Verb = {
  name: 'demo',
  summary: 'a whole van and its hospital on this machine, with simulated devices',
  help: `simpul demo [--seconds N] [--port N] [--folder FOLDER] [--seed N]

Starts a broker, the landing, the gateway and simulated devices on pseudo-terminals, sends an ultrasound
and an X-ray by DICOM, and prints the address of the local page. Needs socat and dcmtk.

  --seconds N      stop after N seconds, compare everything and print a table; exits 0 only when nothing
                   is missing or doubled
  --port N         port of the local page (default 8080; 0 takes a free one)
  --folder FOLDER  where everything is kept; emptied first (default demo-data)
  --seed N         repeats the same chance (default 1)`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      seconds: { type: 'string' },
      port: { type: 'string' },
      folder: { type: 'string', default: 'demo-data' },
      seed: { type: 'string' },
    })
    if (positionals.length > 0) throw new UsageError('no arguments but options')
    const seconds = wholeNumber(values.seconds, 'seconds', { min: 1, max: 86_400, otherwise: 0 })
    const stop = stopSignal()
    const van = await startVan({
      folder: resolve(values.folder),
      seed: wholeNumber(values.seed, 'seed', { min: 0, max: 2 ** 30, otherwise: 1 }),
      pagePort: wholeNumber(values.port, 'port', { min: 0, max: 65_535, otherwise: 8080 }),
    })
    try {
      return await show(van, seconds, stop)
    } finally {
      await van.stop()
    }
  },
}

async function show(van: Van, seconds: number, stop: Promise<unknown>): Promise<number> {
  if (!(await answering(van.pageUrl, startWithinMs))) {
    const log = readFileSync(join(van.folder, 'gateway.log'), 'utf8')
    process.stderr.write(`the gateway did not start:\n${log.slice(-2_000)}\n`)
    return exitCodes.failed
  }
  const observer = observe(van.brokerUrl, demoVan)
  van.startDevices()
  process.stdout.write(`The van is running. Local page: ${van.pageUrl}\n`)
  process.stdout.write(`Claim code for the first visit: ${claimCodeOf(van)}\n`)
  const over = new AbortController()
  void stop.then(() => over.abort())
  if (seconds > 0) void sleep(seconds * 1_000).then(() => over.abort())
  const images = await sendImagesUntil(over.signal, van)
  await van.stopDevices()
  await sleep(lineRestMs)
  process.stdout.write('Devices are switched off. Waiting for the last receipts.\n')
  const isDrained = await drained(van.pageUrl, drainWithinMs)
  await van.stopPart('gateway')
  await observer.stop()
  await van.stopPart('landing')
  const found = audit(van, { images, gatewayLived: true })
  process.stdout.write(`\n${auditText(found, observer.latenciesMs())}\n`)
  for (const finding of found.findings) process.stdout.write(`${finding}\n`)
  const { answered, different } = found.images
  process.stdout.write(`images: ${answered} answered, ${different.length} not bit for bit\n`)
  process.stdout.write(`lost ${found.lost}, doubled ${found.doubled}\n`)
  if (!isDrained) process.stdout.write('Not everything was receipted in time.\n')
  const isGood = isDrained && found.lost === 0 && found.doubled === 0 && found.findings.length === 0
  return isGood ? exitCodes.ok : exitCodes.incomplete
}

function claimCodeOf(van: Van): string {
  const log = readFileSync(join(van.folder, 'gateway.log'), 'utf8')
  return /^claim code (\S+)$/m.exec(log)?.[1] ?? 'none, the box is claimed'
}

async function sendImagesUntil(over: AbortSignal, van: Van): Promise<readonly SentImage[]> {
  const sender = createImageSender(van.folder, van.dicomPort)
  // Both at once, so that each is shown even in a short demo; then one now and then.
  const sent = [await sender.sendNext(), await sender.sendNext()]
  while (!over.aborted) {
    const isOver = await sleep(imageEveryMs, false, { signal: over }).catch(() => true)
    if (!isOver) sent.push(await sender.sendNext())
  }
  return sent
}
