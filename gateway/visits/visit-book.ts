/** The newest record of everything that visits are about, and the ways to find one. */
import type {
  ImageIdentity,
  Order,
  Patient,
  Procedure,
  Visit,
  VisitRecord,
} from '../../protocols/packet/visit-records.ts'

/** Which image a record of an identity is about. */
export interface ImageName {
  /** SHA-256 of its file in lower-case hex. */
  readonly of: string
  readonly sopInstanceUid: string
}

export class VisitBook {
  readonly #patients = new Map<string, Patient>()
  readonly #visits = new Map<string, Visit>()
  readonly #orders = new Map<string, Order>()
  readonly #procedures = new Map<string, Procedure>()
  readonly #identities = new Map<string, ImageIdentity>()
  readonly #visitsOfPatient = new Groups()
  readonly #ordersOfVisit = new Groups()
  readonly #ordersByAccession = new Groups()
  readonly #ordersByStudy = new Groups()
  readonly #patientsByNumber = new Groups()
  readonly #proceduresOfOrder = new Groups()
  readonly #proceduresOfInstance = new Groups()
  readonly #identitiesOfOrder = new Groups()
  readonly #open = new Set<string>()
  readonly #waiting = new Set<string>()

  /** Forgets everything, and knows these. In the order in which they were said. */
  putAll(records: readonly VisitRecord[]): void {
    const held = [
      this.#patients,
      this.#visits,
      this.#orders,
      this.#procedures,
      this.#identities,
      this.#visitsOfPatient,
      this.#ordersOfVisit,
      this.#ordersByAccession,
      this.#ordersByStudy,
      this.#patientsByNumber,
      this.#proceduresOfOrder,
      this.#proceduresOfInstance,
      this.#identitiesOfOrder,
      this.#open,
      this.#waiting,
    ]
    for (const one of held) one.clear()
    for (const record of records) this.put(record)
  }

  /** A newer record of the same token replaces the one before. */
  put(record: VisitRecord): void {
    switch (record.kind) {
      case 'patient': {
        const { patient } = record
        const numbers = (one: Patient | undefined) => (one === undefined ? [] : numbersOf(one))
        this.#patientsByNumber.move(patient, numbers(this.#patients.get(patient)), numbers(record))
        replace(this.#patients, patient, record)
        return
      }
      case 'visit': {
        const { visit, patient, state } = record
        this.#visitsOfPatient.move(visit, [this.#visits.get(visit)?.patient], [patient])
        replace(this.#visits, visit, record)
        mark(this.#open, visit, state === 'open')
        return
      }
      case 'order': {
        const { order, visit, accessionNumber, studyInstanceUid } = record
        const old = this.#orders.get(order)
        this.#ordersOfVisit.move(order, [old?.visit], [visit])
        this.#ordersByAccession.move(
          order,
          [old && plain(old.accessionNumber)],
          [plain(accessionNumber)],
        )
        this.#ordersByStudy.move(order, [old?.studyInstanceUid], [studyInstanceUid])
        replace(this.#orders, order, record)
        return
      }
      case 'identity': {
        const name = nameOf(record)
        this.#identitiesOfOrder.move(name, [this.#identities.get(name)?.order], [record.order])
        replace(this.#identities, name, record)
        mark(this.#waiting, name, record.state === 'waiting')
        return
      }
      case 'procedure': {
        const { sopInstanceUid, order } = record
        const old = this.#procedures.get(sopInstanceUid)
        this.#proceduresOfOrder.move(sopInstanceUid, [old?.order], [order])
        this.#proceduresOfInstance.move(sopInstanceUid, instancesOf(old), instancesOf(record))
        replace(this.#procedures, sopInstanceUid, record)
      }
    }
  }

  patient(token: string): Patient | null {
    return this.#patients.get(token) ?? null
  }

  visit(token: string): Visit | null {
    return this.#visits.get(token) ?? null
  }

  order(token: string): Order | null {
    return this.#orders.get(token) ?? null
  }

  procedure(sopInstanceUid: string): Procedure | null {
    return this.#procedures.get(sopInstanceUid) ?? null
  }

  identity(image: ImageName): ImageIdentity | null {
    return this.#identities.get(nameOf(image)) ?? null
  }

  /** All of them: what changed last stands first. */
  patients(): readonly Patient[] {
    return [...this.#patients.values()].toReversed()
  }

  visits(): readonly Visit[] {
    return [...this.#visits.values()].toReversed()
  }

  orders(): readonly Order[] {
    return [...this.#orders.values()].toReversed()
  }

  procedures(): readonly Procedure[] {
    return [...this.#procedures.values()].toReversed()
  }

  identities(): readonly ImageIdentity[] {
    return [...this.#identities.values()].toReversed()
  }

  /** In no order. */
  openVisits(): readonly Visit[] {
    return found(this.#open, this.#visits)
  }

  /** The oldest first. */
  waiting(): readonly ImageIdentity[] {
    return found(this.#waiting, this.#identities)
  }

  visitsOfPatient(patient: string): readonly Visit[] {
    return found(this.#visitsOfPatient.of(patient), this.#visits)
  }

  ordersOfVisit(visit: string): readonly Order[] {
    return found(this.#ordersOfVisit.of(visit), this.#orders)
  }

  /** Spaces around it and capitals make no difference: people type it. */
  ordersByAccession(accessionNumber: string): readonly Order[] {
    return found(this.#ordersByAccession.of(plain(accessionNumber)), this.#orders)
  }

  ordersByStudy(studyInstanceUid: string): readonly Order[] {
    return found(this.#ordersByStudy.of(studyInstanceUid.trim()), this.#orders)
  }

  /** By the van's own number, the NIK, or a number that somebody else gave. */
  patientsByNumber(number: string): readonly Patient[] {
    return found(this.#patientsByNumber.of(plain(number)), this.#patients)
  }

  proceduresOfOrder(order: string): readonly Procedure[] {
    return found(this.#proceduresOfOrder.of(order), this.#procedures)
  }

  /** Those that say that they made this instance. */
  proceduresOfInstance(sopInstanceUid: string): readonly Procedure[] {
    return found(this.#proceduresOfInstance.of(sopInstanceUid), this.#procedures)
  }

  identitiesOfOrder(order: string): readonly ImageIdentity[] {
    return found(this.#identitiesOfOrder.of(order), this.#identities)
  }
}

/** Words among the numbers of a patient that are no number of theirs. */
export const notNumbers: readonly string[] = ['statedAge', 'mergedInto']

function numbersOf({ patientId, nik, otherIds }: Patient): readonly string[] {
  const others = Object.entries(otherIds).flatMap(([name, number]) =>
    notNumbers.includes(name) ? [] : [number],
  )
  return [patientId, ...(nik === null ? [] : [nik]), ...others].map(plain)
}

function instancesOf(procedure: Procedure | undefined): readonly string[] {
  return procedure?.series.flatMap(({ instances }) => instances) ?? []
}

function nameOf({ of, sopInstanceUid }: ImageName): string {
  return `${of} ${sopInstanceUid}`
}

function plain(number: string): string {
  return number.trim().toUpperCase()
}

/** To the end, so that what changed last stands last. */
function replace<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
}

function mark(set: Set<string>, key: string, isIn: boolean): void {
  if (isIn) set.add(key)
  else set.delete(key)
}

function found<T>(keys: Iterable<string>, map: ReadonlyMap<string, T>): readonly T[] {
  return [...keys].flatMap((key) => map.get(key) ?? [])
}

/** Tokens by what they have in common. */
class Groups {
  readonly #tokens = new Map<string, Set<string>>()

  clear(): void {
    this.#tokens.clear()
  }

  of(key: string): Iterable<string> {
    return this.#tokens.get(key) ?? []
  }

  move(
    token: string,
    from: readonly (string | null | undefined)[],
    to: readonly (string | null | undefined)[],
  ): void {
    for (const key of from) {
      if (key === null || key === undefined || to.includes(key)) continue
      const tokens = this.#tokens.get(key)
      tokens?.delete(token)
      if (tokens?.size === 0) this.#tokens.delete(key)
    }
    for (const key of to) {
      // An accession number or a patient id of nothing finds nothing.
      if (key === null || key === undefined || key === '') continue
      const tokens = this.#tokens.get(key)
      if (tokens === undefined) this.#tokens.set(key, new Set([token]))
      else tokens.add(token)
    }
  }
}
