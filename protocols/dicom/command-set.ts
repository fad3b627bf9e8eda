/**
 * The command set of a DIMSE message. Source: PS3.7 section 6.3 and annex E. Always implicit VR
 * little-endian, whatever was negotiated:
 *
 *   | group 0000 (2) | element (2) | length (4) | value, even | ...
 *
 * Read tolerantly, because senders get it wrong and only the meaning matters: group length wrong or
 * missing, elements out of order or unknown, odd lengths, UIDs padded with NUL, space or both, no
 * priority. Written strictly, because some receivers are strict.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { concat, evenBytesOf, textOf, trimPadding, viewOf } from './text.ts'

export const commandLimitBytes = 65_536

/** PS3.7 table E.1-1, the values of (0000,0100). A response is the request with the top bit. */
export const commandFields = {
  store: 0x0001,
  get: 0x0010,
  find: 0x0020,
  move: 0x0021,
  echo: 0x0030,
  eventReport: 0x0100,
  nGet: 0x0110,
  nSet: 0x0120,
  nAction: 0x0130,
  nCreate: 0x0140,
  nDelete: 0x0150,
  cancel: 0x0fff,
} as const

export const responseBit = 0x8000

/** (0000,0900): PS3.7 annex C, PS3.4 tables B.2-1, C.4-1 and K.4-3. */
export const statuses = {
  success: 0x0000,
  /** One answer of several. `pendingWarning`: an optional key was not matched. */
  pending: 0xff00,
  pendingWarning: 0xff01,
  cancelled: 0xfe00,
  noSuchInstance: 0x0112,
  duplicateInstance: 0x0111,
  invalidInstance: 0x0117,
  classNotSupported: 0x0122,
  processingFailure: 0x0110,
  missingAttribute: 0x0120,
  invalidAttributeValue: 0x0106,
  invalidArgument: 0x0115,
  noSuchAction: 0x0123,
  /** PS3.3 section C.14.1.1 as a reason; said at once, so that no second report is made. */
  duplicateTransaction: 0x0131,
  unrecognizedOperation: 0x0211,
  resourceLimitation: 0x0213,
  outOfResources: 0xa700,
  classMismatch: 0xa900,
  cannotUnderstand: 0xc000,
} as const

/** Requests that mean nothing without a data set, for senders that do not say whether it comes. */
const neverWithout: ReadonlySet<number> = new Set([
  commandFields.store,
  commandFields.find,
  commandFields.move,
  commandFields.get,
  commandFields.nSet,
])
const noDataSet = 0x0101
const someDataSet = 0x0000
const commentCharacters = 64

const elements = {
  groupLength: 0x0000,
  affectedClass: 0x0002,
  requestedClass: 0x0003,
  field: 0x0100,
  messageId: 0x0110,
  respondedTo: 0x0120,
  priority: 0x0700,
  dataSetType: 0x0800,
  status: 0x0900,
  comment: 0x0902,
  errorId: 0x0903,
  affectedInstance: 0x1000,
  requestedInstance: 0x1001,
  eventType: 0x1002,
  actionType: 0x1008,
} as const

export interface CommandSet {
  readonly field: number
  /** null when the sender left it out. */
  readonly messageId: number | null
  readonly respondedTo: number | null
  /** Affected SOP class, without padding; null when absent or empty. Not checked to be a UID. */
  readonly sopClassUid: string | null
  readonly sopInstanceUid: string | null
  /** Of N-SET, N-GET, N-ACTION: what the request is about. Not checked to be a UID either. */
  readonly requestedSopClassUid: string | null
  readonly requestedSopInstanceUid: string | null
  readonly eventType: number | null
  readonly actionType: number | null
  readonly hasDataSet: boolean
  readonly status: number | null
  readonly comment: string | null
  /** Every element of group 0000 by its element number, for services that need more. */
  readonly values: ReadonlyMap<number, Uint8Array>
}

export function decodeCommandSet(bytes: Uint8Array): Decoded<CommandSet> {
  const values = new Map<number, Uint8Array>()
  const view = viewOf(bytes)
  let at = 0
  while (at + 8 <= bytes.length) {
    const group = view.getUint16(at, true)
    const element = view.getUint16(at + 2, true)
    const end = at + 8 + view.getUint32(at + 4, true)
    if (end > bytes.length) return undecoded('an element is longer than the command set')
    // The first counts: some firmware repeats elements when it reuses a buffer.
    if (group === 0 && !values.has(element)) values.set(element, bytes.slice(at + 8, end))
    at = end
  }
  if (at !== bytes.length) return undecoded('the command set ends inside an element')
  const field = numberIn(values.get(elements.field))
  if (field === null) return undecoded('a command set without a command field')
  const dataSetType = numberIn(values.get(elements.dataSetType))
  return decoded({
    field,
    messageId: numberIn(values.get(elements.messageId)),
    respondedTo: numberIn(values.get(elements.respondedTo)),
    sopClassUid: textIn(values.get(elements.affectedClass)),
    sopInstanceUid: textIn(values.get(elements.affectedInstance)),
    requestedSopClassUid: textIn(values.get(elements.requestedClass)),
    requestedSopInstanceUid: textIn(values.get(elements.requestedInstance)),
    eventType: numberIn(values.get(elements.eventType)),
    actionType: numberIn(values.get(elements.actionType)),
    hasDataSet: dataSetType === null ? neverWithout.has(field) : dataSetType !== noDataSet,
    status: numberIn(values.get(elements.status)),
    comment: textIn(values.get(elements.comment)),
    values,
  })
}

export interface CommandWords {
  readonly field: number
  readonly messageId?: number
  readonly respondedTo?: number
  readonly sopClassUid?: string | null
  readonly sopInstanceUid?: string | null
  /** Of the operations that begin with N and speak of an instance that is there. */
  readonly requestedSopClassUid?: string
  readonly requestedSopInstanceUid?: string
  readonly eventType?: number
  readonly actionType?: number
  /** 0 medium, 1 high, 2 low. DCMTK refuses a C-STORE without it. */
  readonly priority?: 0 | 1 | 2
  readonly hasDataSet: boolean
  readonly status?: number
  /** Cut to 64 characters. */
  readonly comment?: string
  /** What the service calls this failure. */
  readonly errorId?: number
}

export function encodeCommandSet(words: CommandWords): Uint8Array {
  const parts: Uint8Array[] = []
  const add = (element: number, value: Uint8Array | null): void => {
    if (value !== null) parts.push(encodeElement(element, value))
  }
  add(elements.affectedClass, uid(words.sopClassUid))
  add(elements.requestedClass, uid(words.requestedSopClassUid))
  add(elements.field, short(words.field))
  add(elements.messageId, short(words.messageId))
  add(elements.respondedTo, short(words.respondedTo))
  add(elements.priority, short(words.priority))
  add(elements.dataSetType, short(words.hasDataSet ? someDataSet : noDataSet))
  add(elements.status, short(words.status))
  if (words.comment !== undefined) {
    add(elements.comment, evenBytesOf(words.comment.slice(0, commentCharacters), ' '))
  }
  add(elements.errorId, short(words.errorId))
  add(elements.affectedInstance, uid(words.sopInstanceUid))
  add(elements.requestedInstance, uid(words.requestedSopInstanceUid))
  add(elements.eventType, short(words.eventType))
  add(elements.actionType, short(words.actionType))
  const body = concat(parts)
  const length = new Uint8Array(4)
  viewOf(length).setUint32(0, body.length, true)
  return concat([encodeElement(elements.groupLength, length), body])
}

function encodeElement(element: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + value.length)
  const view = viewOf(bytes)
  view.setUint16(2, element, true)
  view.setUint32(4, value.length, true)
  bytes.set(value, 8)
  return bytes
}

function short(value: number | undefined): Uint8Array | null {
  return value === undefined ? null : Uint8Array.of(value & 0xff, value >> 8)
}

function uid(value: string | null | undefined): Uint8Array | null {
  return value === undefined || value === null ? null : evenBytesOf(value, '\0')
}

function numberIn(value: Uint8Array | undefined): number | null {
  return value === undefined || value.length < 2 ? null : viewOf(value).getUint16(0, true)
}

function textIn(value: Uint8Array | undefined): string | null {
  const text = value === undefined ? '' : trimPadding(textOf(value))
  return text === '' ? null : text
}
