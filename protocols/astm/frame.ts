/**
 * Frames of ASTM E1381 / CLSI LIS01-A2, the low level between a laboratory instrument and its host.
 *
 *   STX  F  text  ETB or ETX  C1 C2  [CR] [LF]
 *    02  1 digit   17     03  hex
 *
 *   F      number of the frame: 1 to 7, then 0, then 1
 *   ETB    more frames of the transmission follow; ETX: the last, or the last of a record
 *   C1 C2  sum of all bytes from F to ETB or ETX, low eight bits, two hexadecimal digits
 *
 * Between the frames stand single characters: ENQ, ACK, NAK, EOT. Real instruments end a frame by
 * CR LF, by one of them or by nothing, so that it is over behind the second digit.
 *
 * Source: CLSI LIS01-A2; transmissions of Abbott, Horiba, Roche, Siemens and Sysmex analysers.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export const control = {
  stx: 0x02,
  etx: 0x03,
  eot: 0x04,
  enq: 0x05,
  ack: 0x06,
  nak: 0x15,
  etb: 0x17,
} as const

const cr = 0x0d
const lf = 0x0a

/** 64,000 characters of text in LIS01-A2; E1381-95 had 240. */
export const astmTextLimitBytes = 64_000
/** STX, number, ETX, two digits, CR, LF. */
export const astmFrameLimitBytes = astmTextLimitBytes + 7

export type AstmPacket =
  | { readonly kind: 'enquiry' | 'end' | 'accepted' | 'refused' }
  | AstmFrame
  /** It looks like a frame and is none: the sender must hear that it did not arrive. */
  | { readonly kind: 'broken'; readonly reason: string; readonly bytes: Uint8Array }
  /** What may stand behind a frame. */
  | { readonly kind: 'line-end' }

export interface AstmFrame {
  readonly kind: 'frame'
  /** 0 to 7. */
  readonly number: number
  /** One character a byte; the ends of records in it are CR. */
  readonly text: string
  readonly end: 'more' | 'last'
}

const characters: ReadonlyMap<number, AstmPacket> = new Map([
  [control.enq, { kind: 'enquiry' }],
  [control.eot, { kind: 'end' }],
  [control.ack, { kind: 'accepted' }],
  [control.nak, { kind: 'refused' }],
])

export function scanAstm(bytes: Uint8Array): Scan<AstmPacket> {
  const first = bytes[0]
  if (first === undefined) return incomplete
  const character = characters.get(first)
  if (character !== undefined) return packet(character, 1)
  if (first === control.stx) return scanFrame(bytes)
  let end = 1
  if (isLineEnd(first)) {
    while (end < bytes.length && isLineEnd(bytes[end])) end++
    return packet({ kind: 'line-end' }, end)
  }
  while (end < bytes.length && !isBeginning(bytes[end])) end++
  return noise('outside of a frame', end)
}

function scanFrame(bytes: Uint8Array): Scan<AstmPacket> {
  const limit = Math.min(bytes.length, astmFrameLimitBytes)
  for (let at = 1; at < limit; at++) {
    const byte = bytes[at]
    if (byte === control.etx || byte === control.etb) return closed(bytes, at)
    // A frame that was cut off: what follows is looked at by itself.
    if (byte === control.stx || characters.has(byte ?? 0))
      return broken('frame cut short', bytes.slice(0, at))
  }
  return bytes.length < astmFrameLimitBytes
    ? incomplete
    : broken('frame without end', bytes.slice(0, limit))
}

function closed(bytes: Uint8Array, endAt: number): Scan<AstmPacket> {
  const length = endAt + 3
  if (bytes.length < length) return incomplete
  const digits = latin1Text(bytes.subarray(endAt + 1, length))
  const sum = sumOf(bytes.subarray(1, endAt + 1))
  if (!/^[0-9a-f]{2}$/i.test(digits)) return broken('no check sum', bytes.slice(0, endAt + 1))
  if (Number.parseInt(digits, 16) !== sum) return broken('check sum', bytes.slice(0, length))
  const number = (bytes[1] ?? 0) - 0x30
  if (endAt < 2 || number < 0 || number > 7)
    return broken('no frame number', bytes.slice(0, length))
  const text = latin1Text(bytes.subarray(2, endAt))
  const end = bytes[endAt] === control.etb ? 'more' : 'last'
  return packet({ kind: 'frame', number, text, end }, length)
}

function broken(reason: string, bytes: Uint8Array): Scan<AstmPacket> {
  return packet({ kind: 'broken', reason, bytes }, bytes.length)
}

/** A character that stands in no text. */
function isOver(byte: number): boolean {
  return byte === control.etx || byte === control.etb || characters.has(byte)
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === cr || byte === lf
}

function isBeginning(byte: number | undefined): boolean {
  return byte === control.stx || isLineEnd(byte) || characters.has(byte ?? -1)
}

/** Throws a RangeError for a text that no frame can hold. */
export function encodeAstm(what: AstmPacket): Uint8Array {
  switch (what.kind) {
    case 'enquiry':
      return Uint8Array.of(control.enq)
    case 'end':
      return Uint8Array.of(control.eot)
    case 'accepted':
      return Uint8Array.of(control.ack)
    case 'refused':
      return Uint8Array.of(control.nak)
    case 'line-end':
      return Uint8Array.of(cr, lf)
    case 'broken':
      throw new RangeError('a broken frame is not written')
    case 'frame':
      return encodeFrame(what)
  }
}

function encodeFrame({ number, text, end }: AstmFrame): Uint8Array {
  const isText = [...latin1Bytes(text)].every((byte) => byte !== control.stx && !isOver(byte))
  if (text.length > astmTextLimitBytes || !isText) {
    throw new RangeError('a text that no frame can hold')
  }
  const endByte = end === 'more' ? control.etb : control.etx
  const body = joinBytes([0x30 + (number & 7)], latin1Bytes(text), [endByte])
  const digits = sumOf(body).toString(16).toUpperCase().padStart(2, '0')
  return joinBytes([control.stx], body, latin1Bytes(digits), [cr, lf])
}

/** Layouts in which instruments put records into frames. */
export type AstmLayout = 'one-frame' | 'record-a-frame' | { readonly textBytesMax: number }

/**
 * The frames of a transmission, without ENQ before and EOT behind. `records` end by CR. A record
 * that is longer than `textBytesMax` goes on in the next frame.
 */
export function framesOf(records: readonly string[], layout: AstmLayout): readonly AstmFrame[] {
  const texts =
    layout === 'one-frame'
      ? [records.join('')]
      : layout === 'record-a-frame'
        ? records
        : records.flatMap((record) => pieces(record, layout.textBytesMax))
  return texts.map((text, index) => ({
    kind: 'frame',
    number: (index + 1) % 8,
    text,
    end: index === texts.length - 1 ? 'last' : 'more',
  }))
}

function pieces(record: string, size: number): readonly string[] {
  return Array.from({ length: Math.max(1, Math.ceil(record.length / size)) }, (_, index) =>
    record.slice(index * size, (index + 1) * size),
  )
}
