/**
 * bioMerieux mini VIDAS: a result as a list of fields with two letters in front of each.
 *
 *   ENQ                                     the host answers ACK
 *   STX  RS mt rsl |  RS ci S-17 |  ... |  GS C1 C2  [ETX]        ACK or NAK
 *    02  1E                                1D hex
 *   EOT
 *
 *   mt kind of message   pi pn patient   ci specimen   rt rn test, short and long name
 *   tt hh:mm  td date    ql in words     qn number     y3 its unit    qd dilution   nc flags
 *   id sn instrument     m4 who did it
 *
 *   C1 C2  sum of all bytes from the first RS to GS, low eight bits, two hexadecimal digits
 *
 * Source: a transmission of a real instrument, whose check sum is right; an open implementation, for
 * the names of the fields.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

const codes = { stx: 0x02, etx: 0x03, eot: 0x04, enq: 0x05, rs: 0x1e, gs: 0x1d } as const
const lineEnds: readonly number[] = [0x0d, 0x0a]

export const vidasFrameLimitBytes = 1_024

export interface VidasResult {
  readonly kind: 'frame'
  /** By the two letters. */
  readonly fields: Readonly<{ [name: string]: string }>
}

export type VidasPacket =
  | VidasResult
  | { readonly kind: 'enquiry' | 'end' | 'filling' }
  | { readonly kind: 'broken'; readonly reason: string; readonly bytes: Uint8Array }

export function scanVidas(bytes: Uint8Array): Scan<VidasPacket> {
  const first = bytes[0]
  if (first === undefined) return incomplete
  if (first === codes.enq) return packet({ kind: 'enquiry' }, 1)
  if (first === codes.eot) return packet({ kind: 'end' }, 1)
  if (first === codes.etx || lineEnds.includes(first)) return packet({ kind: 'filling' }, 1)
  if (first === codes.stx) return scanFrame(bytes)
  let end = 1
  while (end < bytes.length && !isBeginning(bytes[end])) end++
  return noise('outside of a frame', end)
}

function scanFrame(bytes: Uint8Array): Scan<VidasPacket> {
  const limit = Math.min(bytes.length, vidasFrameLimitBytes)
  for (let at = 1; at < limit; at++) {
    if (bytes[at] === codes.gs) return closed(bytes, at)
    if (isBeginning(bytes[at])) return broken('frame cut short', bytes.slice(0, at))
  }
  return bytes.length < vidasFrameLimitBytes
    ? incomplete
    : broken('frame without end', bytes.slice(0, limit))
}

function closed(bytes: Uint8Array, gsAt: number): Scan<VidasPacket> {
  const length = gsAt + 3
  if (bytes.length < length) return incomplete
  const digits = latin1Text(bytes.subarray(gsAt + 1, length))
  const isRight =
    /^[0-9a-f]{2}$/i.test(digits) &&
    Number.parseInt(digits, 16) === sumOf(bytes.subarray(1, gsAt + 1))
  if (!isRight) return broken('check sum', bytes.slice(0, length))
  const fields = fieldsOf(latin1Text(bytes.subarray(1, gsAt)))
  if (fields === null) return broken('no fields', bytes.slice(0, length))
  return packet({ kind: 'frame', fields }, length)
}

function fieldsOf(text: string): Readonly<{ [name: string]: string }> | null {
  const [before, ...parts] = text.split('\x1e')
  if (before !== '' || parts.length === 0) return null
  const found = parts.map((part) => /^([a-z][a-z0-9])([^|]*)\|?$/.exec(part))
  if (found.some((one) => one === null)) return null
  return Object.fromEntries(found.map((one) => [one?.[1] ?? '', (one?.[2] ?? '').trim()]))
}

function broken(reason: string, bytes: Uint8Array): Scan<VidasPacket> {
  return packet({ kind: 'broken', reason, bytes }, bytes.length)
}

function isBeginning(byte: number | undefined): boolean {
  return byte === codes.stx || byte === codes.enq || byte === codes.eot
}

export function encodeVidas({ fields }: VidasResult): Uint8Array {
  const text = Object.entries(fields)
    .map(([name, value]) => `\x1e${name}${value}|`)
    .join('')
  const body = latin1Bytes(`${text}\x1d`)
  const digits = sumOf(body).toString(16).padStart(2, '0')
  return joinBytes([codes.stx], body, latin1Bytes(digits), [codes.etx])
}
