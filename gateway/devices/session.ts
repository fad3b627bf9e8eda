/**
 * One device of the van: its driver on its link, for as long as the gateway runs. Opens, listens,
 * opens again; what the driver says becomes records. Whatever goes wrong here stays here, so that
 * the other devices never notice.
 */
import type { Driver, Said } from '../../drivers/driver.ts'
import type { EventLevel, Record, Words } from '../../protocols/packet/record.ts'
import { elapsedMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { LinkAddress, Log, World } from '../world.ts'
import { waitAfter } from './backoff.ts'
import { Calls } from './calls.ts'
import { Counts } from './counts.ts'
import { DeviceRecords } from './device-records.ts'
import type { DeviceState, DeviceStatus } from './device-status.ts'
import { FlightRecorder, type RecordedPiece } from './flight-recorder.ts'
import type { KnownResults } from './known-results.ts'
import { Opening, type Ending, type OpeningHears, type OpeningParts } from './opening.ts'
import type { DeviceSink } from './outbox.ts'
import { placeOf } from './place.ts'
import { reachOf, type Reach } from './reach.ts'

export interface PluggedDevice {
  readonly id: string
  readonly driver: Driver
  readonly address: LinkAddress
  readonly simulated: boolean
}

export type Identity = Extract<Said, { kind: 'identity' }>

export interface SessionHears {
  /** A record, before it is stored. */
  record(device: string, record: Record): void
  /** Something else than a count is different in its status. */
  changed(device: string): void
  identified(device: string, identity: Identity): void
}

export interface SessionParts {
  readonly world: Pick<World, 'clock' | 'links' | 'log'>
  readonly time: UtcSource
  readonly sink: DeviceSink
  readonly known: KnownResults
  readonly hears: SessionHears
}

/** A driver that ran so long before its mistake is not one that fails at once, again and again. */
const soundAfterMs = 60_000

export class DeviceSession {
  readonly #device: PluggedDevice
  readonly #reach: Reach
  readonly #parts: SessionParts
  readonly #log: Log
  readonly #records: DeviceRecords
  readonly #recorder = new FlightRecorder()
  readonly #counts: Counts
  #opening: Opening | Calls | null = null
  #link: DeviceStatus['link'] = 'closed'
  #running: Promise<void> | null = null
  #stopped = false
  /** Endings in a row without a packet; silences and mistakes of the driver apart. */
  #failures = 0
  /** Silences in a row. */
  #silences = 0
  #retries = 0
  #driverFailures = 0
  /** Mistakes of the driver in a row. */
  #driverStreak = 0
  #trouble: Trouble | null = null
  #connected = false
  #overflowTold = false
  #endRest: (() => void) | null = null

  /** Throws when the driver cannot be reached at the address. */
  constructor(device: PluggedDevice, parts: SessionParts) {
    const reach = reachOf(device.driver, device.address)
    if (reach === null) throw new RangeError(`${device.driver.id} is not reached there`)
    this.#device = device
    this.#reach = reach
    this.#parts = parts
    this.#log = parts.world.log.child({ device: device.id, driver: device.driver.id })
    this.#counts = new Counts(device.driver.silentAfterMs)
    this.#records = new DeviceRecords({
      device: device.id,
      simulated: device.simulated,
      clock: parts.world.clock,
      log: this.#log,
      time: parts.time,
      sink: parts.sink,
      known: parts.known,
      heard: (record) => parts.hears.record(device.id, record),
      changed: () => parts.hears.changed(device.id),
    })
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when the port is closed and everything that could be stored is. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#opening?.end({ why: 'stopped', trouble: null })
    this.#endRest?.()
    await this.#running
    await this.#records.stop()
    this.#parts.hears.changed(this.#device.id)
  }

  /** Opens at once instead of after the rest of the back-off: its port has just appeared. */
  tryNow(): void {
    this.#failures = 0
    this.#endRest?.()
  }

  event(
    code: string,
    level: EventLevel,
    options: { readonly atMs?: MonotonicMs; readonly detail?: Words } = {},
  ): void {
    const atMs = options.atMs ?? this.#parts.world.clock.monotonicMs()
    this.#records.event(code, level, atMs, options.detail ?? {})
  }

  /** The last minute on its wire. */
  recorded(): readonly RecordedPiece[] {
    return this.#recorder.pieces(this.#parts.world.clock.monotonicMs())
  }

  status(): DeviceStatus {
    const { id, driver, address, simulated } = this.#device
    const stored = this.#records.status()
    const hearing = this.#counts.hearing(this.#parts.world.clock.monotonicMs())
    return {
      id,
      driver: driver.id,
      label: driver.label,
      where: placeOf(address),
      over: this.#reach.over,
      line: 'line' in address ? address.line : null,
      simulated,
      state: this.#state(hearing === 'packets' || hearing === 'broken'),
      link: this.#link,
      hearing,
      ...this.#counts.view(),
      silentAfterMs: driver.silentAfterMs,
      retries: this.#retries,
      driverFailures: this.#driverFailures,
      trouble: this.#trouble,
      recordsWaiting: stored.waiting,
      recordsLost: stored.lost,
      storeTrouble: stored.trouble,
    }
  }

  #state(understood: boolean): DeviceState {
    if (this.#running === null || this.#stopped) return 'off'
    if (this.#link === 'closed') return 'troubled'
    if (this.#silences > 0) return 'silent'
    if (this.#link === 'opening') return 'opening'
    return understood ? 'talking' : 'waiting'
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      this.#counts.openedAnew()
      this.#overflowTold = false
      this.#setLink('opening')
      this.#opening = this.#makeOpening()
      const beganMs = this.#parts.world.clock.monotonicMs()
      const ending = await this.#opening.run()
      this.#opening = null
      const lastedMs = elapsedMs(beganMs, this.#parts.world.clock.monotonicMs())
      this.#afterEnding(ending, lastedMs)
      // A silent device is not left alone with a closed port: our patience grows instead.
      if (ending.why === 'silent') continue
      this.#setLink('closed')
      if (!this.#isStopped()) await this.#rest()
    }
  }

  #makeOpening(): Opening | Calls {
    const { id, address } = this.#device
    const reach = this.#reach
    const { links } = this.#parts.world
    const opened = (): void => {
      if (this.#silences === 0) this.#trouble = null
      this.#setLink('open')
    }
    if (address.kind === 'tcp-server' && reach.isShared) {
      return new Calls({
        device: id,
        world: this.#parts.world,
        port: address.port,
        reach,
        opened,
        call: () => this.#openingParts(() => {}),
        ended: (ending, lastedMs) => this.#callEnded(ending, lastedMs),
        deserted: () => this.#deserted(),
      })
    }
    return new Opening({
      ...this.#openingParts(opened),
      open: (splits, hears) => links.open(address, splits, hears),
    })
  }

  #openingParts(opened: () => void): Omit<OpeningParts, 'open'> {
    const { id, driver } = this.#device
    return {
      device: id,
      driver,
      reach: this.#reach,
      endsWithSession: this.#reach.isShared,
      world: this.#parts.world,
      run: this.#records.newRun(),
      patienceMs: () => this.#patienceMs(),
      hears: this.#openingHears(opened),
    }
  }

  #isStopped(): boolean {
    return this.#stopped
  }

  /** After each silence the next one may last longer before the port is opened anew. */
  #patienceMs(): number {
    return (this.#device.driver.silentAfterMs ?? 0) + waitAfter(this.#silences)
  }

  async #rest(): Promise<void> {
    const { clock } = this.#parts.world
    const name = `${this.#device.id}: opening again`
    const failures = Math.max(this.#failures, this.#driverStreak)
    await new Promise<void>((resolve) => {
      const cancel = clock.after(name, waitAfter(failures), resolve)
      this.#endRest = () => {
        cancel()
        resolve()
      }
    })
    this.#endRest = null
  }

  #afterEnding({ why, trouble }: Ending, lastedMs: number): void {
    if (why === 'stopped') return
    const isNew = this.#trouble?.code !== trouble?.code
    this.#trouble = trouble
    this.#retries++
    if (why === 'driver') {
      this.#driverFailed(trouble, lastedMs)
      return
    }
    this.#driverStreak = 0
    if (why === 'silent') this.#silences++
    else this.#failures++
    if (isNew) this.#log.warn('device lost or not found', { ...trouble?.logFields() })
    this.#disconnected(trouble?.code ?? 'link-closed')
  }

  #disconnected(reason: string): void {
    if (!this.#connected) return
    this.#connected = false
    this.event('disconnected', 'warning', { detail: { reason } })
  }

  /** One of several connections: the port stays open, and devices may hang up as they like. */
  #callEnded({ why, trouble }: Ending, lastedMs: number): void {
    if (why === 'driver') this.#driverFailed(trouble, lastedMs)
    else this.#driverStreak = 0
  }

  /** Nobody has been connected for a while, and perhaps nobody will be. */
  #deserted(): void {
    this.#counts.openedAnew()
    this.#disconnected('link-closed')
    this.#parts.hears.changed(this.#device.id)
  }

  /** Our mistake, not the device's: it stays connected. */
  #driverFailed(trouble: Trouble | null, lastedMs: number): void {
    this.#driverFailures++
    this.#driverStreak = lastedMs >= soundAfterMs ? 1 : this.#driverStreak + 1
    this.#log.error('driver failed', { ...trouble?.logFields(), err: trouble?.cause })
    if (this.#driverStreak === 1) this.event('driver-failed', 'warning')
  }

  #openingHears(opened: () => void): OpeningHears {
    const counts = this.#counts
    const told = this.#records.dialogue()
    return {
      opened,
      bytesIn: (bytes, atMs) => {
        this.#recorder.add('heard', bytes, atMs)
        counts.heard(bytes.length, atMs)
        if (this.#silences > 0) this.#heardAgain()
      },
      bytesOut: (bytes, atMs) => {
        this.#recorder.add('sent', bytes, atMs)
        counts.sent(bytes.length)
      },
      packet: (atMs) => this.#understood(atMs),
      said: (said, atMs) => {
        // A driver that does not tell its packets is understood when it says something.
        if (!counts.isUnderstood()) this.#understood(atMs)
        if (said.kind === 'identity') this.#parts.hears.identified(this.#device.id, said)
        told.said(said, atMs)
      },
      block: (block) => told.block(block),
      noise: (reason, bytes) => counts.noise(reason, bytes.length),
      commit: (isHeard) => told.commit(isHeard),
      overflowed: (bytes) => this.#overflowed(bytes),
      unreadable: (why) => {
        this.#log.warn('a file brought nothing', { why })
        this.event('file-unreadable', 'warning', { detail: { why } })
      },
    }
  }

  #heardAgain(): void {
    this.#silences = 0
    this.#trouble = null
    this.#parts.hears.changed(this.#device.id)
  }

  #understood(atMs: MonotonicMs): void {
    const isFirst = this.#counts.packet(this.#parts.world.clock.monotonicMs())
    if (!isFirst) return
    this.#failures = 0
    this.#retries = 0
    if (!this.#connected) {
      this.#connected = true
      this.#log.info('device connected')
      this.event('connected', 'info', { atMs })
    }
    this.#parts.hears.changed(this.#device.id)
  }

  #overflowed(bytes: number): void {
    this.#counts.noise('no room while the driver was sending', bytes)
    if (this.#overflowTold) return
    this.#overflowTold = true
    this.#log.error('bytes lost while the driver was sending', { bytes })
    this.event('bytes-lost', 'warning')
  }

  #setLink(link: DeviceStatus['link']): void {
    this.#link = link
    this.#parts.hears.changed(this.#device.id)
  }
}
