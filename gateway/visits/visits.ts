/**
 * Visits: who is seen in the van, what is to be examined, and whose the images are. Everything is
 * held in memory and said in records, each of which is on the disk before it is believed or shown:
 * a change that cannot be stored has not happened. Changes are made one after the other.
 *
 *     page, orders of the hospital ─▶ change ─▶ journal ─▶ book ─▶ worklist, page, whose an image is
 *     modality: step, image ────────▶
 */
import { assignedMax } from '../../protocols/packet/limits.ts'
import type { Unstamped, Words } from '../../protocols/packet/record.ts'
import { isName, vanDevice } from '../../protocols/packet/topics.ts'
import {
  visitRecordKinds,
  type ImageIdentity,
  type Order,
  type OrderState,
  type Patient,
  type Procedure,
  type Visit,
  type VisitRecord,
  type VisitRecordKind,
} from '../../protocols/packet/visit-records.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import { stamp } from '../devices/stamp.ts'
import { visitsTrouble } from '../errors/visits.ts'
import { Numbers } from './numbers.ts'
import { isOffered, stateAfterImage, stateAfterSteps } from './order-state.ts'
import {
  byHospital,
  byVan,
  checkOrder,
  checkPatient,
  reasonOf,
  type OrderSaid,
  type PatientSaid,
} from './saying.ts'
import { VisitBook } from './visit-book.ts'

/** The doors of the journal that visits go through. */
export interface VisitJournal {
  store(device: string, record: VisitRecord): Promise<void>
  /** The newest record of each token, in the order in which they were stored. */
  known(kind: VisitRecordKind): Promise<readonly VisitRecord[]>
}

export interface VisitsParts {
  readonly van: string
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>
  readonly random: Random
  readonly time: UtcSource
  readonly journal: VisitJournal
  /** A record was committed and waits to be sent. */
  readonly stored: (record: VisitRecord) => void
}

/** What a modality said of a performed procedure step, as far as it is understood. */
export type StepSaid = Omit<Unstamped<Procedure>, 'kind' | 'order' | 'by'>

/** A decision whose an image is. */
export type IdentityDecision = Omit<Unstamped<ImageIdentity>, 'kind'>

export interface OrderNumbers {
  /** Given by the hospital, like the UID; the van gives what is null. */
  readonly accessionNumber: string | null
  readonly studyInstanceUid: string | null
  readonly otherIds: Words
}

export type VisitListener = (record: VisitRecord) => void

/** A van sees a few dozen people a day. */
export const openVisitsMax = 500
export const ordersOfVisitMax = 64
/** Images still come after a visit was closed, from a modality that was busy or switched off. */
const lateImagesMs = 43_200_000
/** The journal forgets what is over for long, and so does memory: a gateway may run for months. */
const storesBetweenReading = 5_000

export class Visits {
  /** What there is, and the ways to find it. */
  readonly book: Omit<VisitBook, 'put' | 'putAll'>
  readonly #book: VisitBook
  readonly #parts: VisitsParts
  readonly #numbers: Numbers
  readonly #listeners = new Set<VisitListener>()
  #last: Promise<unknown> = Promise.resolve()
  #storesLeft = storesBetweenReading

  /** Reads what was known before the start. Rejects as the journal does. */
  static async open(parts: VisitsParts): Promise<Visits> {
    const visits = new Visits(parts)
    await visits.#read()
    return visits
  }

  private constructor(parts: VisitsParts) {
    this.#parts = parts
    this.#book = new VisitBook()
    this.book = this.#book
    this.#numbers = new Numbers(parts.van, parts.clock, parts.random)
  }

  /** Calls it after each change is stored and believed. The answer ends that. */
  listen(listener: VisitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The visit to which a device stands assigned; null when it stands with none. */
  visitOfDevice(device: string): Visit | null {
    return this.#book.openVisits().find(({ devices }) => devices.includes(device)) ?? null
  }

  /**
   * Orders that a modality may have worked on at a moment: of an open visit, or of one that was
   * closed a few hours before it. `aeTitle`, `utcMs` null: not known.
   */
  ordersOfStation(
    aeTitle: string | null,
    modality: string | null,
    utcMs: number | null,
  ): readonly Order[] {
    return this.#book.orders().filter((order) => {
      const visit = this.#book.visit(order.visit)
      if (visit === null || visit.state === 'cancelled' || order.state === 'cancelled') return false
      const isLate =
        visit.state === 'closed' &&
        (utcMs === null || visit.utcMs === null || utcMs > visit.utcMs + lateImagesMs)
      const isThere = order.stationAeTitle === null || order.stationAeTitle === aeTitle
      return !isLate && isThere && (modality === null || order.modality === modality)
    })
  }

  /** Orders that the modalities are offered, the oldest first. */
  offered(): readonly Order[] {
    return this.#book
      .openVisits()
      .flatMap(({ visit }) => this.#book.ordersOfVisit(visit))
      .filter(({ state }) => isOffered(state))
      .toSorted((a, b) => (a.order < b.order ? -1 : 1))
  }

  /** A new patient, or with the token of a known one a correction. `by`: who says it. */
  savePatient(by: string, said: PatientSaid, token: string | null = null): Promise<Patient> {
    return this.#next(async () => {
      const checked = checkPatient(said, this.#utcMs())
      const known = token === null ? null : this.#patient(token)
      const isTaken = (number: string) => this.#book.patientsByNumber(number).length > 0
      return this.#store<Patient>({
        kind: 'patient',
        patient: known?.patient ?? this.#numbers.token(),
        patientId: known?.patientId ?? this.#numbers.patientId(isTaken),
        ...checked,
        by,
      })
    })
  }

  /** Two numbers of one person: all visits go to `into`, which from then on has both. */
  mergePatients(by: string, from: string, into: string): Promise<Patient> {
    return this.#next(async () => {
      const [old, kept] = [this.#patient(from), this.#patient(into)]
      if (old.patient === kept.patient) return kept
      for (const visit of this.#book.visitsOfPatient(old.patient)) {
        await this.#change(visit, { patient: kept.patient, by })
      }
      const { mergedInto: _, ...numbers } = old.otherIds
      const otherIds = { ...numbers, [`merged ${old.patientId}`]: old.patientId, ...kept.otherIds }
      const merged = await this.#change(kept, { nik: kept.nik ?? old.nik, otherIds, by })
      await this.#change(old, { otherIds: { ...old.otherIds, mergedInto: kept.patientId }, by })
      return merged
    })
  }

  /** Devices that stand with another visit are taken from it. */
  openVisit(by: string, patient: string, devices: readonly string[] = []): Promise<Visit> {
    return this.#next(async () => {
      const { length: count } = this.#book.openVisits()
      if (count >= openVisitsMax) throw visitsTrouble('visits-too-many-open', { count })
      const known = this.#patient(patient)
      const assigned = checkDevices(devices)
      await this.#takeAway(by, assigned, null)
      return this.#store<Visit>({
        kind: 'visit',
        visit: this.#numbers.token(),
        patient: known.patient,
        state: 'open',
        devices: assigned,
        openedUtcMs: this.#utcMs(),
        by,
        reason: '',
      })
    })
  }

  /** These devices and no others stand with the visit from now on. */
  assignDevices(by: string, visit: string, devices: readonly string[]): Promise<Visit> {
    return this.#next(async () => {
      const known = this.#openVisit(visit)
      const assigned = checkDevices(devices)
      await this.#takeAway(by, assigned, visit)
      return this.#change(known, { devices: assigned, by })
    })
  }

  /** What was examined counts as completed; what was not stays scheduled, and is not offered. */
  closeVisit(by: string, visit: string, reason = ''): Promise<Visit> {
    return this.#next(async () => {
      const known = this.#openVisit(visit)
      for (const order of this.#book.ordersOfVisit(visit)) {
        const steps = this.#book.proceduresOfOrder(order.order)
        const goesOn = steps.some(({ state }) => state === 'in-progress')
        if (order.state === 'in-progress' && !goesOn) await this.#moveOrder(order, 'completed', by)
      }
      return this.#change(known, { state: 'closed', devices: [], by, reason: reasonOf(reason) })
    })
  }

  /** It was a mistake: its orders that nobody has begun are cancelled. */
  cancelVisit(by: string, visit: string, reason: string): Promise<Visit> {
    return this.#next(async () => {
      const known = this.#openVisit(visit)
      for (const order of this.#book.ordersOfVisit(visit)) {
        if (order.state === 'scheduled') await this.#moveOrder(order, 'cancelled', by, reason)
      }
      return this.#change(known, { state: 'cancelled', devices: [], by, reason: reasonOf(reason) })
    })
  }

  makeOrder(by: string, said: OrderSaid, numbers?: OrderNumbers): Promise<Order> {
    return this.#next(async () => {
      const checked = checkOrder(said)
      const { length: count } = this.#book.ordersOfVisit(this.#openVisit(said.visit).visit)
      if (count >= ordersOfVisitMax) throw visitsTrouble('visits-too-many-orders', { count })
      const isTaken = (number: string) => this.#book.ordersByAccession(number).length > 0
      const given = numbers?.accessionNumber ?? null
      if (given !== null && isTaken(given)) throw visitsTrouble('visits-accession-taken')
      return this.#store<Order>({
        kind: 'order',
        order: this.#numbers.token(),
        accessionNumber: given ?? this.#numbers.accession(isTaken),
        studyInstanceUid: numbers?.studyInstanceUid ?? this.#numbers.studyUid(),
        ...checked,
        state: 'scheduled',
        reason: '',
        otherIds: numbers?.otherIds ?? {},
        by,
      })
    })
  }

  /** Only while nobody has begun it. What is cancelled already stays as it is. */
  cancelOrder(by: string, order: string, reason: string): Promise<Order> {
    return this.#next(async () => {
      const known = this.#order(order)
      if (known.state === 'cancelled') return known
      if (known.state !== 'scheduled') throw visitsTrouble('visits-order-over')
      return this.#moveOrder(known, 'cancelled', by, reason)
    })
  }

  /** By hand, for modalities that do not say that they are done. */
  completeOrder(by: string, order: string): Promise<Order> {
    return this.#next(async () => {
      const known = this.#order(order)
      if (!isOffered(known.state)) return known
      return this.#moveOrder(known, 'completed', by)
    })
  }

  /**
   * What a modality says that it does or did. Its order is the one with its accession number, or
   * else with its study; that moves along. The modality is answered after this resolves.
   * `simulated`: it is none that examines anybody.
   */
  saidStep(said: StepSaid, simulated = false): Promise<Procedure> {
    return this.#next(async () => {
      const known = this.#book.procedure(said.sopInstanceUid)
      const order = known?.order ?? this.orderOfStep(said)?.order ?? null
      const its = order === null ? null : this.#book.order(order)
      // The order first: when the power goes between the two, the modality says it again.
      if (its !== null) {
        const others = this.#book
          .proceduresOfOrder(its.order)
          .filter(({ sopInstanceUid }) => sopInstanceUid !== said.sopInstanceUid)
        await this.#moveOrder(its, stateAfterSteps(its.state, [...others, said]), byVan)
      }
      return this.#store<Procedure>({ kind: 'procedure', ...said, order, by: byVan }, simulated)
    })
  }

  /** null when none, or more than one, fits. */
  orderOfStep(said: Pick<StepSaid, 'accessionNumber' | 'studyInstanceUid'>): Order | null {
    const byNumber = this.#book.ordersByAccession(said.accessionNumber)
    const found = byNumber.length > 0 ? byNumber : this.#book.ordersByStudy(said.studyInstanceUid)
    return found.length === 1 ? (found[0] ?? null) : null
  }

  /** Whose an image is. An order that gets its first image is in progress. */
  decideIdentity(decision: IdentityDecision): Promise<ImageIdentity> {
    return this.#next(async () => {
      const { order, state } = decision
      const isIts = order !== null && state !== 'waiting' && state !== 'refused'
      const its = isIts ? this.#book.order(order) : null
      if (its !== null) await this.#moveOrder(its, stateAfterImage(its.state), byVan)
      const reason = reasonOf(decision.reason)
      return this.#store<ImageIdentity>({ kind: 'identity', ...decision, reason })
    })
  }

  async #moveOrder(order: Order, state: OrderState, by: string, reason = ''): Promise<Order> {
    return order.state === state
      ? order
      : this.#change(order, { state, by, reason: reasonOf(reason) })
  }

  /** From open visits other than `keeper`. First, so that no device stands with two. */
  async #takeAway(by: string, devices: readonly string[], keeper: string | null): Promise<void> {
    for (const visit of this.#book.openVisits()) {
      const left = visit.devices.filter((one) => !devices.includes(one))
      if (visit.visit === keeper || left.length === visit.devices.length) continue
      await this.#change(visit, { devices: left, by })
    }
  }

  #change<R extends VisitRecord>(record: R, changes: Partial<R> & { by: string }): Promise<R> {
    const said: unknown = { ...record, ...changes }
    return this.#store<R>(said as Unstamped<R> & { by: string })
  }

  async #store<R extends VisitRecord>(
    said: Unstamped<R> & { readonly by: string },
    simulated = false,
  ): Promise<R> {
    const { clock, time, journal, stored } = this.#parts
    const source = [byVan, byHospital].includes(said.by) ? 'device' : 'typed'
    const stamps = stamp(time, clock.monotonicMs(), { source, simulated })
    const record = { ...said, ...stamps } as unknown as R
    await journal.store(vanDevice, record)
    this.#book.put(record)
    stored(record)
    if (--this.#storesLeft === 0) void this.#next(() => this.#read()).catch(() => {})
    for (const listener of this.#listeners) listener(record)
    return record
  }

  async #read(): Promise<void> {
    this.#storesLeft = storesBetweenReading
    const known: VisitRecord[] = []
    for (const kind of visitRecordKinds) known.push(...(await this.#parts.journal.known(kind)))
    this.#book.putAll(known)
  }

  /** One after the other, also after one that failed. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  #utcMs(): number | null {
    const { clock, time } = this.#parts
    return time.utcOf(clock.monotonicMs())?.utcMs ?? null
  }

  #patient(token: string): Patient {
    const known = this.#book.patient(token)
    if (known === null) throw visitsTrouble('visits-patient-unknown')
    return known
  }

  #openVisit(token: string): Visit {
    const known = this.#book.visit(token)
    if (known === null) throw visitsTrouble('visits-visit-unknown')
    if (known.state !== 'open') throw visitsTrouble('visits-visit-over')
    return known
  }

  #order(token: string): Order {
    const known = this.#book.order(token)
    if (known === null) throw visitsTrouble('visits-order-unknown')
    return known
  }
}

function checkDevices(devices: readonly string[]): readonly string[] {
  const assigned = [...new Set(devices)]
  const areNames = assigned.every((device) => isName(device) && device !== vanDevice)
  if (!areNames || assigned.length > assignedMax) throw visitsTrouble('visits-device-refused')
  return assigned
}
