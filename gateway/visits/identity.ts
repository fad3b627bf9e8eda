/**
 * Whose an image is: what it says, compared with the orders on board. Pure rules.
 *
 * The order is looked for by what only one order has, the surest first: the accession number, the
 * Study Instance UID that the worklist gave, then patient, modality, station and day together. An
 * image goes on by itself only when its order was found and nothing in it says otherwise, because a
 * picture under a wrong name is worse than one that waits for a person.
 */
import { withoutMarks } from '../../protocols/dicom/character-set.ts'
import type { StatedIdentity } from '../../protocols/dicom/stated-identity.ts'
import type { OrderState, Sex } from '../../protocols/packet/visit-records.ts'

/** An order, as far as an image can be compared with it. Ids are tokens where nothing is said. */
export interface OrderOnBoard {
  readonly order: string
  readonly visit: string
  readonly patient: string
  readonly state: OrderState
  readonly accessionNumber: string
  /** That the worklist gives. */
  readonly studyInstanceUid: string
  readonly modality: string
  /** null: any station. */
  readonly stationAeTitle: string | null
  readonly scheduledUtcMs: number | null
  /** The van's own number of the patient. */
  readonly patientId: string
  readonly patientName: string
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null
  readonly sex: Sex | null
}

export interface ImageToMatch {
  readonly said: StatedIdentity
  readonly studyInstanceUid: string | null
  readonly modality: string | null
  readonly callingAeTitle: string
  readonly utcMs: number | null
}

export type Finding =
  /** None was found, or more than one. */
  | 'no-order'
  | 'order-ambiguous'
  | 'order-cancelled'
  /** The image says one that no order has, or says none. */
  | 'accession-unknown'
  | 'accession-missing'
  | 'patient-id-missing'
  | 'patient-id-differs'
  | 'name-differs'
  | 'birth-date-differs'
  | 'sex-differs'
  /** Its Study Instance UID was given to another order of the same patient. */
  | 'study-of-another-order'
  /** Devices use one Study Instance UID for the next patient too. */
  | 'study-of-another-patient'

export interface Verdict {
  /** null: none, or none that is certain. */
  readonly order: OrderOnBoard | null
  /** Empty: image and order say the same. */
  readonly findings: readonly Finding[]
}

/** An image may come a day after its examination, or from a clock that is a zone away. */
const sameDayMs = 86_400_000

/** `studyPatients`: tokens of the patients to whom images of this study belong already. */
export function judge(
  image: ImageToMatch,
  orders: readonly OrderOnBoard[],
  studyPatients: ReadonlySet<string>,
): Verdict {
  const { order, findings } = findOrder(image, orders)
  const study = studyFindings(image, order, orders, studyPatients)
  if (order === null) return { order, findings: [...findings, ...study] }
  return { order, findings: [...findings, ...differences(image.said, order), ...study] }
}

/** What contradicts, when an image is held against one order. */
export function differences(said: StatedIdentity, order: OrderOnBoard): readonly Finding[] {
  const findings: Finding[] = []
  if (order.state === 'cancelled') findings.push('order-cancelled')
  if (said.patientId === null) findings.push('patient-id-missing')
  else if (said.patientId !== order.patientId) findings.push('patient-id-differs')
  if (said.patientName !== null && !sameName(said.patientName, order.patientName)) {
    findings.push('name-differs')
  }
  const birthDate = said.birthDate?.replaceAll(/\D/g, '') ?? ''
  if (birthDate !== '' && order.birthDate !== null) {
    if (birthDate !== order.birthDate.replaceAll('-', '')) findings.push('birth-date-differs')
  }
  const isSexSaid = said.sex === 'M' || said.sex === 'F' || said.sex === 'O'
  if (isSexSaid && order.sex !== null && said.sex !== order.sex) findings.push('sex-differs')
  return findings
}

/**
 * Case, marks, spaces, carets and the order of the parts mean nothing: every device writes a name
 * in its own way. Of a name in several writings the first counts.
 */
export function sameName(one: string, other: string): boolean {
  const [first, second] = [nameParts(one), nameParts(other)]
  return first !== '' && first === second
}

function nameParts(name: string): string {
  const writing = name.split('=').find((group) => group.trim() !== '') ?? ''
  const parts = withoutMarks(writing)
    .toUpperCase()
    .replaceAll(/['`]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
  return parts
    .filter((part) => part !== '')
    .sort()
    .join(' ')
}

/** The likeliest first, at most so many: what a person is shown to choose from. */
export function candidates(
  image: ImageToMatch,
  orders: readonly OrderOnBoard[],
  most: number,
): readonly OrderOnBoard[] {
  return orders
    .filter(({ state }) => state !== 'cancelled')
    .map((order) => ({ order, likeness: likeness(image, order) }))
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, most)
    .map(({ order }) => order)
}

function likeness(image: ImageToMatch, order: OrderOnBoard): number {
  const { said, studyInstanceUid, modality } = image
  let sum = 0
  if (accessionOf(said) === order.accessionNumber) sum += 32
  if (studyInstanceUid === order.studyInstanceUid) sum += 16
  if (said.patientId === order.patientId) sum += 8
  if (said.patientName !== null && sameName(said.patientName, order.patientName)) sum += 4
  if (modality === order.modality) sum += 2
  if (isOfDay(image, order) && isOfStation(image, order)) sum += 1
  return sum
}

interface FoundOrder {
  readonly order: OrderOnBoard | null
  readonly findings: readonly Finding[]
}

function findOrder(image: ImageToMatch, orders: readonly OrderOnBoard[]): FoundOrder {
  const { said, studyInstanceUid } = image
  const accession = accessionOf(said)
  // Archives look for it in the image itself, not in its Request Attributes Sequence.
  const isMissing = said.accessionNumber === null
  const missing: readonly Finding[] = isMissing ? ['accession-missing'] : []
  const byAccession = orders.find(({ accessionNumber }) => accessionNumber === accession)
  if (byAccession !== undefined) return { order: byAccession, findings: missing }
  const findings: readonly Finding[] = accession === null ? missing : ['accession-unknown']
  const byStudy = orders.find((order) => order.studyInstanceUid === studyInstanceUid)
  if (byStudy !== undefined) return { order: byStudy, findings }
  const fitting = orders.filter((order) => fits(image, order))
  const [only] = fitting
  if (only === undefined) return { order: null, findings: ['no-order', ...findings] }
  if (fitting.length > 1) return { order: null, findings: ['order-ambiguous', ...findings] }
  return { order: only, findings }
}

function accessionOf(said: StatedIdentity): string | null {
  return said.accessionNumber ?? said.requestedAccessionNumber
}

function fits(image: ImageToMatch, order: OrderOnBoard): boolean {
  if (order.state === 'cancelled' || image.said.patientId !== order.patientId) return false
  return image.modality === order.modality && isOfStation(image, order) && isOfDay(image, order)
}

function isOfStation({ callingAeTitle }: ImageToMatch, { stationAeTitle }: OrderOnBoard): boolean {
  return stationAeTitle === null || stationAeTitle === callingAeTitle
}

/** What has no time was ordered while the patient was there. */
function isOfDay({ utcMs }: ImageToMatch, { scheduledUtcMs }: OrderOnBoard): boolean {
  if (utcMs === null || scheduledUtcMs === null) return true
  return Math.abs(utcMs - scheduledUtcMs) <= sameDayMs
}

function studyFindings(
  { studyInstanceUid }: ImageToMatch,
  order: OrderOnBoard | null,
  orders: readonly OrderOnBoard[],
  studyPatients: ReadonlySet<string>,
): readonly Finding[] {
  const given = orders.find((one) => one.studyInstanceUid === studyInstanceUid)
  const patients = new Set(studyPatients)
  if (given !== undefined) patients.add(given.patient)
  if (order === null) return patients.size > 0 ? ['study-of-another-patient'] : []
  patients.delete(order.patient)
  if (patients.size > 0) return ['study-of-another-patient']
  return given !== undefined && given.order !== order.order ? ['study-of-another-order'] : []
}
