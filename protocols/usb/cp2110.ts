/**
 * The CP2110 bridge from HID to a serial line. Reports whose number is 1 to 63 carry as many bytes
 * of the line; feature reports set the line.
 *
 *     count (1, 01-3f)  bytes (count)                                           data, both ways
 *     41  enabled (1)                                                           UART on
 *     50  baud (4, big endian)  parity (1)  flow (1)  data bits - 5 (1)  stop (1)   UART settings
 *
 * Source: Silicon Labs AN434, CP2110/4 Interface Specification, sections 4 and 5.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

export interface Cp2110Line {
  readonly baud: number
  readonly dataBits: 5 | 6 | 7 | 8
  readonly parity: 'none' | 'odd' | 'even'
  readonly stopBits: 1 | 2
}

/** Bytes of the line in one report. */
export const cp2110DataMax = 63

/** The bridge divides its 48 MHz down to this and up to that. */
export const cp2110Bauds = { min: 300, max: 1_000_000 } as const

const parities = ['none', 'odd', 'even'] as const

/** The feature report that sets the line, its number first. */
export function encodeCp2110Line({ baud, dataBits, parity, stopBits }: Cp2110Line): Uint8Array {
  const report = new Uint8Array(9)
  new DataView(report.buffer).setUint32(1, baud)
  report[0] = 0x50
  report[5] = parities.indexOf(parity)
  report[7] = dataBits - 5
  report[8] = stopBits - 1
  return report
}

export function decodeCp2110Line(report: Uint8Array): Decoded<Cp2110Line> {
  if (report.length !== 9 || report[0] !== 0x50) return undecoded('no report of the line')
  const [, , , , , parityCode = 0, , bits = 0, stop = 0] = report
  const parity = parities[parityCode]
  const dataBits = ([5, 6, 7, 8] as const)[bits]
  const stopBits = ([1, 2] as const)[stop]
  if (parity === undefined || dataBits === undefined || stopBits === undefined) {
    return undecoded(`parity ${parityCode}, data bits ${bits}, stop bits ${stop}`)
  }
  const baud = new DataView(report.buffer, report.byteOffset).getUint32(1)
  return decoded({ baud, dataBits, parity, stopBits })
}

/** The feature report that switches the line on. */
export const cp2110Enable = Uint8Array.of(0x41, 0x01)

/** The reports that carry these bytes to the line. */
export function encodeCp2110(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / cp2110DataMax) }, (_, index) => {
    const piece = bytes.subarray(index * cp2110DataMax, (index + 1) * cp2110DataMax)
    return joinBytes([piece.length], piece)
  })
}

/** The bytes of the line in a report. What is behind them is filler. */
export function decodeCp2110(report: Uint8Array): Decoded<Uint8Array> {
  const [count = 0] = report
  if (count < 1 || count > cp2110DataMax) return undecoded(`report ${count} carries no data`)
  if (report.length < 1 + count) {
    return undecoded(`expected ${count} bytes, found ${report.length - 1}`)
  }
  return decoded(report.slice(1, 1 + count))
}
