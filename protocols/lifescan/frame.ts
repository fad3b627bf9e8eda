/**
 * The binary frames of LifeScan OneTouch meters: UltraEasy and UltraMini at a serial cable, Verio
 * IQ at its USB serial bridge, Verio and Select Plus inside the sectors of a disk that is none.
 *
 *     02  length  control  message ...  03  check (2, low byte first)
 *
 *     length   of the whole frame: the message and 6
 *     control  UltraEasy: bit 0 sent, bit 1 expected, bit 2 acknowledge, bit 3 disconnect, bit 4
 *              more; the others leave it 0
 *     message  empty, or: family (05 UltraEasy, 03 Verio)  command or 06 for success ...
 *     check    CRC-16 of all bytes before it
 *
 * Source: LifeScan, UltraMini communication specification, as published drivers have it;
 * glucometer-protocols, LifeScan shared binary protocol.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { crc16Ccitt } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface LifescanFrame {
  readonly control: number
  readonly message: Uint8Array
}

export const linkControl = {
  sent: 0x01,
  expected: 0x02,
  acknowledge: 0x04,
  disconnect: 0x08,
} as const

const start = 0x02
const end = 0x03
const aroundBytes = 6
export const lifescanLimitBytes = 255

export function scanLifescan(bytes: Uint8Array): Scan<LifescanFrame> {
  const [first, length, control] = bytes
  if (first === undefined) return incomplete
  if (first !== start) return noise('no frame', nextStart(bytes))
  if (length === undefined) return incomplete
  if (length < aroundBytes) return noise('no length', 1)
  if (bytes.length < length) return incomplete
  const checked = bytes.subarray(0, length - 2)
  const check = (bytes[length - 2] ?? 0) + 256 * (bytes[length - 1] ?? 0)
  if (checked.at(-1) !== end || crc16Ccitt(checked) !== check) return noise('wrong check', 1)
  return packet({ control: control ?? 0, message: bytes.slice(3, length - 3) }, length)
}

function nextStart(bytes: Uint8Array): number {
  const next = bytes.indexOf(start, 1)
  return next === -1 ? bytes.length : next
}

export function encodeLifescan({ control, message }: LifescanFrame): Uint8Array {
  const length = message.length + aroundBytes
  const frame = joinBytes([start, length, control], message, [end])
  const check = crc16Ccitt(frame)
  return joinBytes(frame, [check & 0xff, check >> 8])
}
