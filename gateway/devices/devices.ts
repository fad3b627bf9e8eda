/**
 * All devices of the van: one session each, the keypad, the registry, and whoever looks at them.
 * What goes wrong with one is never the others' business.
 */
import type { Driver } from '../../drivers/driver.ts'
import type { Filled } from '../../drivers/keypad/photo.ts'
import type { DeviceInfo, Record, Unstamped, Words } from '../../protocols/packet/record.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import type { DeviceConfig } from '../config/schema.ts'
import { deviceTrouble } from '../errors/devices.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { LinesFile } from '../links/lines-file.ts'
import type { World } from '../world.ts'
import { addressOf, linkKindsOf } from './address.ts'
import { dayOf, isOverdue } from './calibration.ts'
import { captureText } from './capture-text.ts'
import type { DeviceStatus } from './device-status.ts'
import { Keypad } from './keypad.ts'
import { KnownResults } from './known-results.ts'
import type { DeviceSink } from './outbox.ts'
import { placeOf } from './place.ts'
import type { RegistryFile } from './registry-file.ts'
import { Registry, type KnownDevice } from './registry.ts'
import { DeviceSession, type Identity, type SessionHears } from './session.ts'
import { stamp } from './stamp.ts'
import type { VanRecords } from './van-records.ts'

export interface DevicesParts {
  readonly world: Pick<World, 'clock' | 'links' | 'log'>
  readonly time: UtcSource
  readonly sink: DeviceSink
  readonly drivers: readonly Driver[]
  readonly devices: readonly DeviceConfig[]
  readonly registryFile: RegistryFile
  /** Which results of the memories of devices are stored; null: that is forgotten at the end. */
  readonly knownFile: LinesFile | null
  readonly van: Pick<VanRecords, 'add'>
}

export interface DeviceListener {
  /** A record, when it was said and before it is stored. Waveforms come as their blocks. */
  record?(device: string, record: Record): void
  /** Something else than a count is different in the status of the device. */
  changed?(device: string): void
}

/** How often it is looked whether a calibration is overdue. */
const calibrationEveryMs = 600_000

export class Devices {
  readonly #parts: DevicesParts
  readonly #registry: Registry
  readonly #known: KnownResults
  /** In the order of the page: as configured, then as they were recognised. */
  #configs: readonly DeviceConfig[] = []
  readonly #sessions = new Map<string, DeviceSession>()
  readonly #keypads = new Map<string, Keypad>()
  readonly #unusable = new Map<string, DeviceStatus>()
  readonly #listeners = new Set<DeviceListener>()
  #cancelCalibration: (() => void) | null = null

  /** Reads the registry and prepares a session for each device; nothing is opened yet. */
  static async open(parts: DevicesParts): Promise<Devices> {
    const says = (info: Unstamped<DeviceInfo>): void => {
      const atMs = parts.world.clock.monotonicMs()
      parts.van.add({
        ...info,
        ...stamp(parts.time, atMs, { source: 'device', simulated: false }),
      })
    }
    const registry = await Registry.open({ file: parts.registryFile, log: parts.world.log, says })
    const known = await KnownResults.open(parts.knownFile, parts.world.log)
    return new Devices(parts, registry, known)
  }

  private constructor(parts: DevicesParts, registry: Registry, known: KnownResults) {
    this.#parts = parts
    this.#registry = registry
    this.#known = known
    for (const device of parts.devices) this.#prepare(device, null)
  }

  start(): void {
    for (const session of this.#sessions.values()) session.start()
    this.#watchCalibration()
  }

  /** Resolves when all ports are closed and everything that could be stored is. */
  async stop(): Promise<void> {
    this.#cancelCalibration?.()
    await Promise.all([...this.#sessions.values()].map((session) => session.stop()))
    await Promise.all([...this.#keypads.values()].map((keypad) => keypad.stop()))
    await this.#registry.saved()
    await this.#known.saved()
  }

  /**
   * One more device, opened at once. `driver` replaces the one of this name, such as one whose
   * first session begins with what was heard already.
   */
  add(config: DeviceConfig, driver: Driver | null = null): void {
    this.#prepare(config, driver)
    this.#sessions.get(config.id)?.start()
    this.#tellChanged(config.id)
  }

  /** Resolves when its port is closed and everything that could be stored is. */
  async remove(device: string): Promise<void> {
    const session = this.#sessions.get(device)
    this.#configs = this.#configs.filter(({ id }) => id !== device)
    this.#sessions.delete(device)
    this.#unusable.delete(device)
    await session?.stop()
    this.#tellChanged(device)
  }

  /** In the order of the page. */
  configs(): readonly DeviceConfig[] {
    return this.#configs
  }

  /** An event of a device, not said by itself. */
  event(device: string, code: string, detail: Words): void {
    this.#sessions.get(device)?.event(code, 'warning', { detail })
  }

  /** In the order of the configuration. */
  statuses(): readonly DeviceStatus[] {
    return this.#configs.flatMap(({ id }) => {
      const status =
        this.#sessions.get(id)?.status() ??
        this.#keypads.get(id)?.status() ??
        this.#unusable.get(id)
      return status === undefined ? [] : [status]
    })
  }

  /** What is known of a device; null when there is none of this name. */
  known(device: string): KnownDevice | null {
    return this.#registry.known(device)
  }

  /** Tells what happens, until the function that is returned is called. */
  listen(listener: DeviceListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The last minute on a device's wire as a `.cap` text; null when there is nothing. */
  capture(device: string): string | null {
    const session = this.#sessions.get(device)
    const pieces = session?.recorded() ?? []
    const [first] = pieces
    if (session === undefined || first === undefined) return null
    const { driver, where } = session.status()
    const utc = this.#parts.time.utcOf(first.atMs)
    const beganUtc = utc === null ? null : new Date(utc.utcMs).toISOString()
    return captureText({ device, driver, where, beganUtc }, pieces)
  }

  /**
   * Stores what a person typed and resolves with the records after their commit. Rejects with a
   * `Trouble` when the form is refused or nothing could be stored. `device` defaults to the first
   * keypad of the van.
   */
  async typed(filled: Filled, device?: string): Promise<readonly Record[]> {
    const [first] = this.#keypads.keys()
    const keypad = this.#keypads.get(device ?? first ?? '')
    if (keypad === undefined) throw deviceTrouble('device-unknown', { device: device ?? 'keypad' })
    return await keypad.typed(filled)
  }

  /** Opens at once what is looked for on USB. */
  usbAppeared(): void {
    for (const { id, link } of this.#configs) {
      if (link.kind === 'hid' || link.kind === 'usb') this.#sessions.get(id)?.tryNow()
    }
  }

  /** Opens at once what is plugged in at one of these ports. */
  portsAppeared(paths: readonly string[]): void {
    for (const device of this.#configs) {
      if (device.link.kind !== 'serial' || !paths.includes(device.link.path)) continue
      this.#sessions.get(device.id)?.tryNow()
    }
  }

  #prepare(config: DeviceConfig, special: Driver | null): void {
    const { id, link, simulated } = config
    this.#configs = [...this.#configs, config]
    const driver = special ?? this.#parts.drivers.find((one) => one.id === config.driver)
    if (driver === undefined) {
      this.#cannotUse(
        config,
        deviceTrouble('driver-unknown', { driver: config.driver, device: id }),
      )
      return
    }
    const address = addressOf(link, driver)
    if (!linkKindsOf(driver).includes(link.kind)) {
      this.#cannotUse(
        config,
        deviceTrouble('driver-not-for-link', { driver: config.driver, device: id }),
      )
      return
    }
    this.#registry.plugged({
      id,
      driver: driver.id,
      label: driver.label,
      pluggedAt: address === null ? 'keypad' : placeOf(address),
      serialNumber: config.serialNumber ?? null,
      calibrationDue: config.calibrationDue ?? null,
    })
    const { world, time, sink } = this.#parts
    const parts = { world, time, sink, known: this.#known, hears: this.#hears() }
    if (address === null) this.#keypads.set(id, new Keypad({ id, driver, simulated }, parts))
    else this.#sessions.set(id, new DeviceSession({ id, driver, address, simulated }, parts))
  }

  #hears(): SessionHears {
    return {
      record: (device, record) => {
        for (const listener of this.#listeners) listener.record?.(device, record)
      },
      changed: (device) => this.#tellChanged(device),
      identified: (device, identity) => this.#identified(device, identity),
    }
  }

  #tellChanged(device: string): void {
    for (const listener of this.#listeners) listener.changed?.(device)
  }

  #identified(device: string, identity: Identity): void {
    const expected = this.#registry.known(device)?.serialNumber ?? null
    this.#registry.identified(device, identity)
    const found = identity.serialNumber
    if (expected === null || found === null || expected === found) return
    // Another device of the same model: its readings are right, but its calibration is not known.
    this.#sessions.get(device)?.event('serial-number-differs', 'warning', {
      detail: { expected, found },
    })
  }

  #watchCalibration(): void {
    const { clock } = this.#parts.world
    const utc = this.#parts.time.utcOf(clock.monotonicMs())
    if (utc !== null) this.#tellOverdue(dayOf(utc.utcMs))
    this.#cancelCalibration = clock.after('look for overdue calibration', calibrationEveryMs, () =>
      this.#watchCalibration(),
    )
  }

  #tellOverdue(day: string): void {
    for (const [id, session] of this.#sessions) {
      const known = this.#registry.known(id)
      const due = known?.calibrationDue ?? null
      if (due === null || !isOverdue(due, day) || known?.calibrationToldOn === day) continue
      session.event('calibration-overdue', 'warning', { detail: { due } })
      this.#registry.calibrationTold(id, day)
    }
  }

  #cannotUse(config: DeviceConfig, trouble: Trouble): void {
    this.#parts.world.log.error('device cannot be used', {
      device: config.id,
      ...trouble.logFields(),
    })
    this.#unusable.set(config.id, {
      ...offStatus,
      id: config.id,
      driver: config.driver,
      label: config.driver,
      simulated: config.simulated,
      trouble,
    })
  }
}

const offStatus = {
  where: '',
  over: null,
  line: null,
  state: 'off',
  link: 'closed',
  hearing: 'nothing',
  bytesIn: 0,
  bytesOut: 0,
  packets: 0,
  noiseCount: 0,
  noiseBytes: 0,
  lastNoise: null,
  lastHeardMs: null,
  silentAfterMs: null,
  retries: 0,
  driverFailures: 0,
  recordsWaiting: 0,
  recordsLost: 0,
  storeTrouble: null,
} as const
