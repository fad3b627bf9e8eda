/**
 * The envelope of IEEE 11073-20601, found in a stream of bytes or alone in a transfer.
 *
 *   choice u16 | length u16 | length bytes
 *
 *   E200 AARQ association request     E300 AARE its answer
 *   E400 RLRQ release request         E500 RLRE its answer        E600 ABRT abort
 *   E700 PRST everything said while associated: length u16 | data APDU
 *
 * There is neither a mark to find the beginning by nor a check sum: TCP and USB have their own. On
 * a plain serial line only the two first bytes and the lengths that must fit tell a beginning.
 *
 * Source: Antidote, the stacks of Freescale and Microchip, recorded sessions of them and of Omron
 * and Nonin devices.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import {
  encodeAssociationRequest,
  encodeAssociationResponse,
  readAssociationRequest,
  readAssociationResponse,
  type AssociationRequest,
  type AssociationResponse,
} from './association.ts'
import { encodeData, readData, type Data } from './data.ts'
import { MderReader, octets, u16 } from './mder.ts'

export type Apdu =
  | ({ readonly kind: 'association-request' } & AssociationRequest)
  | ({ readonly kind: 'association-response' } & AssociationResponse)
  | { readonly kind: 'release-request'; readonly reason: number }
  | { readonly kind: 'release-response'; readonly reason: number }
  | { readonly kind: 'abort'; readonly reason: number }
  | { readonly kind: 'data'; readonly data: Data }
  /** The envelope is whole and what is in it is not. `invoke` is null when there is none. */
  | { readonly kind: 'malformed'; readonly reason: string; readonly invoke: number | null }

/** What the length field can say, with the four bytes before it. */
export const apduLimitBytes = 65_539

const choices = {
  'association-request': 0xe200,
  'association-response': 0xe300,
  'release-request': 0xe400,
  'release-response': 0xe500,
  abort: 0xe600,
  data: 0xe700,
} as const

/** An association is negotiated in 54 bytes; a longer list of protocols than this is none. */
const associationLimitBytes = 1_024
const shortestData = 8

export function scanApdu(bytes: Uint8Array): Scan<Apdu> {
  if (bytes.length === 0) return incomplete
  const beginning = bytes.findIndex((_, at) => canBegin(bytes, at))
  if (beginning !== 0) return noise('no APDU', beginning === -1 ? bytes.length : beginning)
  const reader = new MderReader(bytes)
  const [choice, length] = [reader.u16(), reader.u16()]
  if (!reader.isWhole) return incomplete
  if (!isLength(choice, length)) return noise('not the length of its kind', 1)
  if (choice === choices.data && bytes.length >= 6 && reader.u16() > length - 2) {
    return noise('data longer than its envelope', 1)
  }
  if (bytes.length < length + 4) return incomplete
  return packet(readApdu(choice, bytes.subarray(4, 4 + length)), length + 4)
}

/** Whether an APDU may begin there, as far as there are bytes to tell. */
function canBegin(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  return first >= 0xe2 && first <= 0xe7 && second === 0
}

function isLength(choice: number, length: number): boolean {
  switch (choice) {
    case choices['association-request']:
    case choices['association-response']:
      return length >= 2 && length <= associationLimitBytes
    case choices.data:
      return length >= shortestData
    default:
      return length === 2
  }
}

function readApdu(choice: number, body: Uint8Array): Apdu {
  switch (choice) {
    case choices['association-request']: {
      const request = readAssociationRequest(body)
      if (request === null) return malformed('an association request cut short', null)
      return { kind: 'association-request', ...request }
    }
    case choices['association-response']: {
      const response = readAssociationResponse(body)
      if (response === null) return malformed('an association response cut short', null)
      return { kind: 'association-response', ...response }
    }
    case choices['release-request']:
      return { kind: 'release-request', reason: new MderReader(body).u16() }
    case choices['release-response']:
      return { kind: 'release-response', reason: new MderReader(body).u16() }
    case choices.abort:
      return { kind: 'abort', reason: new MderReader(body).u16() }
    default: {
      const inner = new MderReader(body).octets()
      const data = readData(inner)
      return data.ok ? { kind: 'data', data: data.value } : malformed(data.reason, data.invoke)
    }
  }
}

function malformed(reason: string, invoke: number | null): Apdu {
  return { kind: 'malformed', reason, invoke }
}

export function encodeApdu(apdu: Exclude<Apdu, { kind: 'malformed' }>): Uint8Array {
  return joinBytes(u16(choices[apdu.kind]), octets(bodyOf(apdu)))
}

function bodyOf(apdu: Exclude<Apdu, { kind: 'malformed' }>): Uint8Array {
  switch (apdu.kind) {
    case 'association-request':
      return encodeAssociationRequest(apdu)
    case 'association-response':
      return encodeAssociationResponse(apdu)
    case 'data':
      return octets(encodeData(apdu.data))
    default:
      return u16(apdu.reason)
  }
}
