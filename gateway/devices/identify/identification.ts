/**
 * Finds out what is plugged in where no device is known to be: one search for each such port, a
 * proposal, and a device when somebody says so. It remembers what was recognised, so that it is
 * known again elsewhere.
 */
import type { Driver } from '../../../drivers/driver.ts'
import { linkOf } from '../../../drivers/link.ts'
import type { Clock } from '../../../protocols/world/clock.ts'
import type { Config, DeviceConfig } from '../../config/schema.ts'
import { deviceTrouble } from '../../errors/devices.ts'
import { identifyTrouble } from '../../errors/identify.ts'
import type { PortInfo } from '../../links/ports.ts'
import type { Log } from '../../world.ts'
import type { Devices } from '../devices.ts'
import { pathOf, type Adopted, type AdoptedDevice, type Physical } from './adopted.ts'
import { continuing } from './continuing.ts'
import type { HandoverLinks } from './handover.ts'
import type { Asking } from './plan.ts'
import { sameLine } from './prior.ts'
import { recognise, steadyPath, type Recognised } from './recognise.ts'
import { Search, type HeardPiece, type SearchState, type Taken } from './search.ts'
import type { Sight } from './sight.ts'

export interface IdentificationParts {
  readonly clock: Clock
  readonly log: Log
  readonly links: HandoverLinks
  readonly drivers: readonly Driver[]
  readonly config: Config['identify']
  readonly devices: Pick<Devices, 'add' | 'remove' | 'configs' | 'known' | 'event'>
  readonly adopted: Adopted
  /** What it would say about itself is different. */
  readonly changed: () => void
}

/** One port on which something is searched for. */
export interface SearchedPort {
  readonly path: string
  /** As the adapter calls itself; null when it does not. */
  readonly product: string | null
  readonly state: SearchState
  readonly sight: Sight
  /** How often all settings were listened to, and how many there are. */
  readonly rounds: number
  readonly settings: number
  readonly searchedMs: number
  /** Which of the known devices it seems to be. */
  readonly recognised: Recognised
}

interface Searched {
  readonly port: PortInfo
  readonly search: Search
  readonly beganMs: ReturnType<Clock['monotonicMs']>
}

/** A hub full of adapters; beyond, the rest waits. */
const searchesMax = 64
const namesMax = 99
/** Of how many missing devices a new port is listened to first. */
const firstMax = 4

export class Identification {
  readonly #parts: IdentificationParts
  readonly #searched = new Map<string, Searched>()
  /** Ports that are on their way from a search to a device. */
  readonly #adopting = new Set<string>()
  #ports: readonly PortInfo[] = []
  /** Ends of searches and adoptions that are under way. */
  #working: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(parts: IdentificationParts) {
    this.#parts = parts
  }

  /** All ports that there are now. */
  portsSeen(ports: readonly PortInfo[]): void {
    const appeared = ports.filter((port) => !this.#ports.some(({ node }) => node === port.node))
    this.#ports = ports
    this.#work(async () => {
      await this.#separateTwins()
      for (const port of appeared) this.#noticeExchange(port)
      await this.#searchWhereFree()
    })
  }

  /** Resolves when all ports are closed. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#working
    await Promise.all([...this.#searched.values()].map(({ search }) => search.stop()))
    this.#searched.clear()
  }

  /** In the order of the paths. */
  searched(): readonly SearchedPort[] {
    const nowMs = this.#parts.clock.monotonicMs()
    return [...this.#searched.values()]
      .map(({ port, search, beganMs }) => {
        const { state } = search
        return {
          path: steadyPath(port),
          product: port.usb?.product ?? null,
          state,
          sight: search.sight(),
          rounds: search.rounds,
          settings: search.settings,
          searchedMs: nowMs - beganMs,
          recognised: this.#recognise(port, state),
        }
      })
      .sort((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }))
  }

  /** What went over the wire lately; null when nothing is searched for there. */
  recorded(path: string): readonly HeardPiece[] | null {
    return this.#searched.get(path)?.search.recorded() ?? null
  }

  /**
   * Takes what is plugged in at a port into use: as a new device, or as one that was plugged in
   * elsewhere. Resolves with its name when that is on the disk. Rejects with a `Trouble`.
   */
  async use(path: string, driverId: string, as: string | null): Promise<string> {
    const searched = this.#searched.get(path)
    if (searched === undefined || this.#adopting.has(path)) {
      throw identifyTrouble('identify-port-gone', { path })
    }
    const driver = this.#parts.drivers.find(({ id }) => id === driverId)
    const device = as ?? 'new'
    if (driver === undefined) throw deviceTrouble('driver-unknown', { driver: driverId, device })
    const before = as === null ? null : (this.#adoptedDevice(as) ?? null)
    if (as !== null && before === null) throw deviceTrouble('device-unknown', { device })
    this.#adopting.add(path)
    try {
      return await this.#adopt(searched, driver, before?.device ?? null)
    } finally {
      this.#adopting.delete(path)
      this.#work(() => this.#searchWhereFree())
    }
  }

  /** It is none of those that were found at this port: the search goes on. */
  reject(path: string): void {
    const searched = this.#searched.get(path)
    if (searched === undefined) throw identifyTrouble('identify-port-gone', { path })
    searched.search.reject()
  }

  /** Takes a recognised device out of use; its port is searched again. */
  async forget(device: string): Promise<void> {
    if (this.#adoptedDevice(device) === undefined) {
      throw identifyTrouble('identify-not-adopted', { device })
    }
    await this.#parts.adopted.remove(device)
    await this.#parts.devices.remove(device)
    this.#work(() => this.#searchWhereFree())
  }

  isAdopted(device: string): boolean {
    return this.#adoptedDevice(device) !== undefined
  }

  async #adopt(searched: Searched, driver: Driver, before: DeviceConfig | null): Promise<string> {
    const { adopted, devices, log } = this.#parts
    const made = this.#adoptedAt(searched, driver, before)
    const { id } = made.device
    // Written down first: a device that is gone after a restart was never taken into use.
    await adopted.put(made).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw identifyTrouble('identify-not-saved', { device: id, why }, error)
    })
    const path = steadyPath(searched.port)
    if (before !== null) await devices.remove(id)
    this.#begin(made.device, driver, await searched.search.take(driver))
    this.#searched.delete(path)
    log.info('device taken into use', { device: id, driver: driver.id, link: path })
    if (before !== null) {
      devices.event(id, 'device-moved', { from: pathOf(before) ?? '', to: path })
    }
    return id
  }

  #begin(device: DeviceConfig, driver: Driver, taken: Taken | null): void {
    const { clock, devices, links } = this.#parts
    const path = pathOf(device)
    if (taken === null || path === null) {
      devices.add(device)
      return
    }
    const { lostBytes } = taken.transcript
    const { driver: first, begun } = continuing(driver, taken, clock)
    links.offer({ path, line: taken.line, held: taken.held, begun })
    devices.add(device, first)
    if (lostBytes > 0) devices.event(device.id, 'bytes-lost', { bytes: String(lostBytes) })
  }

  #adoptedAt({ port, search }: Searched, driver: Driver, before: DeviceConfig | null) {
    const { state } = search
    const factory = linkOf(driver, 'serial')?.lines[0]
    const isFoundHere = state.kind === 'found' && isAmong(driver, state)
    const line = isFoundHere ? state.line : factory
    const device: DeviceConfig = {
      ...(before ?? { id: this.#freeName(driver.id), driver: driver.id }),
      link: { kind: 'serial', path: steadyPath(port), ...(line === undefined ? {} : { line }) },
      simulated: port.pseudo,
    }
    return { device, physical: physicalOf(port) }
  }

  #freeName(driver: string): string {
    const taken = new Set([
      ...this.#parts.devices.configs().map(({ id }) => id),
      ...this.#parts.adopted.devices.map(({ device }) => device.id),
    ])
    const stem = driver.slice(0, 28).replace(/-+$/, '')
    for (let number = 1; number <= namesMax; number++) {
      if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`
    }
    throw new RangeError(`more than ${namesMax} devices of driver ${driver}`)
  }

  async #searchWhereFree(): Promise<void> {
    if (this.#isStopped) return
    const free = this.#ports.filter(
      (port) => this.#isFree(port) && !this.#adopting.has(steadyPath(port)),
    )
    for (const [path, { port, search }] of this.#searched) {
      const isThere = free.some((one) => one.node === port.node && steadyPath(one) === path)
      if (isThere || this.#adopting.has(path)) continue
      this.#searched.delete(path)
      await search.stop()
    }
    for (const port of free.slice(0, searchesMax)) {
      const path = steadyPath(port)
      if (!this.#searched.has(path)) this.#search(port, path)
    }
    this.#parts.changed()
  }

  #search(port: PortInfo, path: string): void {
    const { clock, drivers, links } = this.#parts
    const search = new Search({
      clock,
      links,
      path,
      usb: port.usb,
      drivers,
      first: this.#missingAskings(),
      changed: () => {
        this.#parts.changed()
        this.#decide(path)
      },
    })
    const beganMs = clock.monotonicMs()
    this.#searched.set(path, { port, search, beganMs })
    search.start()
  }

  /** Where nobody need be asked. */
  #decide(path: string): void {
    const searched = this.#searched.get(path)
    if (searched === undefined || this.#adopting.has(path) || this.#isStopped) return
    const { state } = searched.search
    if (state.kind !== 'found') return
    const recognised = this.#recognise(searched.port, state)
    const isCertain = recognised.kind === 'known' && recognised.isCertain
    // Which of several twins it is, only a person can say.
    const isSure =
      this.#parts.config.accept === 'sure' && state.found.isSure && recognised.kind !== 'one-of'
    // Whoever said its own number was taken into use once, and is it still.
    if (!isCertain && !isSure) return
    const as = recognised.kind === 'known' ? recognised.device : null
    this.use(path, state.found.best.driver.id, as).catch((err: unknown) => {
      this.#parts.log.error('a device was not taken into use', { link: path, err })
    })
  }

  /** USB ports, and what is named; the rest may be the console of the box. */
  #isFree(port: PortInfo): boolean {
    const names = namesOf(port)
    const { config, devices } = this.#parts
    if (config.ignore.some((path) => names.includes(path))) return false
    if (port.usb === null && !config.ports.some((path) => names.includes(path))) return false
    const claimed = devices.configs().flatMap((device) => pathOf(device) ?? [])
    return !this.#ports.some(
      (one) => one.node === port.node && namesOf(one).some((name) => claimed.includes(name)),
    )
  }

  #recognise(port: PortInfo, state: SearchState): Recognised {
    if (state.kind !== 'found') return { kind: 'new' }
    const { driver, identity } = state.found.best
    return recognise({
      driver: driver.id,
      usb: port.usb,
      saidSerialNumber: identity?.serialNumber ?? null,
      missing: this.#missing().map(({ device, physical }) => ({
        device: device.id,
        driver: device.driver,
        usb: physical.usb,
        serialNumber: this.#parts.devices.known(device.id)?.serialNumber ?? null,
      })),
    })
  }

  /** Recognised devices whose port is not there. */
  #missing(): readonly AdoptedDevice[] {
    const there = new Set(this.#ports.flatMap(namesOf))
    return this.#parts.adopted.devices.filter(({ device }) => !there.has(pathOf(device) ?? ''))
  }

  /** Where a search may begin: twins count once, and a shelf full of devices is not waited for. */
  #missingAskings(): readonly Asking[] {
    const askings: Asking[] = []
    for (const { device } of this.#missing()) {
      const driver = this.#parts.drivers.find(({ id }) => id === device.driver)
      const line = device.link.kind === 'serial' ? device.link.line : undefined
      if (driver === undefined || line === undefined) continue
      if (askings.some((one) => one.driver === driver && sameLine(one.line, line))) continue
      askings.push({ driver, line })
    }
    return askings.slice(0, firstMax)
  }

  #adoptedDevice(id: string): AdoptedDevice | undefined {
    return this.#parts.adopted.devices.find(({ device }) => device.id === id)
  }

  /**
   * A second adapter that calls itself the same takes the name of the first away: the first is
   * known by its socket from then on.
   */
  async #separateTwins(): Promise<void> {
    const there = new Set(this.#ports.flatMap(namesOf))
    for (const { device, physical } of this.#parts.adopted.devices) {
      const { socketPath, usb } = physical
      const isLost = !there.has(pathOf(device) ?? '') && socketPath !== null && usb !== null
      if (!isLost || !there.has(socketPath) || device.link.kind !== 'serial') continue
      if (this.#ports.filter((port) => isSameAdapter(port, usb)).length < 2) continue
      const moved = { ...device, link: { ...device.link, path: socketPath } }
      await this.#parts.adopted.put({ device: moved, physical })
      await this.#parts.devices.remove(device.id)
      this.#parts.devices.add(moved)
    }
  }

  /** Another adapter in the socket of a known device. */
  #noticeExchange(port: PortInfo): void {
    for (const { device, physical } of this.#parts.adopted.devices) {
      if (!namesOf(port).includes(pathOf(device) ?? '') || physical.usb === null) continue
      if (port.usb === null || isSameAdapter(port, physical.usb)) continue
      this.#parts.devices.event(device.id, 'adapter-differs', {
        expected: `${physical.usb.vid}:${physical.usb.pid}`,
        found: `${port.usb.vid}:${port.usb.pid}`,
      })
    }
  }

  /** One after the other, so that no port is given away twice. */
  #work(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((err: unknown) => {
      this.#parts.log.error('a device was not taken into use', { err })
    })
  }
}

function isAmong(driver: Driver, state: Extract<SearchState, { kind: 'found' }>): boolean {
  const { best, alternatives } = state.found
  return [best, ...alternatives].some((one) => one.driver === driver)
}

function isSameAdapter(port: PortInfo, usb: NonNullable<Physical['usb']>): boolean {
  return (
    port.usb?.vid === usb.vid &&
    port.usb.pid === usb.pid &&
    port.usb.serialNumber === usb.serialNumber
  )
}

function namesOf({ path, stablePath, socketPath }: PortInfo): readonly string[] {
  return socketPath === null ? [path, stablePath] : [path, stablePath, socketPath]
}

function physicalOf({ usb, socketPath }: PortInfo): Physical {
  return {
    usb: usb === null ? null : { vid: usb.vid, pid: usb.pid, serialNumber: usb.serialNumber },
    socketPath,
  }
}
