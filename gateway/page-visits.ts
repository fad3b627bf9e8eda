/** Visits and orders as the page shows them. */
import type { Words } from '../protocols/packet/record.ts'
import type { Order, Patient, Visit } from '../protocols/packet/visit-records.ts'
import { maskNik } from '../protocols/identity/nik.ts'
import { visitsTrouble } from './errors/visits.ts'
import type {
  FoundPatient,
  IdentityDesk,
  OrderView,
  PatientSaid,
  PatientView,
  StatedAge,
  StationView,
  VisitsDesk,
  VisitView,
} from './page/visits-view.ts'
import { searchPatients } from './patient-search.ts'
import type { Visits } from './visits/visits.ts'

export interface VisitsDeskParts {
  readonly visits: Visits
  readonly images: IdentityDesk
  readonly stations: () => readonly StationView[]
}

type Book = Visits['book']

/** Visits that are over are shown below the open ones, for images that come late. */
const overShownMax = 12
const ageName = 'statedAge'
const nothing = { waiting: [] }

export function visitsDesk({ visits, images, stations }: VisitsDeskParts): VisitsDesk {
  const { book } = visits
  return {
    images,
    async view() {
      const open = book.openVisits().toSorted((a, b) => (a.visit < b.visit ? 1 : -1))
      const over = book.visits().filter(({ state }) => state !== 'open')
      // Only then are files read.
      const { waiting } = book.waiting().length === 0 ? nothing : await images.view()
      return {
        visits: [...open, ...over.slice(0, overShownMax)].flatMap((one) => visitView(book, one)),
        stations: stations(),
        waiting: waiting.length,
      }
    },
    find: async (text, limit) =>
      searchPatients(book, text, limit).map((patient) => foundView(book, patient)),
    async open(by, who, devices) {
      // Two tablets may open it at once: a patient is here once.
      const here = typeof who === 'string' ? openVisitOf(book, who) : undefined
      if (here !== undefined) {
        return (await visits.assignDevices(by, here.visit, [...here.devices, ...devices])).visit
      }
      const patient =
        typeof who === 'string'
          ? who
          : (await visits.savePatient(by, { ...who, otherIds: withAge({}, who.statedAge) })).patient
      return (await visits.openVisit(by, patient, devices)).visit
    },
    async correct(by, token, said) {
      const known = book.patient(token)
      if (known === null) throw visitsTrouble('visits-patient-unknown')
      const nik = said.nik === undefined ? known.nik : said.nik
      const otherIds = withAge(known.otherIds, said.statedAge)
      await visits.savePatient(by, { ...personOf(said), nik, otherIds }, token)
    },
    async assignDevices(by, visit, devices) {
      await visits.assignDevices(by, visit, devices)
    },
    async close(by, visit) {
      await visits.closeVisit(by, visit)
    },
    async cancel(by, visit, reason) {
      await visits.cancelVisit(by, visit, reason)
    },
    async order(by, said) {
      const order = { ...said, requestedBy: by, scheduledUtcMs: null }
      return orderView(book, await visits.makeOrder(by, order))
    },
    async completeOrder(by, order) {
      await visits.completeOrder(by, order)
    },
    async cancelOrder(by, order, reason) {
      await visits.cancelOrder(by, order, reason)
    },
  }
}

export function patientView(patient: Patient): PatientView {
  const { nik, otherIds } = patient
  return {
    patient: patient.patient,
    patientId: patient.patientId,
    name: patient.name,
    nik: nik === null ? null : maskNik(nik),
    birthDate: patient.birthDate,
    statedAge: ageIn(otherIds),
    sex: patient.sex,
  }
}

export function orderView(book: Book, order: Order): OrderView {
  const images = book.identitiesOfOrder(order.order).filter(({ state }) => belongs.has(state))
  return {
    order: order.order,
    accessionNumber: order.accessionNumber,
    modality: order.modality,
    description: order.description,
    stationAeTitle: order.stationAeTitle,
    state: order.state,
    images: images.length,
    by: order.by,
  }
}

/** An identity of these is settled: the image is the order's. */
const belongs: ReadonlySet<string> = new Set(['matched', 'accepted', 'coerced'])

/** Nothing of a visit whose patient is not known any more. */
function visitView(book: Book, visit: Visit): readonly VisitView[] {
  const patient = book.patient(visit.patient)
  if (patient === null) return []
  const orders = book
    .ordersOfVisit(visit.visit)
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map((order) => orderView(book, order))
  return [
    {
      visit: visit.visit,
      patient: patientView(patient),
      state: visit.state,
      devices: visit.devices,
      openedUtcMs: visit.openedUtcMs,
      by: visit.by,
      orders,
    },
  ]
}

function foundView(book: Book, patient: Patient): FoundPatient {
  const theirs = book.visitsOfPatient(patient.patient)
  const seen = theirs.map(({ openedUtcMs }) => openedUtcMs).filter((utcMs) => utcMs !== null)
  return {
    ...patientView(patient),
    seenUtcMs: seen.length === 0 ? null : Math.max(...seen),
    openVisit: openVisitOf(book, patient.patient)?.visit ?? null,
  }
}

function openVisitOf(book: Book, patient: string): Visit | undefined {
  return book.visitsOfPatient(patient).find(({ state }) => state === 'open')
}

function personOf({ name, birthDate, sex }: Omit<PatientSaid, 'nik'>) {
  return { name, birthDate, sex }
}

/** An age that was said is no number of a person, and no birth date is made of it. */
function withAge(otherIds: Words, age: StatedAge | null): Words {
  const { [ageName]: _, ...others } = otherIds
  if (age === null) return others
  return { ...others, [ageName]: age.on === null ? String(age.years) : `${age.years} ${age.on}` }
}

function ageIn(otherIds: Words): StatedAge | null {
  const [years, on] = (otherIds[ageName] ?? '').split(' ')
  return years === undefined || years === '' ? null : { years: Number(years), on: on ?? null }
}
