/**
 * What the gateway takes of a small computer, with all devices of a van running: blood pressure,
 * scale, a patient monitor with seven leads of ECG, the keypad idle, the DICOM node listening. Then
 * with the page open and all waves on it, then with images coming in, and while a backlog drains.
 *
 *   node bench/steady.ts --seconds 120 --packets 50000
 *
 * Only the process of the gateway counts, and it is started as systemd starts it, by `simpul run`.
 * There is no peer: no other program does this. The targets are 150 MB and 10 % of one core.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createImageSender } from '../gateway/cli/demo/images.ts'
import { demoVan, startVan, type Van } from '../gateway/cli/demo/van.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { quietLog } from '../gateway/health/log.ts'
import { openJournal } from '../gateway/journal/remote-journal.ts'
import { fill, fillingWaves } from './fill.ts'
import { claimCodeOf, load, print, started, watched, type Row } from './gateway-usage.ts'
import { statusOf, watchPage } from './status.ts'
import { after } from './usage.ts'

interface Settings {
  readonly seconds: number
  readonly packets: number
}

/** Devices connect and the code warms up. */
const settleMs = 20_000
const imageEveryMs = 5_000
const drainWithinMs = 600_000

const clock = systemClock()

async function steady(van: Van, { seconds }: Settings): Promise<readonly Row[]> {
  const ms = seconds * 1_000
  await started(van)
  // The first start after an installation makes what all later ones use.
  await van.stopPart('gateway')
  van.restart('gateway')
  await started(van)
  van.startDevices()
  await clock.sleep(settleMs)
  const rows = [await watched('devices', van, after(ms))]
  const viewer = await watchPage(van.pageUrl, claimCodeOf(van))
  rows.push(await watched('and the page open', van, after(ms)))
  const images = createImageSender(van.folder, van.dicomPort)
  const isOver = after(ms)
  const sending = (async () => {
    while (!isOver()) {
      await images.sendNext()
      await clock.sleep(imageEveryMs)
    }
  })()
  rows.push(await watched('and images', van, isOver))
  await sending
  const kilobytes = viewer.bytes / 1_024 / (2 * seconds)
  process.stdout.write(`the open page took ${kilobytes.toFixed(0)} KiB a second\n`)
  viewer.close()
  return rows
}

/** The gateway comes back with many packets in its journal that the hospital does not have. */
async function draining(van: Van, { packets }: Settings): Promise<Row> {
  await van.stopPart('gateway')
  const options = { folder: van.gatewayFolder, limitBytes: 2 ** 40, reserveBytes: 0, van: demoVan }
  const journal = await openJournal(
    { ...options, waves: fillingWaves, bootId: randomUUID() },
    {
      log: quietLog,
      failed: (error) => {
        throw error
      },
    },
  )
  await fill(journal, packets)
  await journal.close()
  van.restart('gateway')
  await started(van)
  let waiting = packets
  const look = setInterval(() => {
    void statusOf(van.pageUrl).then((status) => {
      waiting = status?.journal.unreceiptedPackets ?? waiting
    })
  }, 1_000)
  const isLate = after(drainWithinMs)
  // The devices go on, so some packets always wait.
  const row = await watched('and a backlog', van, () => waiting < 100 || isLate())
  clearInterval(look)
  const rate = (packets - waiting) / row.seconds
  process.stdout.write(`the backlog of ${packets} packets: ${rate.toFixed(0)} packets a second\n`)
  return row
}

async function run(settings: Settings): Promise<void> {
  const before = load()
  const folder = mkdtempSync(join(tmpdir(), 'simpul-steady-'))
  const van = await startVan({ folder, seed: 1, pagePort: 0 })
  try {
    const rows = [...(await steady(van, settings))]
    if (settings.packets > 0) rows.push(await draining(van, settings))
    print(rows)
    process.stdout.write(`load of the machine before: ${before}; at the end: ${load()}\n`)
  } finally {
    await van.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    packets: { type: 'string', default: '50000' },
  },
})
await run({ seconds: Number(values.seconds), packets: Number(values.packets) })
