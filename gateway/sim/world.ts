/** A whole world from one seed: what is in it, how it goes, and what must be true of it. */
import type { Random } from '../../protocols/world/random.ts'
import type { UpstreamLog } from '../../upstream/world.ts'
import type { FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { fakeLinks } from '../devices/fake-links.ts'
import type { Log, LogFields } from '../world.ts'
import { makeBox, type Box } from './box.ts'
import { createSimBroker, type SimBroker } from './broker.ts'
import { Bursts } from './bursts.ts'
import { Calamities } from './calamities.ts'
import { Hospital } from './hospital.ts'
import { planOf, type Plan } from './plan.ts'
import { Reader } from './reader.ts'
import type { Scratch } from './scratch.ts'
import { journalInto, landingInto, type TemplateFolders } from './templates.ts'
import type { Trace } from './trace.ts'
import type { VanLife } from './van-life.ts'
import { Van } from './van.ts'
import { Ward, type BedsideDevice } from './ward.ts'
import { Witness } from './witness.ts'

export interface WorldParts {
  readonly seed: number
  readonly clock: FakeClock
  readonly trace: Trace
  readonly scratch: Scratch
  readonly templates: TemplateFolders
}

/** The wall clock of a box that was without power for long. */
const firstWallMs = 8_000
/** So long after a whole message the gateway must have understood it. */
const understoodWithinMs = 3_000

export class SimWorld {
  readonly plan: Plan
  readonly witness: Witness
  readonly van: Van
  readonly hospital: Hospital
  readonly reader: Reader
  readonly broker: SimBroker
  readonly bursts: Bursts
  readonly calamities: Calamities
  readonly #parts: WorldParts
  readonly #random: Random
  #messages = 0

  constructor(parts: WorldParts) {
    const { seed, clock, trace, scratch } = parts
    this.#parts = parts
    this.#random = seededRandom(seed)
    this.plan = planOf(seed, this.#random.fork('plan'))
    this.witness = new Witness(trace, clock)
    this.broker = createSimBroker(clock, this.#random.fork('broker'), {
      ...this.plan.broker,
      sees: ({ clientId, topic, payload, fate }) => {
        this.#messages++
        this.#checkStep()
        trace.note('broker', `${clientId} ${topic} ${payload.length} ${fate}`)
      },
    })
    const later = (ms: number, work: () => void) => void clock.after('world', ms, work)
    const shared = { plan: this.plan, broker: this.broker, witness: this.witness, later }
    const vanBox = this.#box('van box')
    const hospitalBox = this.#box('hospital box')
    if (!this.plan.knowsTime) vanBox.setWallMs(firstWallMs)
    this.witness.boots.set(vanBox.bootId, vanBox.bootedAtMs)
    const links = fakeLinks(clock)
    const ward = new Ward({
      clock,
      random: this.#random.fork('ward'),
      links,
      plans: this.plan.devices,
      wires: this.plan.wires,
      note: (what) => trace.note('ward', what),
      saidCleanly: (device, number) => this.#expects(device, number),
    })
    this.witness.judge = (device, record, worldMs, packet) =>
      ward.judge(device, record, worldMs, packet)
    this.bursts = new Bursts({
      clock,
      random: this.#random.fork('bursts'),
      bursts: this.plan.bursts,
      running: () => this.van.running,
    })
    this.van = new Van({
      ...shared,
      box: vanBox,
      random: this.#random.fork('van'),
      scratch,
      links,
      ward,
      log: this.#log('van'),
      folder: this.#folder('van', (folder) => journalInto(folder, parts.templates)),
      started: () => this.bursts.began(),
    })
    this.hospital = new Hospital({
      ...shared,
      box: hospitalBox,
      random: this.#random.fork('hospital'),
      scratch,
      log: this.#log('landing'),
      folder: this.#folder('landing', (folder) => landingInto(folder, parts.templates)),
    })
    this.reader = new Reader({
      ...shared,
      clock,
      random: this.#random.fork('reader'),
      log: this.#log('reader'),
    })
    this.calamities = new Calamities({
      clock,
      van: this.van,
      vanBox,
      hospital: this.hospital,
      hospitalBox,
      broker: this.broker,
      reader: this.reader,
      ward,
      trace,
      calamities: this.plan.calamities,
      faults: this.plan.faults,
      limitBytes: this.plan.broker.maximumPacketBytes,
    })
  }

  /** Messages that reached the broker. */
  get messages(): number {
    return this.#messages
  }

  start(): void {
    this.hospital.start()
    this.van.start()
    this.reader.start()
  }

  /** Leaves nothing open. */
  leave(): void {
    this.van.leave()
    this.hospital.leave()
    this.reader.leave()
  }

  /** What has not arrived yet, or null. */
  async missing(): Promise<string | null> {
    const running = this.van.running
    const { watch } = this.hospital
    if (running === null || running.gateway === null) return 'the gateway itself'
    if (watch === null) return 'the landing itself'
    if (!this.bursts.isDone) return 'an image or a paper that the van has not taken'
    const status = await running.journal.status()
    const behind = status.streams.find((one) => one.recordsReceipted < one.recordsStored)
    if (behind !== undefined) return `receipts for ${behind.stream}`
    if (status.unreceiptedPackets > 0) return `${status.unreceiptedPackets} receipts`
    const waiting = this.#notStored(running)
    if (waiting !== null) return waiting
    const absent = watch.missing()
    if (absent !== null) return `${absent} in the landing`
    const unread = this.reader.missing()
    if (unread !== null) return `${unread} at the reader`
    return this.hospital.isFed ? null : 'a packet at whom the landing passes records on to'
  }

  /** At the end, when nothing is missing. */
  checkEnd(): void {
    const { witness, hospital } = this
    this.#checkStep()
    hospital.watch?.holdsWhatItSaid()
    hospital.watch?.holdsAll()
    const unseen = witness.promised.unseen()
    if (unseen !== null) witness.fail(`lost: ${unseen}`)
    witness.checkOrder()
  }

  /** With every message that arrives: queues are bounded, and nobody breaks the protocol. */
  #checkStep(): void {
    const { plan, witness } = this
    const [violation] = this.broker.violations
    if (violation !== undefined) witness.fail(violation)
    const window = this.van.running?.gateway?.uplink.status().window ?? null
    if (window !== null) {
      const countMax = Math.min(plan.uplink.windowMax, plan.broker.receiveMaximum)
      if (window.count > countMax) {
        witness.fail(`${window.count} packets are on their way, and ${countMax} are allowed`)
      }
    }
    const waiting = this.hospital.landing?.stats().waiting ?? 0
    if (waiting > plan.inbox.count) witness.fail(`${waiting} messages wait in the landing`)
  }

  /** What a device said in this life and the journal has not taken yet; null when it has all. */
  #notStored({ understood, bootId }: VanLife): string | null {
    const { promised } = this.witness
    const one = understood.find(({ device, record }) => !promised.isStored(device, bootId, record))
    return one === undefined ? null : `the ${one.record.kind} of ${one.device} in the journal`
  }

  /**
   * It was said to somebody who listened: it must be understood, unless one of the two went away.
   */
  #expects(device: BedsideDevice, number: number): void {
    const running: VanLife | null = this.van.running
    const { openedCount } = device.plug
    if (running === null || running.gateway === null) return
    this.#parts.clock.after('understood', understoodWithinMs, () => {
      if (this.van.running !== running || !device.plug.isOpen) return
      if (device.plug.openedCount !== openedCount || device.wasUnderstood(number)) return
      this.witness.fail(`${device.id} said ${number} and nobody understood it`)
    })
  }

  #box(name: string): Box {
    return makeBox(this.#parts.clock, this.#random.fork(name))
  }

  #folder(name: string, fill: (folder: string) => void): string {
    const folder = this.#parts.scratch.folder(name)
    if (!this.plan.journal.isNew) fill(folder)
    return folder
  }

  #log(who: string): Log & UpstreamLog {
    const { trace } = this.#parts
    const note = (message: string, fields: LogFields = {}): void => {
      const words = [message, fields.device, fields.code, fields.why, fields.count]
      trace.note(who, words.filter((word) => word !== undefined).join(' '))
    }
    const log: Log = { debug: () => {}, info: note, warn: note, error: note, child: () => log }
    return log
  }
}
