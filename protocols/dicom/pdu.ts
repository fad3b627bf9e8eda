/**
 * Protocol data units of the DICOM upper layer, whole ones. Source: PS3.8 section 9.3.
 *
 *   | type | 0 | length (4, big-endian, of what follows) | body |
 *
 *   01 A-ASSOCIATE-RQ   02 A-ASSOCIATE-AC    bodies in association.ts
 *   03 A-ASSOCIATE-RJ   | 0 | result | source | reason |
 *   04 P-DATA-TF        | length (4) | context id | control | bytes | ...
 *   05 A-RELEASE-RQ     06 A-RELEASE-RP      | 0 0 0 0 |
 *   07 A-ABORT          | 0 | 0 | source | reason |
 *
 *   control: bit 0 = command (else data set), bit 1 = last fragment
 *
 * What arrives over a network goes through pdu-reader.ts, which never holds a P-DATA whole.
 */
import type { Scan } from '../bytes/scan.ts'
import {
  decodeAssociateAccept,
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateRequest,
  type AssociateAccept,
  type AssociateRequest,
} from './association.ts'
import { concat, viewOf } from './text.ts'
import { applicationContextUid } from './uids.ts'

export const pduHeaderBytes = 6
/** Requests with 128 contexts of ten transfer syntaxes each run to 60 KB. */
export const associateLimitBytes = 1_048_576

export const pduTypes = {
  associateRequest: 0x01,
  associateAccept: 0x02,
  associateReject: 0x03,
  data: 0x04,
  releaseRequest: 0x05,
  releaseReply: 0x06,
  abort: 0x07,
} as const

/** PS3.8 table 9-21. `transient` invites the peer to try again. */
export interface Rejection {
  readonly result: 'permanent' | 'transient'
  readonly source: number
  readonly reason: number
}

export const rejections = {
  applicationContext: { result: 'permanent', source: 1, reason: 2 },
  callingTitle: { result: 'permanent', source: 1, reason: 3 },
  calledTitle: { result: 'permanent', source: 1, reason: 7 },
  protocolVersion: { result: 'permanent', source: 2, reason: 2 },
  localLimit: { result: 'transient', source: 3, reason: 2 },
} as const satisfies { readonly [name: string]: Rejection }

/** PS3.8 table 9-26: why the provider aborts. */
export const abortReasons = {
  notSpecified: 0,
  unrecognizedPdu: 1,
  unexpectedPdu: 2,
  unrecognizedParameter: 4,
  unexpectedParameter: 5,
  invalidParameter: 6,
} as const

/** One fragment of a command set or a data set, with its context. */
export interface Pdv {
  readonly contextId: number
  readonly command: boolean
  readonly last: boolean
  readonly bytes: Uint8Array
}

export type ControlPdu =
  | { readonly kind: 'associate-request'; readonly request: AssociateRequest }
  | { readonly kind: 'associate-accept'; readonly accept: AssociateAccept }
  | { readonly kind: 'associate-reject'; readonly rejection: Rejection }
  | { readonly kind: 'release-request' }
  | { readonly kind: 'release-reply' }
  | { readonly kind: 'abort'; readonly source: number; readonly reason: number }

export type Pdu = ControlPdu | { readonly kind: 'data'; readonly values: readonly Pdv[] }

/**
 * Looks for one whole PDU. Noise is all that is there: after it a stream cannot be trusted again.
 */
export function scanPdu(bytes: Uint8Array): Scan<Pdu> {
  if (bytes.length < pduHeaderBytes) return { kind: 'incomplete' }
  const type = bytes[0] ?? 0
  const bodyBytes = viewOf(bytes).getUint32(2)
  const reason = headerFault(type, bodyBytes)
  if (reason !== null) return { kind: 'noise', reason, length: bytes.length }
  const length = pduHeaderBytes + bodyBytes
  if (bytes.length < length) return { kind: 'incomplete' }
  const body = bytes.subarray(pduHeaderBytes, length)
  const packet = type === pduTypes.data ? decodeData(body) : decodeControl(type, body)
  if (typeof packet === 'string') return { kind: 'noise', reason: packet, length: bytes.length }
  return { kind: 'packet', packet, length }
}

/**
 * What is wrong with a header, or null. The length of P-DATA is left to whoever knows the limit.
 */
export function headerFault(type: number, bodyBytes: number): string | null {
  switch (type) {
    case pduTypes.associateRequest:
    case pduTypes.associateAccept:
      return bodyBytes > associateLimitBytes ? 'association PDU above the limit' : null
    case pduTypes.associateReject:
    case pduTypes.releaseRequest:
    case pduTypes.releaseReply:
    case pduTypes.abort:
      return bodyBytes === 4 ? null : `PDU type ${type} with a length other than 4`
    case pduTypes.data:
      return null
    default:
      return `PDU type ${type}`
  }
}

/** A PDU that is not P-DATA, or what is wrong with its body. */
export function decodeControl(type: number, body: Uint8Array): ControlPdu | string {
  switch (type) {
    case pduTypes.associateRequest: {
      const request = decodeAssociateRequest(body)
      return request.ok ? { kind: 'associate-request', request: request.value } : request.reason
    }
    case pduTypes.associateAccept: {
      const accept = decodeAssociateAccept(body)
      return accept.ok ? { kind: 'associate-accept', accept: accept.value } : accept.reason
    }
    case pduTypes.associateReject: {
      const result = body[1] === 2 ? 'transient' : 'permanent'
      const rejection: Rejection = { result, source: body[2] ?? 0, reason: body[3] ?? 0 }
      return { kind: 'associate-reject', rejection }
    }
    case pduTypes.releaseRequest:
      return { kind: 'release-request' }
    case pduTypes.releaseReply:
      return { kind: 'release-reply' }
    case pduTypes.abort:
      return { kind: 'abort', source: body[2] ?? 0, reason: body[3] ?? 0 }
    default:
      return `PDU type ${type}`
  }
}

export function encodePdu(pdu: Pdu): Uint8Array {
  switch (pdu.kind) {
    case 'associate-request':
      return framed(pduTypes.associateRequest, encodeAssociateRequest(pdu.request))
    case 'associate-accept':
      return framed(
        pduTypes.associateAccept,
        encodeAssociateAccept(pdu.accept, applicationContextUid),
      )
    case 'associate-reject': {
      const { result, source, reason } = pdu.rejection
      const body = Uint8Array.of(0, result === 'permanent' ? 1 : 2, source, reason)
      return framed(pduTypes.associateReject, body)
    }
    case 'release-request':
      return framed(pduTypes.releaseRequest, new Uint8Array(4))
    case 'release-reply':
      return framed(pduTypes.releaseReply, new Uint8Array(4))
    case 'abort':
      return framed(pduTypes.abort, Uint8Array.of(0, 0, pdu.source, pdu.reason))
    default:
      return framed(pduTypes.data, concat(pdu.values.flatMap(encodePdv)))
  }
}

function framed(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(pduHeaderBytes + body.length)
  bytes[0] = type
  viewOf(bytes).setUint32(2, body.length)
  bytes.set(body, pduHeaderBytes)
  return bytes
}

function encodePdv(value: Pdv): readonly Uint8Array[] {
  const head = new Uint8Array(6)
  viewOf(head).setUint32(0, value.bytes.length + 2)
  head[4] = value.contextId
  head[5] = (value.command ? 1 : 0) | (value.last ? 2 : 0)
  return [head, value.bytes]
}

function decodeData(body: Uint8Array): Pdu | string {
  const values: Pdv[] = []
  const view = viewOf(body)
  let at = 0
  while (at < body.length) {
    if (at + 6 > body.length) return 'a presentation data value is cut'
    const end = at + 4 + view.getUint32(at)
    if (end < at + 6 || end > body.length) return 'a presentation data value does not fit its PDU'
    const control = body[at + 5] ?? 0
    values.push({
      contextId: body[at + 4] ?? 0,
      command: (control & 1) !== 0,
      last: (control & 2) !== 0,
      bytes: body.subarray(at + 6, end),
    })
    at = end
  }
  return { kind: 'data', values }
}
