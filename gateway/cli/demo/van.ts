/** A whole van and its hospital on one machine: lines, broker, landing, gateway and devices. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { demoSenders } from './images.ts'
import { simpulPath, start, type Running } from './processes.ts'
import { startTtyPair, type TtyPair } from './ttys.ts'

/** Parts that may be killed and started again while the van runs. */
export const partNames = ['broker', 'landing', 'gateway'] as const
export type PartName = (typeof partNames)[number]

/** A serial device, with a simulator. */
export interface VanDevice {
  readonly id: string
  readonly driver: string
  /** From one result to the next. */
  readonly everyMs: number
  /** No result comes twice, so that one that was stored twice is seen. */
  readonly distinct: boolean
}

export const demoDevices: readonly VanDevice[] = [
  { id: 'bp-1', driver: 'and-tm265x', everyMs: 6_000, distinct: true },
  { id: 'scale-1', driver: 'st-gs-scale', everyMs: 4_000, distinct: true },
  { id: 'monitor-1', driver: 'berrymed-pm6750', everyMs: 45_000, distinct: false },
]

export const demoVan = 'van-demo'

export interface VanOptions {
  /** Emptied first. */
  readonly folder: string
  readonly seed: number
  /** Put before the gateway's own command, for example to trace it. */
  readonly gatewayPrefix?: readonly string[]
  /** 0 takes a free one. */
  readonly pagePort: number
  /** Those of the demo, unless others are named. */
  readonly devices?: readonly VanDevice[]
}

export interface Van {
  readonly folder: string
  readonly gatewayFolder: string
  readonly landingFolder: string
  readonly brokerUrl: string
  readonly dicomPort: number
  readonly pageUrl: string
  /** The serial devices, each with a ledger of what it said. */
  readonly devices: readonly string[]
  ledgerPath(device: string): string
  /** The end of its line that the device holds. */
  devicePath(device: string): string
  part(name: PartName): Running
  /** Starts a part that has ended. */
  restart(name: PartName): void
  /** All, or only some: the lines of the others are free for whoever plays them. */
  startDevices(which?: readonly string[]): void
  /** Resolves when the simulators have ended and written their ledgers. */
  stopDevices(): Promise<void>
  stopPart(name: PartName): Promise<void>
  /** Ends everything that it started, in the order in which data flows. */
  stop(): Promise<void>
}

export async function startVan(options: VanOptions): Promise<Van> {
  const { folder } = options
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const devices = options.devices ?? demoDevices
  const [brokerPort, dicomPort, freePagePort] = await threeFreePorts()
  const pagePort = options.pagePort === 0 ? freePagePort : options.pagePort
  const brokerUrl = `mqtt://127.0.0.1:${brokerPort}`
  const gatewayFolder = join(folder, 'gateway')
  const landingFolder = join(folder, 'landing')
  const ttys = new Map<string, TtyPair>()
  for (const device of devices) ttys.set(device.id, await startTtyPair(folder, device.id))

  const configPath = join(folder, 'simpul.json')
  const config = {
    van: demoVan,
    folder: gatewayFolder,
    devices: devices.map(({ id, driver }) => ({
      id,
      driver,
      simulated: true,
      link: { kind: 'serial', path: ttys.get(id)?.gatewayPath },
    })),
    imaging: { ports: [dicomPort], host: '127.0.0.1', senders: demoSenders },
    // A demo may run on a nearly full laptop.
    journal: { limitBytes: 1_073_741_824, reserveBytes: 67_108_864 },
    uplink: { url: brokerUrl },
    page: { host: '127.0.0.1', port: pagePort },
  }
  writeFileSync(configPath, `${JSON.stringify(config, null, 2)}\n`)

  const launch = (name: string, args: readonly string[], prefix: readonly string[] = []) => {
    const [command = simpulPath, ...rest] = [...prefix, simpulPath, ...args]
    return start({ name, command, args: rest, logPath: join(folder, `${name}.log`) })
  }
  const launchPart: { readonly [Name in PartName]: () => Running } = {
    broker: () => launch('broker', ['broker', '--port', String(brokerPort)]),
    landing: () =>
      launch('landing', [
        'landing',
        `--broker=${brokerUrl}`,
        `--folder=${landingFolder}`,
        '--trust-on-first-use',
      ]),
    gateway: () => launch('gateway', ['run', configPath], options.gatewayPrefix),
  }
  const parts = new Map<PartName, Running>()
  for (const name of partNames) parts.set(name, launchPart[name]())
  let simulators: readonly Running[] = []

  const partOf = (name: PartName): Running => {
    const part = parts.get(name)
    if (part === undefined) throw new Error(`${name} was never started`)
    return part
  }
  const devicePath = (device: string) => ttys.get(device)?.devicePath ?? ''
  const ledgerPath = (device: string) => join(folder, `ledger-${device}.jsonl`)
  const stopDevices = async () => {
    await Promise.all(simulators.map((one) => one.stop()))
    simulators = []
  }

  return {
    folder,
    gatewayFolder,
    landingFolder,
    brokerUrl,
    dicomPort,
    pageUrl: `http://127.0.0.1:${pagePort}/`,
    devices: devices.map((one) => one.id),
    ledgerPath,
    devicePath,
    part: partOf,
    restart(name) {
      if (partOf(name).alive) throw new Error(`${name} still runs`)
      parts.set(name, launchPart[name]())
    },
    startDevices(which) {
      const played = devices.filter(({ id }) => which?.includes(id) ?? true)
      simulators = played.map(({ id, driver, everyMs }, index) =>
        launch(`device-${id}`, [
          'simulate',
          driver,
          `--port=${devicePath(id)}`,
          `--seed=${options.seed + index}`,
          `--every=${everyMs}`,
          `--ledger=${ledgerPath(id)}`,
        ]),
      )
    },
    stopDevices,
    stopPart: (name) => partOf(name).stop(),
    async stop() {
      await stopDevices()
      for (const name of ['gateway', 'landing', 'broker'] as const) await partOf(name).stop()
      for (const tty of ttys.values()) await tty.process.stop()
    },
  }
}

/** Free a moment ago; all are asked for at once, so that none is given twice. */
async function threeFreePorts(): Promise<readonly [number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: 3 }, () => {
      const server = createServer()
      return new Promise<typeof server>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(server))
      })
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => void server.close(done))))
  return [ports[0] ?? 0, ports[1] ?? 0, ports[2] ?? 0]
}
