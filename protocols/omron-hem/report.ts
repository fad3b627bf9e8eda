/**
 * The USB reports of Omron HEM-790IT, BP-791IT, M10-IT: eight bytes each way.
 *
 *   n d1 ... d7     n bytes of a message, 0 to 7; what follows them is left over and means nothing
 *   08 60 ...       not ready: say the beginning again
 *
 * Source: three USB traces of a HEM-790IT with the vendor's program (libomron), and that library.
 */
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export type HemReport =
  | { readonly kind: 'part'; readonly bytes: Uint8Array }
  | { readonly kind: 'not-ready' }

export const hemReportBytes = 8
const partBytes = 7

export function scanHemReport(bytes: Uint8Array): Scan<HemReport> {
  const count = bytes[0]
  if (count === undefined || bytes.length < hemReportBytes) return incomplete
  if (count === 0x08 && bytes[1] === 0x60) return packet({ kind: 'not-ready' }, hemReportBytes)
  if (count > partBytes) return noise('no report', hemReportBytes)
  return packet({ kind: 'part', bytes: bytes.slice(1, 1 + count) }, hemReportBytes)
}

export function encodeHemReport(report: HemReport): Uint8Array {
  const whole = new Uint8Array(hemReportBytes)
  const isPart = report.kind === 'part'
  whole.set(isPart ? [report.bytes.length, ...report.bytes] : [0x08, 0x60])
  return whole
}

/** The reports that a message goes in. */
export function hemReportsOf(message: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(message.length / partBytes) }, (_, index) =>
    encodeHemReport({
      kind: 'part',
      bytes: message.slice(index * partBytes, (index + 1) * partBytes),
    }),
  )
}
