/**
 * A full van: a monitor with seven leads of ECG, a ventilator with its curves, and twelve others,
 * each played on a line of its own. What the gateway takes of a small computer, as in steady.ts.
 *
 *     node bench/full-van.ts [--seconds 60] [--page]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startVan, type VanDevice } from '../gateway/cli/demo/van.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { claimCodeOf, load, print, started, watched, type Row } from './gateway-usage.ts'
import { statusOf, watchPage } from './status.ts'
import { after } from './usage.ts'

const settleMs = 20_000
const everyMs = 2_000

/** By how many devices of a kind a van carries; results come far more often than in a clinic. */
const drivers = [
  'berrymed-pm6750',
  'draeger-medibus',
  'masimo-ascii1',
  'nonin-df2',
  'contec-cms50-v7',
  'capnostream20',
  'ge-dri',
  'ivy-450c',
  'and-tm265x',
  'omron-hbp',
  'st-gs-scale',
  'tanita',
  'sht20-modbus',
  'nellcor-ascii',
] as const

const devices = drivers.map((driver, at): VanDevice => ({
  id: `device-${at + 1}`,
  driver,
  everyMs,
  distinct: false,
}))

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    page: { type: 'boolean', default: false },
  },
})
const ms = 1_000 * Number(values.seconds)
const clock = systemClock()
const before = load()
const folder = mkdtempSync(join(tmpdir(), 'simpul-full-'))
const van = await startVan({ folder, seed: 1, pagePort: 0, devices })
try {
  await started(van)
  // The first start after an installation makes what all later ones use.
  await van.stopPart('gateway')
  van.restart('gateway')
  await started(van)
  van.startDevices()
  await clock.sleep(settleMs)
  const rows: Row[] = [await watched('a full van', van, after(ms))]
  if (values.page) {
    const viewer = await watchPage(van.pageUrl, claimCodeOf(van))
    rows.push(await watched('and the page open', van, after(ms)))
    viewer.close()
  }
  print(rows)
  const status = await statusOf(van.pageUrl)
  const seen = (status?.devices ?? []).filter(({ id }) => van.devices.includes(id))
  const talking = seen.filter(({ state }) => state === 'talking' || state === 'waiting')
  process.stdout.write(`${talking.length} of ${drivers.length} devices are understood\n`)
  for (const { id, driver, state } of seen) {
    if (!talking.some((one) => one.id === id)) process.stdout.write(`not: ${driver} ${state}\n`)
  }
  process.stdout.write(`load of the machine before: ${before}; at the end: ${load()}\n`)
} finally {
  await van.stop()
  rmSync(folder, { recursive: true, force: true })
}
