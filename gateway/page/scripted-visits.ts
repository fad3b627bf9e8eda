/**
 * Visits, orders and images that wait, as a script: for the tests of the page, and to look at the
 * page without a gateway. Everybody in it is invented.
 */
import { maskNik } from '../../protocols/identity/nik.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { visitsTrouble } from '../errors/visits.ts'
import { pageTrouble } from '../errors/page.ts'
import { greyJpeg } from './scripted-picture.ts'
import type {
  CandidateView,
  DecidedStudy,
  Decision,
  FoundPatient,
  IdentityDesk,
  OrderView,
  PatientSaid,
  PatientView,
  VisitsDesk,
  VisitView,
  WaitingStudy,
} from './visits-view.ts'

interface Person extends PatientSaid {
  readonly patient: string
  readonly patientId: string
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

export interface ScriptedVisits extends VisitsDesk {
  /** A study that came without an accession number. */
  receive(study: string, says: Partial<WaitingStudy['says']>): void
  readonly people: readonly Person[]
  readonly decisions: readonly { readonly by: string; readonly decision: Decision }[]
}

const minuteMs = 60_000

export function scriptedVisits(clock: Clock, changed: () => void): ScriptedVisits {
  const people: Person[] = invented.map((one, at) => ({ ...one, patientId: `V02-00${at + 17}` }))
  const visits: Changing<VisitView>[] = []
  const waiting: WaitingStudy[] = []
  const decided: DecidedStudy[] = []
  const undone = new Map<string, WaitingStudy>()
  const decisions: { by: string; decision: Decision }[] = []
  let tokens = 0
  const token = (what: string) => `${what}-${(tokens += 1)}`

  const viewOf = (patient: string): PatientView => {
    const person = people.find((one) => one.patient === patient)
    if (person === undefined) throw visitsTrouble('visits-patient-unknown')
    return { ...person, nik: person.nik === null ? null : maskNik(person.nik) }
  }
  const visitOf = (name: string) => {
    const visit = visits.find((one) => one.visit === name)
    if (visit === undefined) throw visitsTrouble('visits-visit-unknown')
    return visit
  }
  const ordersOf = () => visits.flatMap((visit) => visit.orders.map((order) => ({ visit, order })))
  const change = (order: string, to: Partial<OrderView>) => {
    const found = ordersOf().find((one) => one.order.order === order)
    if (found === undefined) throw visitsTrouble('visits-order-unknown')
    const orders = found.visit.orders.map((one) => (one.order === order ? { ...one, ...to } : one))
    found.visit.orders = orders
    changed()
  }
  const candidatesOf = (study: WaitingStudy): readonly CandidateView[] =>
    ordersOf()
      .filter(({ visit, order }) => visit.state === 'open' && order.state !== 'cancelled')
      .filter(({ order }) => order.modality === study.modality)
      .map(({ visit, order }) => ({
        visit: visit.visit,
        order,
        patient: visit.patient,
        differs: differsOf(study.says, visit.patient, order),
      }))
      .sort((one, other) => one.differs.length - other.differs.length)
  const take = (name: string): WaitingStudy => {
    const at = waiting.findIndex(({ study }) => study === name)
    const [study] = at < 0 ? [] : waiting.splice(at, 1)
    if (study === undefined) throw pageTrouble('page-other-patient')
    undone.set(name, study)
    return study
  }

  const decide = (by: string, decision: Decision): void => {
    decisions.push({ by, decision })
    if (decision.kind === 'undo') {
      const study = undone.get(decision.study)
      if (study !== undefined) waiting.push(study)
      const at = decided.findIndex((one) => one.study === decision.study)
      if (at >= 0) decided.splice(at, 1)
      return changed()
    }
    const chosen =
      decision.kind === 'assign'
        ? ordersOf().find(({ order }) => order.order === decision.order)
        : undefined
    if (decision.kind === 'assign' && chosen?.visit.patient.patient !== decision.patient) {
      throw pageTrouble('page-other-patient')
    }
    const { study, device, modality, utcMs, images } = take(decision.study)
    decided.unshift({
      study,
      device,
      modality,
      utcMs,
      images,
      by,
      state:
        decision.kind === 'assign'
          ? 'coerced'
          : decision.kind === 'accept'
            ? 'accepted'
            : 'refused',
      patient: chosen?.visit.patient ?? null,
      accessionNumber: chosen?.order.accessionNumber ?? null,
      reason: decision.kind === 'assign' ? '' : decision.reason,
    })
    if (chosen !== undefined) {
      change(chosen.order.order, { state: 'completed', images: chosen.order.images + images })
    }
    changed()
  }

  const images: IdentityDesk = {
    view: async () => ({
      waiting: waiting.map((study) => ({ ...study, candidates: candidatesOf(study) })),
      decided,
    }),
    decide: async (by, decision) => decide(by, decision),
    preview: async (name) => (name.startsWith('preview') ? greyJpeg : null),
  }

  return {
    people,
    decisions,
    images,
    view: async () => ({
      visits: visits.toReversed(),
      stations: [
        { aeTitle: 'VIVID_IQ', device: 'us-1' },
        { aeTitle: 'FDRXAIR', device: 'xr-1' },
      ],
      waiting: waiting.length,
    }),
    find: async (text, limit): Promise<readonly FoundPatient[]> =>
      people
        .filter((one) => isFound(one, text))
        .slice(0, limit)
        .map((one) => ({
          ...viewOf(one.patient),
          seenUtcMs: clock.wallMs() - 90 * minuteMs,
          openVisit:
            visits.find(({ patient, state }) => patient.patient === one.patient && state === 'open')
              ?.visit ?? null,
        })),
    async open(by, who, devices) {
      let patient = who
      if (typeof patient !== 'string') {
        people.push({ ...patient, patient: token('patient'), patientId: `V02-00${people.length}7` })
        patient = people.at(-1)?.patient ?? ''
      }
      const visit = token('visit')
      free(visits, devices)
      const openedUtcMs = clock.wallMs()
      const common = { visit, patient: viewOf(patient), state: 'open', orders: [] } as const
      visits.push({ ...common, devices, openedUtcMs, by })
      changed()
      return visit
    },
    async correct(_by, patient, said) {
      const at = people.findIndex((one) => one.patient === patient)
      const person = people[at]
      if (person === undefined) throw visitsTrouble('visits-patient-unknown')
      people[at] = { ...person, ...said, nik: said.nik === undefined ? person.nik : said.nik }
      for (const one of visits) if (one.patient.patient === patient) one.patient = viewOf(patient)
      changed()
    },
    async assignDevices(_by, visit, devices) {
      const chosen = visitOf(visit)
      free(visits, devices)
      chosen.devices = devices
      changed()
    },
    async close(_by, visit) {
      visitOf(visit).state = 'closed'
      changed()
    },
    async cancel(_by, visit) {
      visitOf(visit).state = 'cancelled'
      changed()
    },
    async order(by, { visit, modality, description, stationAeTitle }) {
      const chosen = visitOf(visit)
      if (chosen.state !== 'open') throw visitsTrouble('visits-visit-over')
      const order = token('order')
      const accessionNumber = `V027KQ4XM09Z${String(tokens).padStart(4, '0')}`
      const made: OrderView = {
        order,
        accessionNumber,
        modality,
        description,
        stationAeTitle,
        by,
        state: 'scheduled',
        images: 0,
      }
      chosen.orders = [...chosen.orders, made]
      changed()
      return made
    },
    async completeOrder(_by, order) {
      change(order, { state: 'completed' })
    },
    async cancelOrder(_by, order) {
      change(order, { state: 'cancelled' })
    },
    receive(study, says) {
      waiting.push({
        study,
        device: 'us-1',
        modality: 'US',
        utcMs: clock.wallMs() - 3 * minuteMs,
        images: 4,
        says: { ...saysNothing, ...says },
        findings: ['accession-missing', 'name-differs'],
        previews: [`preview-${study}`, `preview-${study}-2`],
        candidates: [],
      })
      changed()
    },
  }
}

/** A device that stands with one visit stands with no other. */
function free(visits: readonly Changing<VisitView>[], devices: readonly string[]): void {
  for (const visit of visits) {
    visit.devices = visit.devices.filter((device) => !devices.includes(device))
  }
}

function isFound({ name, patientId, nik }: Person, text: string): boolean {
  const wanted = text.toLowerCase()
  return name.toLowerCase().includes(wanted) || patientId.toLowerCase() === wanted || nik === text
}

function differsOf(
  says: WaitingStudy['says'],
  patient: PatientView,
  order: OrderView,
): CandidateView['differs'] {
  const words = (name: string) =>
    name
      .toLowerCase()
      .split(/[\s^,]+/)
      .toSorted()
      .join(' ')
  const isOther = (one: string | null, other: string | null) =>
    one !== null && other !== null && one !== other
  return [
    ...(isOther(says.name && words(says.name), words(patient.name)) ? (['name'] as const) : []),
    ...(isOther(says.patientId, patient.patientId) ? (['patientId'] as const) : []),
    ...(isOther(says.birthDate, patient.birthDate?.replaceAll('-', '') ?? null)
      ? (['birthDate'] as const)
      : []),
    ...(isOther(says.sex, patient.sex) ? (['sex'] as const) : []),
    ...(isOther(says.accessionNumber, order.accessionNumber) ? (['accessionNumber'] as const) : []),
  ]
}

const saysNothing: WaitingStudy['says'] = {
  patientId: null,
  name: null,
  birthDate: null,
  sex: null,
  accessionNumber: null,
}

const invented: readonly Omit<Person, 'patientId'>[] = [
  {
    patient: 'patient-a',
    name: 'Siti Contoh Aminah',
    nik: '3602995708900001',
    birthDate: '1990-08-17',
    statedAge: null,
    sex: 'F',
  },
  {
    patient: 'patient-b',
    name: 'Budi Misalnya',
    nik: null,
    birthDate: null,
    statedAge: { years: 61, on: '2026-04-12' },
    sex: 'M',
  },
]
