/**
 * Why a connection ended, from what the broker, the socket or TLS said.
 * Reason codes: MQTT 5 section 2.4; return codes 1 to 5 of CONNACK: MQTT 3.1.1 section 3.2.2.3.
 */
import type { CloseCode } from '../world/broker.ts'

export interface Ending {
  readonly reason: string
  readonly retriable: boolean
  readonly code: CloseCode
}

type Entry = readonly [words: string, code: CloseCode, retriable: boolean]

const unsupportedVersions: readonly number[] = [0x01, 0x84]

/** A broker of 3.1.1 answers a CONNECT of MQTT 5 with 1, one of MQTT 5 has a code of its own. */
export function refusesVersion(reasonCode: number): boolean {
  return unsupportedVersions.includes(reasonCode)
}

const reasonCodes: Readonly<{ [code: number]: Entry }> = {
  0x00: ['it ends the connection', 'lost', true],
  0x01: ['it does not speak this version of MQTT', 'protocol', false],
  0x02: ['it does not accept the client id', 'client-id', false],
  0x03: ['it is not available', 'busy', true],
  0x04: ['wrong user name or password', 'credentials', false],
  0x05: ['not authorised', 'credentials', false],
  0x80: ['unspecified error', 'protocol', true],
  0x81: ['malformed packet', 'protocol', true],
  0x82: ['protocol error', 'protocol', true],
  0x83: ['an error of its own', 'busy', true],
  0x84: ['it does not speak this version of MQTT', 'protocol', false],
  0x85: ['it does not accept the client id', 'client-id', false],
  0x86: ['wrong user name or password', 'credentials', false],
  0x87: ['not authorised', 'credentials', false],
  0x88: ['it is not available', 'busy', true],
  0x89: ['it is busy', 'busy', true],
  0x8a: ['this client is banned', 'credentials', false],
  0x8b: ['it is shutting down', 'busy', true],
  0x8c: ['bad authentication method', 'credentials', false],
  0x8d: ['it heard nothing for too long', 'lost', true],
  0x8e: ['another connection took over this client id', 'taken-over', true],
  0x8f: ['topic filter invalid', 'protocol', false],
  0x90: ['topic name invalid', 'protocol', false],
  0x93: ['more unanswered messages than it allows', 'protocol', true],
  0x94: ['topic alias invalid', 'protocol', true],
  0x95: ['packet too large', 'packet-too-large', true],
  0x96: ['too many messages in a short time', 'busy', true],
  0x97: ['quota exceeded', 'busy', true],
  0x98: ['closed by its administrator', 'busy', true],
  0x99: ['payload format invalid', 'protocol', false],
  0x9a: ['it does not keep retained messages', 'protocol', false],
  0x9b: ['it does not offer QoS 1', 'protocol', false],
  0x9c: ['use another server', 'settings', false],
  0x9d: ['it has moved', 'settings', false],
  0x9e: ['it does not offer shared subscriptions', 'protocol', false],
  0x9f: ['too many connections in a short time', 'busy', true],
  0xa0: ['the longest time of a connection is over', 'lost', true],
  0xa1: ['it does not offer subscription identifiers', 'protocol', false],
  0xa2: ['it does not offer wildcards', 'protocol', false],
}

function entryOf(reasonCode: number): Entry {
  return reasonCodes[reasonCode] ?? [`reason ${hex(reasonCode)}`, 'protocol', true]
}

/** What a refusal of a message or a subscription means, without a capital or a stop. */
export function wordsOfReasonCode(reasonCode: number): string {
  return `${entryOf(reasonCode)[0]} (${hex(reasonCode)})`
}

/** A refused CONNECT, or a DISCONNECT that the broker sent. */
export function endingOfReasonCode(reasonCode: number): Ending {
  const [words, code, retriable] = entryOf(reasonCode)
  return { reason: `The broker says: ${words} (${hex(reasonCode)}).`, retriable, code }
}

/** Codes of Node's sockets and of OpenSSL as Node names them. */
const errorCodes: Readonly<{ [code: string]: Entry }> = {
  ENOTFOUND: ['The name of the broker is unknown.', 'name-unknown', true],
  EAI_AGAIN: ['No name server answers.', 'name-unknown', true],
  ECONNREFUSED: ['Nobody listens at the address of the broker.', 'unreachable', true],
  EHOSTUNREACH: ['There is no way to the broker.', 'unreachable', true],
  ENETUNREACH: ['There is no network.', 'unreachable', true],
  EADDRNOTAVAIL: ['There is no network.', 'unreachable', true],
  ETIMEDOUT: ['The broker does not answer.', 'unreachable', true],
  ECONNRESET: ['The connection was cut.', 'lost', true],
  EPIPE: ['The connection was cut.', 'lost', true],
  CERT_HAS_EXPIRED: [
    "The broker's certificate has expired, or the clock of this box is ahead.",
    'certificate-time',
    true,
  ],
  CERT_NOT_YET_VALID: [
    "The broker's certificate is not valid yet, or the clock of this box is behind.",
    'certificate-time',
    true,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "The broker's certificate was made for another name.",
    'certificate',
    false,
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['The broker signed its certificate itself.', 'certificate', false],
  EPROTO: ['What answers there does not speak TLS.', 'protocol', false],
  ERR_SSL_WRONG_VERSION_NUMBER: ['What answers there does not speak TLS.', 'protocol', false],
}

const untrustedCodes: readonly string[] = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
]

/** Alerts with which the other side refuses our certificate, or says that it wants one. */
const refusedAlert = /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/
const expiredAlert = /^ERR_SSL_.*ALERT_CERTIFICATE_EXPIRED/

export function endingOfError(error: unknown): Ending {
  const { code, message } = partsOf(error)
  if (typeof code === 'number') return endingOfReasonCode(code)
  const entry = code === null ? undefined : errorCodes[code]
  if (entry !== undefined) {
    const [reason, closeCode, retriable] = entry
    return { reason: `${reason} (${code})`, code: closeCode, retriable }
  }
  if (code !== null && untrustedCodes.includes(code)) {
    const reason = `The broker's certificate was not made by an authority that we trust. (${code})`
    return { reason, code: 'certificate', retriable: false }
  }
  if (code !== null && expiredAlert.test(code)) {
    const reason = `The broker says that our certificate has expired. (${code})`
    return { reason, code: 'certificate-refused', retriable: false }
  }
  if (code !== null && refusedAlert.test(code)) {
    const reason = `The broker does not accept our certificate, or wants one. (${code})`
    return { reason, code: 'certificate-refused', retriable: false }
  }
  return { reason: `The connection failed: ${message}.`, code: 'lost', retriable: true }
}

export function endingOfUnusableSettings(error: unknown): Ending {
  const { message } = partsOf(error)
  const reason = `The address, certificate or key of the broker cannot be used: ${message}.`
  return { reason, code: 'settings', retriable: false }
}

function partsOf(error: unknown): { code: string | number | null; message: string } {
  if (typeof error !== 'object' || error === null) return { code: null, message: String(error) }
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  return {
    code: typeof code === 'string' || typeof code === 'number' ? code : null,
    message: typeof message === 'string' ? message : 'unknown error',
  }
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}
