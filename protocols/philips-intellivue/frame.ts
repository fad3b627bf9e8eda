/**
 * An IntelliVue message on a serial line (MIB/RS-232, port set to `DtOut1`):
 *
 *   C0 | 11 01 | length u16 | message | FCS low, FCS high | C1
 *
 *   inside, C0, C1 and 7D are sent as 7D and the byte with bit 5 flipped; 7D C1 gives a frame up
 *   FCS: CRC-16/X-25 of everything between C0 and itself, before escaping
 *
 * Source: test vectors of OpenICE, independent clients.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { crc16X25 } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { stuff, unstuff } from '../bytes/stuffing.ts'
import { u16 } from '../ieee11073/mder.ts'
import { apduLimitBytes, encodeApdu, readApdu, type IntellivueApdu } from './apdu.ts'

const begin = 0xc0
const end = 0xc1
const header = [0x11, 0x01] as const
const headerBytes = 4
export const intellivueFrameLimitBytes = 2 * (headerBytes + apduLimitBytes + 2) + 2

export function scanIntellivueFrame(bytes: Uint8Array): Scan<IntellivueApdu> {
  if (bytes.length === 0) return incomplete
  const next = bytes.indexOf(begin, 1)
  if (bytes[0] !== begin) return noise('no beginning', next === -1 ? bytes.length : next)
  const last = bytes.indexOf(end, 1)
  if (next !== -1 && (last === -1 || next < last)) return noise('cut short', next)
  if (last === -1) {
    return bytes.length < intellivueFrameLimitBytes ? incomplete : noise('no end', bytes.length)
  }
  const inside = unstuff(bytes.subarray(1, last))
  if (inside === null) return noise('given up', last + 1)
  const counted = inside.subarray(0, -2)
  const [low = 0, high = 0] = inside.subarray(-2)
  if (counted.length < headerBytes) return noise('too short', last + 1)
  if (crc16X25(counted) !== (low | (high << 8))) return noise('wrong check sum', last + 1)
  const [first, second, lengthHigh = 0, lengthLow = 0] = counted
  const length = (lengthHigh << 8) | lengthLow
  if (first !== header[0] || second !== header[1] || length !== counted.length - headerBytes) {
    return noise('no data export', last + 1)
  }
  return packet(readApdu(counted.slice(headerBytes)), last + 1)
}

export function encodeIntellivueFrame(apdu: IntellivueApdu): Uint8Array {
  return frameOf(encodeApdu(apdu))
}

/** The frame around a message that is encoded already. */
export function frameOf(message: Uint8Array): Uint8Array {
  const counted = joinBytes(header, u16(message.length), message)
  const check = crc16X25(counted)
  const inside = stuff([...counted, check & 0xff, check >> 8], [begin, end])
  return Uint8Array.of(begin, ...inside, end)
}
