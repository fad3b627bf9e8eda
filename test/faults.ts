/**
 * Kills gateway, broker and landing again and again while a whole van runs, and asks at the end
 * whether every reading that was stored, and every image that was answered with success, is with the
 * hospital exactly once.
 *
 *     node test/faults.ts --kills 100 --seed 7
 */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { audit } from '../gateway/cli/demo/audit.ts'
import { answering, drained } from '../gateway/cli/demo/drain.ts'
import { createImageSender, type SentImage } from '../gateway/cli/demo/images.ts'
import { auditText } from '../gateway/cli/demo/table.ts'
import { partNames, startVan, type PartName, type Van } from '../gateway/cli/demo/van.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: 'build/faults' },
  },
})
const kills = Number(values.kills)
const seed = Number(values.seed)
if (!Number.isInteger(kills) || kills < 0 || !Number.isInteger(seed)) {
  throw new Error('--kills and --seed want whole numbers')
}

const startWithinMs = 30_000
/** A part lives at least so long, and so much longer at most. */
const lifeMs = { least: 300, more: 1_700 } as const
const deadMs = { least: 0, more: 900 } as const
const imageEveryMs = 3_000
/** After a landing was away the van waits for its receipts with growing patience. */
const drainWithinMs = 300_000
const lineRestMs = 1_000

const random = seededRandom(`faults ${seed}`)
const van = await startVan({ folder: resolve(values.folder), seed, pagePort: 0 })
const killed: { [Name in PartName]: number } = { broker: 0, landing: 0, gateway: 0 }
try {
  if (!(await answering(van.pageUrl, startWithinMs))) throw new Error('the gateway did not start')
  van.startDevices()
  const over = new AbortController()
  const images = sendImages(van, over.signal)
  await killAround(van)
  over.abort()
  await answering(van.pageUrl, startWithinMs)
  await van.stopDevices()
  await sleep(lineRestMs)
  const isDrained = await drained(van.pageUrl, drainWithinMs)
  const sent = await images
  for (const name of ['gateway', 'landing'] as const) await van.stopPart(name)
  const found = audit(van, { images: sent, gatewayLived: false })
  process.stdout.write(`\n${auditText(found, new Map())}\n`)
  for (const finding of found.findings) process.stdout.write(`${finding}\n`)
  const kinds = partNames.map((name) => `${name} ${killed[name]}`).join(', ')
  process.stdout.write(`seed ${seed}: killed ${kinds}\n`)
  const { answered, different } = found.images
  process.stdout.write(`images: ${answered} of ${sent.length} answered, `)
  process.stdout.write(`${different.length} not bit for bit\n`)
  if (!isDrained) process.stdout.write('Not everything was receipted in time.\n')
  process.stdout.write(`lost ${found.lost}, doubled ${found.doubled}\n`)
  const isGood = isDrained && found.lost + found.doubled + found.findings.length === 0
  process.exitCode = isGood ? 0 : 4
} finally {
  await van.stop()
}

async function killAround(target: Van): Promise<void> {
  const every = Math.max(1, Math.round(kills / 10))
  for (let count = 1; count <= kills; count++) {
    await sleep(lifeMs.least + random.below(lifeMs.more + 1))
    const name = partNames[random.below(partNames.length)] ?? 'gateway'
    await target.part(name).kill()
    killed[name] += 1
    await sleep(deadMs.least + random.below(deadMs.more + 1))
    target.restart(name)
    if (count % every === 0) process.stdout.write(`${count} of ${kills} kills\n`)
  }
}

async function sendImages(target: Van, over: AbortSignal): Promise<readonly SentImage[]> {
  const sender = createImageSender(target.folder, target.dicomPort)
  const sent: SentImage[] = []
  while (!over.aborted) {
    sent.push(await sender.sendNext())
    await sleep(imageEveryMs, undefined, { signal: over }).catch(() => {})
  }
  return sent
}
