/**
 * MLLP, the minimal lower layer protocol of HL7: where a message begins and ends in a stream.
 *
 *   0B  message  1C 0D
 *
 * There is no check sum: TCP has one below it. What comes before 0B is not of anybody, and a 0B
 * before the end says that the sender began anew.
 *
 * Source: HL7 transport specification MLLP, release 1.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

const begin = 0x0b
const end = 0x1c
const cr = 0x0d

/** A message with a report of some hundred kilobytes in it is the largest seen. */
export const mllpLimitBytes = 1_048_576

export interface MllpBlock {
  readonly message: Uint8Array
}

export function scanMllp(bytes: Uint8Array): Scan<MllpBlock> {
  if (bytes.length === 0) return incomplete
  if (bytes[0] !== begin) {
    const next = bytes.indexOf(begin)
    return noise('outside of a message', next === -1 ? bytes.length : next)
  }
  const endAt = endOf(bytes)
  const again = bytes.indexOf(begin, 1)
  if (again !== -1 && (endAt === -1 || again < endAt)) return noise('message cut short', again)
  if (endAt === -1) {
    return bytes.length < mllpLimitBytes ? incomplete : noise('message without end', bytes.length)
  }
  return packet({ message: bytes.slice(1, endAt) }, endAt + 2)
}

function endOf(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(end, 1); at !== -1; at = bytes.indexOf(end, at + 1)) {
    if (bytes[at + 1] === cr) return at
  }
  return -1
}

export function encodeMllp({ message }: MllpBlock): Uint8Array {
  return joinBytes([begin], message, [end, cr])
}
