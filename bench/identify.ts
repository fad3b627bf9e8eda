/**
 * Devices are plugged in, and nothing is configured: which of them are recognised, as what, and
 * after how long.
 *
 *     node bench/identify.ts [--devices 20] [--drivers a,b] [--seconds 400]
 *
 * One simulated device of each driver with a serial port, each on a pseudo terminal behind a bare
 * adapter that says nothing of it, all plugged in at the same moment; then two that are the same,
 * each unplugged and plugged in elsewhere. The gateway decides alone where it is sure, and where it
 * is not, a person takes what it proposes. A device that says nothing unasked, and whose driver may
 * only ask once a person has chosen it, cannot be recognised and is not counted. Wrong is a device
 * that was taken into use alone as another one, or whose proposal does not have it among those that
 * fit as well. Then the exit code is 1. A pseudo terminal knows no parity: only the speed is tried
 * here.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { driverOf, drivers } from '../drivers/index.ts'
import { linkOf } from '../drivers/link.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { simulated, simulatedIds } from '../gateway/cli/simulated-devices.ts'
import { ask, cookieOf, passphrase } from '../gateway/page/page-testing.ts'
import type { StatusWire } from '../gateway/page/wire.ts'
import type { Told } from './identify-devices.ts'
import { usbSockets, type Adapter, type Socket } from './identify-sockets.ts'

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '64' },
    drivers: { type: 'string', default: '' },
    seconds: { type: 'string', default: '400' },
    twins: { type: 'string', default: 'and-tm265x' },
    keep: { type: 'boolean', default: false },
    words: { type: 'boolean', default: false },
  },
})
const waitMs = Number(values.seconds) * 1_000

/** What most cables are made of. */
const bareAdapters: readonly Adapter[] = [
  { vid: '067b', pid: '2303', product: 'USB-Serial Controller', serialNumber: null },
  { vid: '0403', pid: '6001', product: 'FT232R USB UART', serialNumber: null },
  {
    vid: '10c4',
    pid: 'ea60',
    product: 'CP2102 USB to UART Bridge Controller',
    serialNumber: '0001',
  },
  { vid: '1a86', pid: '7523', product: 'USB Serial', serialNumber: null },
]

interface Plugged {
  readonly driver: string
  readonly socket: Socket
  readonly pluggedMs: number
}

interface Outcome {
  readonly driver: string
  readonly found: string
  readonly also: readonly string[]
  readonly device: string | null
  readonly seconds: number
  readonly isAlone: boolean
}

const folder = mkdtempSync(join(tmpdir(), 'simpul-identify-'))
const sockets = usbSockets(join(folder, 'usb'))
const players = start('identify-devices.ts', [])
let number = 0
let nextSocket = 1

const configPath = join(folder, 'simpul.json')
mkdirSync(join(folder, 'gateway'))
writeFileSync(
  configPath,
  JSON.stringify({
    van: 'van-bench',
    folder: join(folder, 'gateway'),
    identify: { accept: 'sure' },
    imaging: { ports: [] },
    journal: { limitBytes: 1_073_741_824, reserveBytes: 67_108_864 },
    // Nobody listens there: what is recognised has nothing to do with the way to the hospital.
    uplink: { url: 'mqtt://127.0.0.1:9' },
    page: { host: '127.0.0.1', port: 0 },
  }),
)
const gateway = start('identify-gateway.ts', [configPath, sockets.devFolder, sockets.sysFolder])
const { pageUrl, claimCode } = await new Promise<{ pageUrl: string; claimCode: string }>(
  (resolve, reject) => {
    gateway.once('message', (message) => resolve(message as never))
    gateway.once('exit', () => reject(new Error(`the gateway did not start: ${folder}/log`)))
  },
)
const pagePort = Number(new URL(pageUrl).port)
const cookie = cookieOf(
  await ask(pagePort, '/api/claim', { post: { code: claimCode, passphrase, language: 'en' } }),
)

async function status(): Promise<StatusWire> {
  const reply = await ask(pagePort, '/api/status', { cookie })
  if (reply.status !== 200) throw new Error(reply.text)
  return reply.json as StatusWire
}

/** False when the gateway was quicker and has decided alone. */
async function use(path: string, driver: string, as: string | null): Promise<boolean> {
  const reply = await ask(pagePort, '/api/identify', {
    cookie,
    post: { kind: 'use', path, driver, as },
  })
  return reply.status === 200
}

async function plugIn(driver: string, adapter: Adapter): Promise<Plugged> {
  const socket = await sockets.plugIn(nextSocket++, adapter)
  const told: Told = {
    kind: 'play',
    driver,
    number: number++,
    path: socket.devicePath,
    gatewayPath: socket.gatewayPath,
  }
  players.send(told)
  return { driver, socket, pluggedMs: performance.now() }
}

function unplug({ socket }: Plugged): void {
  const told: Told = { kind: 'stop', path: socket.devicePath }
  players.send(told)
  socket.unplug()
}

/** Waits until each is a device, and acts as the person at the page. */
async function recognised(all: readonly Plugged[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<Plugged, Outcome>()
  const beganMs = performance.now()
  const isWaited = (one: Plugged) => {
    const outcome = outcomes.get(one)
    if (outcome === undefined) return driverOf(one.driver)?.asks !== 'only-when-chosen'
    return outcome.device === null && !isWrong(outcome)
  }
  while (all.some(isWaited) && performance.now() - beganMs < waitMs) {
    await sleep(250)
    const { devices, ports } = await status()
    for (const one of all) {
      const seconds = (performance.now() - one.pluggedMs) / 1_000
      const port = ports.find(({ path }) => path === one.socket.path)
      const device = devices.find(({ where }) => where === one.socket.path)
      const before = outcomes.get(one)
      const { driver } = one
      if (before !== undefined) {
        if (device !== undefined) outcomes.set(one, { ...before, device: device.id })
      } else if (device !== undefined) {
        const found = device.driver
        outcomes.set(one, { driver, found, also: [], device: device.id, seconds, isAlone: true })
      } else if (port?.state === 'found') {
        const [found = '', ...also] = port.proposals.map((proposal) => proposal.driver)
        outcomes.set(one, { driver, found, also, device: null, seconds, isAlone: false })
        if (values.words) console.log(port.words.en)
        if (found === driver || also.includes(driver)) {
          const isTaken = await use(port.path, driver, port.knownDevices[0] ?? null)
          if (!isTaken) outcomes.delete(one)
        }
      }
    }
  }
  return all.map(
    (one) =>
      outcomes.get(one) ?? {
        driver: one.driver,
        found: '-',
        also: [],
        device: null,
        seconds: (performance.now() - one.pluggedMs) / 1_000,
        isAlone: false,
      },
  )
}

function start(file: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(folder, 'log'), 'a')
  return fork(join(import.meta.dirname, file), args, { stdio: ['ignore', log, log, 'ipc'] })
}

function isWrong({ driver, found, also }: Outcome): boolean {
  return found !== '-' && found !== driver && !also.includes(driver)
}

/** It says nothing unasked, and may be asked only when a person has chosen it. */
function isChosen({ driver }: Outcome): boolean {
  return driverOf(driver)?.asks === 'only-when-chosen'
}

function print(outcomes: readonly Outcome[]): void {
  for (const one of outcomes) {
    const notFound = isChosen(one) ? 'not asked' : 'not found'
    const how = one.found === '-' ? notFound : one.isAlone ? 'alone' : 'asks'
    const mark = isWrong(one) ? 'WRONG' : ''
    const also = one.also.length === 0 ? '' : ` (or ${one.also.join(', ')})`
    console.log(
      one.driver.padEnd(22) +
        `${one.found}${also}`.padEnd(48) +
        how.padEnd(11) +
        one.seconds.toFixed(1).padStart(7) +
        (one.device === null ? '' : `  ${one.device}`) +
        (mark === '' ? '' : `  ${mark}`),
    )
  }
}

const playable = simulatedIds.filter((id) => {
  const options = { random: seededRandom(1), firstNumber: 0, everyMs: 1_000, deviceClockMs: 0 }
  return simulated(id, options) !== null
})
const wanted = values.drivers === '' ? playable : values.drivers.split(',')
const chosen = wanted.slice(0, Number(values.devices))
const withoutCapture = drivers.filter(
  (driver) => linkOf(driver, 'serial') !== null && !playable.includes(driver.id),
)
let failed = 0

console.log(`${chosen.length} devices, plugged in at once, nothing configured`)
if (withoutCapture.length > 0) {
  console.log(`not played: ${withoutCapture.map(({ id }) => id).join(', ')}`)
}
console.log(
  `\n${'device'.padEnd(22)}${'found'.padEnd(48)}${'how'.padEnd(11)}${'seconds'.padStart(7)}`,
)
const first: Plugged[] = []
for (const [index, driver] of chosen.entries()) {
  const adapter = bareAdapters[index % bareAdapters.length]
  if (adapter !== undefined) first.push(await plugIn(driver, adapter))
}
const outcomes = await recognised(first)
print(outcomes)
const wrong = outcomes.filter(isWrong).length
const missed = outcomes.filter((one) => one.found === '-' && !isChosen(one)).length
const chosenCount = outcomes.filter((one) => one.found === '-' && isChosen(one)).length
failed += wrong
console.log(
  `\n${outcomes.length - wrong - missed - chosenCount} of ${outcomes.length} recognised, ` +
    `${wrong} wrongly, ${missed} not at all, ${chosenCount} that may not be asked; ` +
    `${outcomes.filter(({ isAlone }) => isAlone).length} without a person`,
)
const { mainThread } = await status()
console.log(`the main thread of the gateway was late by at most ${mainThread.lateMaxMs} ms`)

const [twinAdapter] = bareAdapters
if (twinAdapter !== undefined) {
  console.log(`\ntwo of ${values.twins} on equal adapters, each moved to another socket`)
  const twins = [await plugIn(values.twins, twinAdapter), await plugIn(values.twins, twinAdapter)]
  const both = await recognised(twins)
  print(both)
  const names = new Set(both.map(({ device }) => device))
  if (names.size !== 2 || both.some(isWrong)) failed++
  for (const [index, twin] of twins.entries()) {
    unplug(twin)
    const [again] = await recognised([await plugIn(values.twins, twinAdapter)])
    if (again === undefined) continue
    print([again])
    const known = both[index]?.device
    const isKnown = again.device === known
    if (!isKnown) failed++
    console.log(`  ${known} ${isKnown ? 'was known again' : 'WAS NOT KNOWN AGAIN'}`)
  }
}

players.disconnect()
gateway.disconnect()
await Promise.all([players, gateway].map((one) => new Promise((done) => one.once('exit', done))))
sockets.close()
if (failed === 0 && !values.keep) rmSync(folder, { recursive: true, force: true })
else console.log(`see ${folder}/log`)
process.exitCode = failed > 0 ? 1 : 0
