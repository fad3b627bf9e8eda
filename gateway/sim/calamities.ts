/** Lets happen what the plan says. */
import { encodeLandingState } from '../../protocols/packet/messages.ts'
import { landingStateTopic } from '../../protocols/packet/topics.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Box } from './box.ts'
import { noBrokerFaults, type BrokerFaults, type SimBroker } from './broker.ts'
import { landingName, type Hospital } from './hospital.ts'
import type { Calamity } from './calamity.ts'
import { roomyPacketBytes } from './plan.ts'
import type { Reader } from './reader.ts'
import type { Trace } from './trace.ts'
import { vanName } from './van-life.ts'
import type { Van } from './van.ts'
import type { Ward } from './ward.ts'

export interface CalamitiesParts {
  readonly clock: Clock
  readonly van: Van
  readonly vanBox: Box
  readonly hospital: Hospital
  readonly hospitalBox: Box
  readonly broker: SimBroker
  readonly reader: Reader
  readonly ward: Ward
  readonly trace: Trace
  readonly calamities: readonly Calamity[]
  readonly faults: BrokerFaults
  /** The largest packet that the broker takes as long as things go wrong. */
  readonly limitBytes: number
}

const nobodyGetsThrough: BrokerFaults = { ...noBrokerFaults, refuseConnect: 1_000 }

export class Calamities {
  readonly #parts: CalamitiesParts
  #isCalm = false

  constructor(parts: CalamitiesParts) {
    this.#parts = parts
    parts.broker.setFaults(parts.faults)
    for (const calamity of parts.calamities) {
      this.#later(calamity.atMs, () => this.#happens(calamity))
    }
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    const { broker, van, hospital, ward, limitBytes } = this.#parts
    this.#isCalm = true
    broker.setFaults(noBrokerFaults)
    if (limitBytes < roomyPacketBytes) {
      broker.setMaximumPacketBytes(roomyPacketBytes)
      broker.cutAll()
    }
    van.calm()
    hospital.calm()
    ward.calm()
  }

  #later(ms: number, work: () => void): void {
    this.#parts.clock.after('calamity', ms, () => {
      if (!this.#isCalm) work()
    })
  }

  #happens(calamity: Calamity): void {
    const { van, hospital, reader, trace, vanBox, hospitalBox } = this.#parts
    trace.note('fate', calamity.kind)
    switch (calamity.kind) {
      case 'kill-van':
      case 'cut-van-power':
        return van.fall({ isPower: calamity.kind === 'cut-van-power', awayMs: calamity.awayMs })
      case 'cut-van-within':
        return van.fallWithin(calamity.operations, calamity.isTorn, calamity)
      case 'stop-van':
        return van.stop(calamity.awayMs)
      case 'kill-landing':
        return hospital.fall(calamity.awayMs)
      case 'kill-landing-at':
        return hospital.fallAt(calamity.point, calamity.skip, calamity.awayMs)
      case 'stop-landing':
        return hospital.stop(calamity.awayMs)
      case 'crash-broker':
      case 'cut-connections':
        return this.#cutOff(calamity.kind === 'crash-broker', calamity.awayMs)
      case 'pull-cable':
        return this.#pullCable(calamity.device, calamity.awayMs)
      case 'fill-disk':
        van.setDiskFull(true)
        return this.#later(calamity.awayMs, () => van.setDiskFull(false))
      case 'fill-landing-disk':
        hospital.setDiskFull(true)
        return this.#later(calamity.awayMs, () => hospital.setDiskFull(false))
      case 'fail-file':
        return van.failFile(calamity.operations, calamity.code)
      case 'set-van-clock':
        van.setKnowsTime(false)
        return this.#setClock(vanBox, calamity.offsetMs)
      case 'set-landing-clock':
        hospital.losesTime()
        return this.#setClock(hospitalBox, calamity.offsetMs)
      case 'find-time':
        this.#setClock(vanBox, calamity.errorMs)
        return van.setKnowsTime(true)
      case 'watch':
        return this.#watch(calamity)
      case 'restart-reader':
        return reader.restart(calamity.awayMs)
      case 'link-up':
        return van.running?.gateway?.uplink.linkUp()
      case 'late-will':
        return this.#tellLateWill()
    }
  }

  #tellLateWill(): void {
    const { broker, clock } = this.#parts
    const state = { online: false, landing: landingName, startedWallMs: clock.wallMs() }
    broker.tell(vanName, landingStateTopic, encodeLandingState(state))
  }

  #cutOff(isCrash: boolean, awayMs: number): void {
    const { broker, faults } = this.#parts
    if (isCrash) broker.crash()
    else broker.cutAll()
    broker.setFaults(nobodyGetsThrough)
    this.#later(awayMs, () => broker.setFaults(faults))
  }

  #pullCable(index: number, awayMs: number): void {
    const plug = this.#parts.ward.devices[index]?.plug
    plug?.unplug()
    this.#later(awayMs, () => plug?.plugIn())
  }

  #setClock(box: Box, offsetMs: number | null): void {
    const { clock } = this.#parts
    box.setWallMs(offsetMs === null ? 0 : clock.wallMs() + offsetMs)
  }

  #watch({ stream, packetMs, awayMs }: Extract<Calamity, { kind: 'watch' }>): void {
    const { reader, clock } = this.#parts
    const stop = reader.subscriber?.watch(vanName, stream, packetMs)
    if (stop !== undefined) clock.after('watch ends', awayMs, stop)
  }
}
