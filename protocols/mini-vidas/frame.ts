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
 * Source: a transmission of a real instrument, whose check sum is right; an open implementation,
 * for the names of the fields.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { enquiryScanner } from '../bytes/enquiry.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

const codes = { stx: 0x02, etx: 0x03, gs: 0x1d } as const
const checkDigits = 2

export const vidasFrameLimitBytes = 1_024

export interface VidasResult {
  readonly kind: 'frame'
  /** By the two letters. */
  readonly fields: Readonly<{ [name: string]: string }>
}

/** The ETX behind the digits is left to be skipped: some recordings do not show one. */
export const scanVidas = enquiryScanner<VidasResult>({
  endByte: codes.gs,
  behindEnd: checkDigits,
  limitBytes: vidasFrameLimitBytes,
  read: readFrame,
})

function readFrame(frame: Uint8Array): Decoded<VidasResult> {
  const body = frame.subarray(1, -checkDigits)
  const digits = latin1Text(frame.subarray(-checkDigits))
  const isRight = /^[0-9a-f]{2}$/i.test(digits) && Number.parseInt(digits, 16) === sumOf(body)
  if (!isRight) return undecoded('check sum')
  const fields = fieldsOf(latin1Text(body.subarray(0, -1)))
  return fields === null ? undecoded('no fields') : decoded({ kind: 'frame', fields })
}

function fieldsOf(text: string): Readonly<{ [name: string]: string }> | null {
  const [before, ...parts] = text.split('\x1e')
  if (before !== '' || parts.length === 0) return null
  const found = parts.map((part) => /^([a-z][a-z0-9])([^|]*)\|?$/.exec(part))
  if (found.some((one) => one === null)) return null
  return Object.fromEntries(found.map((one) => [one?.[1] ?? '', (one?.[2] ?? '').trim()]))
}

export function encodeVidas({ fields }: VidasResult): Uint8Array {
  const text = Object.entries(fields)
    .map(([name, value]) => `\x1e${name}${value}|`)
    .join('')
  const body = latin1Bytes(`${text}\x1d`)
  const digits = sumOf(body).toString(16).padStart(2, '0')
  return joinBytes([codes.stx], body, latin1Bytes(digits), [codes.etx])
}
