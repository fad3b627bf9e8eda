/**
 * What a hospital tells a worklist: who is there (ADT) and what is asked for whom (ORM, OML, OMI).
 * Everything in it is data of patients.
 *
 * Source: HL7 version 2.5.1, chapters 3 and 4; IHE Radiology Technical Framework, volume 2, section
 * 4.4 for where an order of an examination has its DICOM numbers.
 */
import type { Decoded } from '../packet/decoded.ts'
import { decoded, undecoded } from '../packet/decoded.ts'
import type { DeviceTime } from '../packet/record.ts'
import { headOf, hl7Time } from './header.ts'
import {
  componentsOf,
  firstPart,
  partsOf,
  rawField,
  repetitionsOf,
  type Hl7Message,
  type Segment,
} from './er7.ts'

export interface PatientId {
  readonly id: string
  /** Who gave it; empty when not said. */
  readonly authority: string
  /** Table 0203: MR, PI, NI (a national number); empty when not said. */
  readonly type: string
}

export interface Patient {
  /** PID-3, and PID-2 and PID-4 of older senders, in that order. */
  readonly ids: readonly PatientId[]
  readonly familyName: string
  readonly givenName: string
  /** YYYY-MM-DD; null when not said, or when it is no date. */
  readonly birthDate: string | null
  /** PID-8: M, F, O, U, A, N; empty when not said. */
  readonly sex: string
}

export interface PatientVisit {
  /** PV1-2: I inpatient, O outpatient, E emergency. */
  readonly patientClass: string
  /** Components of PV1-3. */
  readonly location: readonly string[]
  /** PV1-19. */
  readonly visitId: string
}

export interface Admission {
  /** A01 admitted, A04 registered, A08 updated, A03 discharged, A11 cancelled, A40 merged. */
  readonly trigger: string
  readonly patient: Patient
  readonly visit: PatientVisit | null
  /** MRG-1 of A40: the number that is not to be used any more. */
  readonly mergedIds: readonly PatientId[]
}

export interface OrderRequest {
  /** ORC-1: NW new, CA cancel, XO change, DC discontinue, SC status. */
  readonly control: string
  /** ORC-2, or OBR-2: the number of who asks. */
  readonly placerId: string
  /** ORC-3, or OBR-3. */
  readonly fillerId: string
  /** OBR-4: code, text, coding system. */
  readonly service: readonly string[]
  /** OBR-5 or OBR-27: S at once, A soon, R routine; empty when not said. */
  readonly priority: string
  /** OBR-7, or OBR-36 when it is planned. */
  readonly when: DeviceTime | null
  /** SPM-2, or the container of SAC-3. */
  readonly specimenId: string
  /** ORC-12, or OBR-16: who orders it. */
  readonly orderedBy: PersonName
  /** IPC-5, or OBR-24: a term of DICOM, or a section of table 0074. */
  readonly section: string
  /** IPC-1, or OBR-18. */
  readonly accessionNumber: string
  /** IPC-3, or ZDS-1. */
  readonly studyInstanceUid: string
  /** IPC-9: the AE title of the station. */
  readonly stationAeTitle: string
}

export interface PersonName {
  readonly familyName: string
  readonly givenName: string
}

export interface OrderMessage {
  readonly patient: Patient
  readonly visit: PatientVisit | null
  readonly orders: readonly OrderRequest[]
}

export function readAdmission(message: Hl7Message): Decoded<Admission> {
  const { type, trigger } = headOf(message)
  if (type !== 'ADT') return undecoded('expected ADT, found another type of message')
  const patient = patientOf(message)
  if (patient === null) return undecoded('expected PID with a patient id, found none')
  const merged = message.segments.find(({ name }) => name === 'MRG')
  return decoded({
    trigger,
    patient,
    visit: visitOf(message),
    mergedIds: merged === undefined ? [] : idsOf(message, merged, 1),
  })
}

export function readOrders(message: Hl7Message): Decoded<OrderMessage> {
  const { type } = headOf(message)
  if (!['ORM', 'OML', 'OMG', 'OMI'].includes(type)) {
    return undecoded('expected ORM, OML, OMG or OMI, found another type of message')
  }
  const patient = patientOf(message)
  if (patient === null) return undecoded('expected PID with a patient id, found none')
  const orders = ordersOf(message)
  if (orders.length === 0) return undecoded('expected an order, found none')
  return decoded({ patient, visit: visitOf(message), orders })
}

function patientOf(message: Hl7Message): Patient | null {
  const segment = message.segments.find(({ name }) => name === 'PID')
  if (segment === undefined) return null
  const ids = [3, 2, 4].flatMap((number) => idsOf(message, segment, number))
  if (ids.length === 0) return null
  const [familyName = '', givenName = ''] = componentsOf(message, segment, 5)
  return {
    ids,
    familyName: familyName.trim(),
    givenName: givenName.trim(),
    birthDate: dateOf(firstPart(message, segment, 7)),
    sex: firstPart(message, segment, 8).toUpperCase(),
  }
}

function idsOf(message: Hl7Message, segment: Segment, number: number): readonly PatientId[] {
  return repetitionsOf(message, rawField(segment, number)).flatMap((one) => {
    const [id = '', , , authority = '', type = ''] = partsOf(message, one).map((part) =>
      part.trim(),
    )
    const [name = ''] = authority.split(message.encoding.subcomponent || '&', 1)
    return id === '' || id === '""' ? [] : [{ id, authority: name, type }]
  })
}

function dateOf(text: string): string | null {
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d\d)(\d\d)/.exec(text) ?? []
  const isDate = year !== '' && hl7Time(`${year}${month}${day}0000`) !== null
  return isDate ? `${year}-${month}-${day}` : null
}

function visitOf(message: Hl7Message): PatientVisit | null {
  const segment = message.segments.find(({ name }) => name === 'PV1')
  if (segment === undefined) return null
  return {
    patientClass: firstPart(message, segment, 2),
    location: componentsOf(message, segment, 3),
    visitId: firstPart(message, segment, 19),
  }
}

/** ORC begins an order, and so does an OBR that has no ORC of its own above it. */
function ordersOf(message: Hl7Message): readonly OrderRequest[] {
  const orders: OrderRequest[] = []
  let control: Segment | null = null
  let specimenId = ''
  for (const segment of message.segments) {
    if (segment.name === 'SPM') specimenId = firstPart(message, segment, 2)
    if (segment.name === 'SAC') specimenId ||= firstPart(message, segment, 3)
    if (segment.name === 'ORC') control = segment
    const last = orders.at(-1)
    if (last !== undefined) orders[orders.length - 1] = withNumbers(message, last, segment)
    if (segment.name !== 'OBR') continue
    orders.push(orderOf(message, control, segment, specimenId))
    control = null
  }
  return orders
}

function orderOf(
  message: Hl7Message,
  control: Segment | null,
  request: Segment,
  specimenId: string,
): OrderRequest {
  const from = (segment: Segment | null, number: number) =>
    segment === null ? '' : firstPart(message, segment, number)
  const [timing = ''] = repetitionsOf(message, rawField(request, 27))
  return {
    control: from(control, 1),
    placerId: from(control, 2) || from(request, 2),
    fillerId: from(control, 3) || from(request, 3),
    service: componentsOf(message, request, 4),
    priority: from(request, 5) || (partsOf(message, timing)[5] ?? ''),
    when: hl7Time(from(request, 36)) ?? hl7Time(from(request, 7)),
    specimenId,
    orderedBy: orderedBy(message, control, request),
    section: from(request, 24).toUpperCase(),
    accessionNumber: from(request, 18),
    studyInstanceUid: '',
    stationAeTitle: '',
  }
}

/** What the segments behind an order say of its images. */
function withNumbers(message: Hl7Message, order: OrderRequest, segment: Segment): OrderRequest {
  const said = (number: number) => firstPart(message, segment, number)
  if (segment.name === 'ZDS') return { ...order, studyInstanceUid: said(1) }
  if (segment.name !== 'IPC') return order
  return {
    ...order,
    accessionNumber: said(1) || order.accessionNumber,
    studyInstanceUid: said(3) || order.studyInstanceUid,
    section: said(5).toUpperCase() || order.section,
    stationAeTitle: said(9),
  }
}

/** An XCN: the id of the person comes before the name. */
function orderedBy(message: Hl7Message, control: Segment | null, request: Segment): PersonName {
  const byControl = control === null ? [] : componentsOf(message, control, 12)
  const parts = byControl.some((part) => part !== '')
    ? byControl
    : componentsOf(message, request, 16)
  const [, familyName = '', givenName = ''] = parts
  return { familyName: familyName.trim(), givenName: givenName.trim() }
}
