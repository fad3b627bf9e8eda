/** Orders with what is known of their patients, for whoever compares images with them. */
import type { Order } from '../../protocols/packet/visit-records.ts'
import type { OrderOnBoard } from './identity.ts'
import type { Visits } from './visits.ts'

/** null when its visit or its patient is not known any more. */
export function onBoard({ book }: Pick<Visits, 'book'>, order: Order): OrderOnBoard | null {
  const visit = book.visit(order.visit)
  const patient = visit === null ? null : book.patient(visit.patient)
  if (visit === null || patient === null) return null
  return {
    order: order.order,
    visit: visit.visit,
    patient: patient.patient,
    state: order.state,
    accessionNumber: order.accessionNumber,
    studyInstanceUid: order.studyInstanceUid,
    modality: order.modality,
    stationAeTitle: order.stationAeTitle,
    scheduledUtcMs: order.scheduledUtcMs ?? order.utcMs,
    patientId: patient.patientId,
    patientName: patient.name,
    birthDate: patient.birthDate,
    sex: patient.sex,
  }
}

/** All that are known, what changed last first. */
export function ordersOnBoard(visits: Pick<Visits, 'book'>): readonly OrderOnBoard[] {
  return visits.book.orders().flatMap((order) => onBoard(visits, order) ?? [])
}
