/** Orders as the modalities are offered them. */
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import type { Order, Patient } from '../../protocols/packet/visit-records.ts'
import { notNumbers } from './visit-book.ts'
import type { Visits } from './visits.ts'

export interface VanTime {
  /** Of the zone in which the van works. */
  readonly utcOffsetMinutes: number
  /** By the clock of the box, right or wrong: for orders that were made at no believable time. */
  readonly wallMs: number
}

/** A modality shows a few dozen at the most. */
export const worklistMax = 500
/** LO of DICOM. */
const otherIdCharactersMax = 64
const otherIdsMax = 8

/** The newest, when there are too many; among those the oldest first. */
export function worklistEntries(visits: Visits, time: VanTime): readonly WorklistEntry[] {
  return visits
    .offered()
    .slice(-worklistMax)
    .flatMap((order) => {
      const visit = visits.book.visit(order.visit)
      const patient = visit === null ? null : visits.book.patient(visit.patient)
      return patient === null ? [] : [entryOf(order, patient, time)]
    })
}

function entryOf(order: Order, patient: Patient, time: VanTime): WorklistEntry {
  const { accessionNumber, description, modality, stationAeTitle, code } = order
  return {
    accessionNumber,
    // Most people here have no family name: all of it is the first component.
    patientName: patient.name,
    patientId: patient.patientId,
    otherPatientIds: otherIdsOf(patient),
    birthDate: patient.birthDate?.replaceAll('-', '') ?? null,
    sex: patient.sex,
    weightKg: null,
    pregnancy: null,
    medicalAlerts: null,
    allergies: null,
    studyInstanceUid: order.studyInstanceUid,
    // One step a procedure, one procedure an order: all three have its number.
    requestedProcedureId: accessionNumber,
    requestedProcedureDescription: description,
    code,
    priority: null,
    referringPhysician: null,
    requestingPhysician: order.requestedBy === '' ? null : order.requestedBy,
    admissionId: null,
    patientLocation: null,
    comments: null,
    stationAeTitle,
    stationName: null,
    modality,
    scheduledStart: localTime(order.scheduledUtcMs ?? order.utcMs ?? time.wallMs, time),
    stepId: accessionNumber,
    stepDescription: description,
    performingPhysician: null,
  }
}

/** Not the NIK: screens of modalities are seen by everybody in the van. */
function otherIdsOf({ otherIds }: Patient): readonly string[] {
  return Object.entries(otherIds)
    .filter(([name]) => !notNumbers.includes(name))
    .map(([, number]) => number)
    .filter((number) => number !== '' && number.length <= otherIdCharactersMax)
    .slice(0, otherIdsMax)
}

function localTime(
  utcMs: number,
  { utcOffsetMinutes }: VanTime,
): { readonly date: string; readonly time: string } {
  const lastMs = Date.UTC(9_999, 11, 31)
  const localMs = Math.min(Math.max(utcMs + utcOffsetMinutes * 60_000, 0), lastMs)
  const [date = '', time = ''] = new Date(localMs).toISOString().split('T')
  return { date: date.replaceAll('-', ''), time: time.slice(0, 8).replaceAll(':', '') }
}
