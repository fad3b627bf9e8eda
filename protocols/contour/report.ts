/**
 * The USB reports of Contour meters, in which ASTM frames travel in pieces.
 *
 *     41 42 43  count (0 to 60)  bytes (count)  filling            64 bytes, both ways
 *
 * Some drivers leave the three letters 0, and meters take that.
 *
 * Source: the drivers of glucometerutils and of the Tidepool uploader.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export const contourReportBytes = 64
export const contourDataMax = 60
const letters = latin1Bytes('ABC')

/** The bytes that a report carries. */
export function scanContourReport(bytes: Uint8Array): Scan<Uint8Array> {
  if (bytes.length < contourReportBytes) return incomplete
  const count = bytes[3] ?? 0
  const head = bytes.subarray(0, letters.length)
  const isReport =
    head.every((byte) => byte === 0) || head.every((byte, at) => byte === letters[at])
  if (!isReport || count > contourDataMax) return noise('no report', contourReportBytes)
  return packet(bytes.slice(4, 4 + count), contourReportBytes)
}

/** `data` is at most `contourDataMax` bytes. */
export function encodeContourReport(data: Uint8Array): Uint8Array {
  const filling = new Uint8Array(contourDataMax - data.length)
  return joinBytes(letters, [data.length], data, filling)
}
