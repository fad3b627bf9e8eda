/**
 * Frames of instruments that ask before they send: ENQ, then what stands between STX and an end of
 * its own, then EOT. What a frame says, and how it is checked, is the codec's business.
 */
import type { Decoded } from '../packet/decoded.ts'
import { incomplete, noise, packet, type Scan, type Scanner } from './scan.ts'

export type EnquiryPacket<Frame> =
  | Frame
  | { readonly kind: 'enquiry' | 'end' }
  /** What means nothing between two frames, such as a line end. */
  | { readonly kind: 'filling' }
  /** It looks like a frame and is none: the sender must hear that it did not arrive. */
  | { readonly kind: 'broken'; readonly reason: string; readonly bytes: Uint8Array }

export interface EnquiryFrame<Frame> {
  /** The byte that ends the text, and how many bytes of the frame follow it. */
  readonly endByte: number
  readonly behindEnd: number
  readonly limitBytes: number
  /** Reads a whole frame, from STX on. */
  readonly read: (frame: Uint8Array) => Decoded<Frame>
}

const codes = { stx: 0x02, etx: 0x03, eot: 0x04, enq: 0x05 } as const
const fillings: readonly number[] = [codes.etx, 0x0d, 0x0a]

export function enquiryScanner<Frame>(rules: EnquiryFrame<Frame>): Scanner<EnquiryPacket<Frame>> {
  return (bytes) => {
    const first = bytes[0]
    if (first === undefined) return incomplete
    if (first === codes.enq) return packet({ kind: 'enquiry' }, 1)
    if (first === codes.eot) return packet({ kind: 'end' }, 1)
    if (fillings.includes(first)) return packet({ kind: 'filling' }, 1)
    if (first === codes.stx) return scanFrame(bytes, rules)
    let end = 1
    while (end < bytes.length && !isBeginning(bytes[end])) end++
    return noise('outside of a frame', end)
  }
}

function scanFrame<Frame>(
  bytes: Uint8Array,
  { endByte, behindEnd, limitBytes, read }: EnquiryFrame<Frame>,
): Scan<EnquiryPacket<Frame>> {
  const limit = Math.min(bytes.length, limitBytes)
  for (let at = 1; at < limit; at++) {
    if (bytes[at] === endByte) {
      const length = at + 1 + behindEnd
      if (bytes.length < length) return incomplete
      const frame = bytes.slice(0, length)
      const found = read(frame)
      return found.ok ? packet(found.value, length) : broken(found.reason, frame)
    }
    if (isBeginning(bytes[at])) return broken('frame cut short', bytes.slice(0, at))
  }
  return bytes.length < limitBytes ? incomplete : broken('frame without end', bytes.slice(0, limit))
}

function broken(reason: string, bytes: Uint8Array): Scan<EnquiryPacket<never>> {
  return packet({ kind: 'broken', reason, bytes }, bytes.length)
}

function isBeginning(byte: number | undefined): boolean {
  return byte === codes.stx || byte === codes.enq || byte === codes.eot
}
