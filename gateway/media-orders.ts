/** Whose a picture is that is made an image, and the way of what is carried to the journal. */
import type { WrapSubject } from '../protocols/dicom/wrap-facts.ts'
import { mediaTrouble } from './errors/media.ts'
import type { Trouble } from './errors/trouble.ts'
import { storing, type Keeper } from './imaging/storing.ts'
import type { ThreadHears } from './media/thread.ts'
import type { Visits } from './visits/visits.ts'

/** null when there is no such order, or it is not to be done any more. */
export function subjectOf(
  { book }: Pick<Visits, 'book'>,
  token: string,
  zoneMinutes: number,
): WrapSubject | null {
  const order = book.order(token)
  const visit = order === null ? null : book.visit(order.visit)
  const patient = visit === null ? null : book.patient(visit.patient)
  if (order === null || visit === null || patient === null) return null
  if (order.state === 'cancelled' || visit.state === 'cancelled') return null
  const { patientId, name, birthDate, sex } = patient
  const { studyInstanceUid, accessionNumber, description } = order
  const startedMs = visit.openedUtcMs
  return {
    patientId,
    // Most people here have no family name: all of it is the first component.
    patientName: name,
    birthDate,
    sex,
    studyInstanceUid,
    accessionNumber,
    studyDescription: description === '' ? null : description,
    referringPhysician: null,
    studyStart: startedMs === null ? null : localTime(startedMs, zoneMinutes),
  }
}

function localTime(utcMs: number, zoneMinutes: number) {
  const [date = '', time = ''] = new Date(utcMs + zoneMinutes * 60_000).toISOString().split('T')
  return { date: date.replaceAll('-', ''), time: time.slice(0, 8).replaceAll(':', '') }
}

/** `keeper` is the one of the network too, so that both wait for each other. */
export function carriedStoring(keeper: Keeper, trouble: (trouble: Trouble) => void): ThreadHears {
  const { store } = storing(keeper, {
    conflict: ({ device }) => trouble(mediaTrouble('media-uid-conflict', { device })),
    failed: (error) => trouble(mediaTrouble('media-keep-failed', {}, error)),
  })
  return { known: (sopInstanceUid) => keeper.known(sopInstanceUid), store }
}
