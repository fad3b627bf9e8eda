/**
 * The devices on board and their cables. They know nothing of the gateway and outlive it; what they
 * said, and when, is compared with what was recorded.
 */
import type { Simulated, Spoken } from '../../drivers/simulate/simulated.ts'
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { FakeLinks, FakePlug } from '../devices/fake-links.ts'
import type { PluggedDevice } from '../devices/session.ts'
import { addressOf, driverFor, faultsFor, lifeOf, numberRecorded, numberSaid } from './bedside.ts'
import type { DevicePlan } from './plan.ts'
import { noWireFaults, Wire, type WireFaults } from './wire.ts'

export interface WardParts {
  /** The clock of the world. */
  readonly clock: Clock
  readonly random: Random
  readonly links: FakeLinks
  readonly plans: readonly DevicePlan[]
  readonly wires: WireFaults
  readonly note: (what: string) => void
  /** A whole message has left over a clean cable, towards somebody who listens. */
  readonly saidCleanly: (device: BedsideDevice, number: number) => void
}

interface Saying {
  /** On the clock of the world. */
  readonly atMs: number
  readonly isClean: boolean
}

/** So long before a message nothing may have been on the wire, or what is half there spoils it. */
const quietBeforeMs = 2_000

export class Ward {
  readonly devices: readonly BedsideDevice[]

  constructor(parts: WardParts) {
    this.devices = parts.plans.map((plan, index) => new BedsideDevice(plan, index, parts))
  }

  /** From now on cables are good and devices say nothing new. */
  calm(): void {
    for (const device of this.devices) device.calm()
  }

  understood(deviceId: string, record: Record): void {
    this.devices.find(({ id }) => id === deviceId)?.understood(record)
  }

  /** What a device said is recorded once, at its time, and nothing else is. */
  judge(deviceId: string, record: Record, worldMs: number, packet: string): string | null {
    const device = this.devices.find(({ id }) => id === deviceId)
    return device === undefined ? null : device.judge(record, worldMs, packet)
  }
}

export class BedsideDevice {
  readonly plugged: PluggedDevice
  readonly plug: FakePlug
  readonly #plan: DevicePlan
  readonly #parts: WardParts
  readonly #wire: Wire
  readonly #life: Simulated
  readonly #said = new Map<number, Saying>()
  readonly #recorded = new Map<number, string>()
  readonly #heard = new Set<number>()
  #lastByteMs = Number.NEGATIVE_INFINITY
  #toDevice: Uint8Array | undefined
  #isCalm = false
  #endsMs = Number.POSITIVE_INFINITY

  constructor(plan: DevicePlan, index: number, parts: WardParts) {
    const { links, clock } = parts
    const random = parts.random.fork(`device ${index}`)
    const driver = driverFor(plan)
    const address = addressOf(driver, index)
    this.#plan = plan
    this.#parts = parts
    this.plugged = { id: `${plan.kind}-1`, driver, address, simulated: true }
    this.plug = links.plug(address)
    this.plug.onHeard = (bytes) => {
      const before = this.#toDevice
      this.#toDevice = before === undefined ? bytes : joinBytes(before, bytes)
    }
    const faults = faultsFor(plan, parts.wires)
    this.#wire = new Wire(clock, random.fork('wire'), faults, (bytes) => {
      this.#lastByteMs = clock.monotonicMs()
      this.plug.say(bytes)
    })
    this.#life = lifeOf(plan, random.fork('life'))
    if (plan.kind === 'pm6750') {
      this.#endsMs = clock.monotonicMs() + plan.fromMs + plan.forMs
      clock.after('device on', plan.fromMs, () => this.#goOn())
    } else this.#goOn()
  }

  get id(): string {
    return this.plugged.id
  }

  calm(): void {
    this.#isCalm = true
    this.#wire.setFaults(noWireFaults)
    this.plug.plugIn()
  }

  /** The gateway has understood it. */
  understood(record: Record): void {
    const number = numberRecorded(this.#plan, record)
    if (number !== null) this.#heard.add(number)
  }

  wasUnderstood(number: number): boolean {
    return this.#heard.has(number)
  }

  #goOn(): void {
    const heard = this.#toDevice
    this.#toDevice = undefined
    const next = this.#life.next(heard)
    if (next.done === true) return
    this.#parts.clock.after('device', next.value.afterMs, () => {
      if (this.#isCalm || this.#parts.clock.monotonicMs() >= this.#endsMs) return
      this.#say(next.value)
      this.#goOn()
    })
  }

  #say({ bytes }: Spoken): void {
    const number = numberSaid(this.#plan, bytes)
    const nowMs = this.#parts.clock.monotonicMs()
    const isQuiet = nowMs - this.#lastByteMs >= quietBeforeMs
    const isHeard = this.plug.isOpen
    // Before it is said: the record may be there when the wire comes back.
    if (number !== null && !this.#said.has(number)) {
      this.#said.set(number, { atMs: nowMs, isClean: false })
    }
    const isClean = this.#wire.say(bytes)
    if (number === null || this.#plan.kind === 'pm6750') return
    this.#parts.note(`${this.id} says ${number}${isClean ? '' : ', garbled or late'}`)
    if (!isClean || !isQuiet || !isHeard || this.#isStream()) return
    this.#said.set(number, { atMs: nowMs, isClean })
    this.#parts.saidCleanly(this, number)
  }

  /** Of a stream a person makes one weight, unless somebody pulls the cable meanwhile. */
  #isStream(): boolean {
    return this.#plan.kind === 'scale' && this.#plan.mode === 'stream'
  }

  judge(record: Record, worldMs: number, packet: string): string | null {
    if (record.kind !== 'measurement' || this.#plan.kind === 'pm6750') return null
    // A stream that is cut short is taken for single lines, which nothing protects.
    if (this.#isStream() && record.qualifiers['how'] === 'printed') return null
    const number = numberRecorded(this.#plan, record)
    const saying = number === null ? undefined : this.#said.get(number)
    if (number === null || saying === undefined) return `${this.id} never said what it holds`
    const before = this.#recorded.get(number)
    this.#recorded.set(number, packet)
    if (this.#isStream()) return null
    if (before !== undefined) return `${this.id} said ${number} once; it is in ${before} too`
    const lateMs = worldMs - saying.atMs
    const isRight = saying.isClean ? lateMs > -1 && lateMs <= 0 : lateMs > -1
    return isRight ? null : `${this.id} said ${number} ${lateMs} ms earlier than recorded`
  }
}
