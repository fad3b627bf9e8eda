/**
 * ProtoCentral HealthyPi, an open board: everything in one frame, 125 or 128 times a second.
 *
 *   0A FA LEN LEN TYPE payload 00 0B     LEN counts the payload, low byte first; no check sum
 *
 *   v3, v4, type 2, 20 bytes: [0] ECG i16, [2] respiration i16, [4] infrared i32, [8] red i32,
 *       [12] temperature in 1/100 degrees, [14] respiration, [15] SpO2, [16] heart rate,
 *       [17] [18] always 80 and 120, [19] leads that are off
 *   5, type 2, 22 bytes: [0] ECG i32, [4] impedance i32, [8] 0 when the impedance is new,
 *       [9] red i32, [13] infrared i32, [17] temperature in 1/100 degrees, [19] SpO2,
 *       [20] heart rate, [21] respiration
 *
 * The 80 and 120 are constants of the firmware that look like a blood pressure; they are not read.
 * A rate or saturation of 0 means none. Types 3 and 4 exist in a HealthyPi 5 and are not sent by
 * it.
 *
 * Source: firmware of protocentral_healthypi_v4 and protocentral_healthypi_5, and the decoder of
 * the maker's OpenView.
 */
import { nextByte, viewOf } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface HealthyPiInstant {
  readonly kind: 'instant'
  /** Counts of the converter behind a filter of which the gain is not documented. */
  readonly ecg: number
  /** Counts; null for an instant without a new one. */
  readonly respiration: number | null
  readonly infrared: number
  readonly red: number
  readonly temperatureCelsius: number | null
  readonly breathsPerMinute: number | null
  readonly saturationPercent: number | null
  readonly heartPerMinute: number | null
  /** Always false for a HealthyPi 5, which does not tell. */
  readonly areLeadsOff: boolean
}

export type HealthyPiPacket =
  | HealthyPiInstant
  | { readonly kind: 'other'; readonly type: number; readonly payload: Uint8Array }

export const healthyPi4Length = 27
export const healthyPi5LimitBytes = 57

const header = [0x0a, 0xfa] as const
const footer = [0x00, 0x0b] as const
/** Behind the header. */
const headBytes = 5

export function scanHealthyPi4(bytes: Uint8Array): Scan<HealthyPiInstant> {
  const found = scanFrame(bytes, new Map([[2, 20]]))
  if (found.kind !== 'packet') return found
  return packet(readVersion4(found.packet.payload), found.length)
}

export function scanHealthyPi5(bytes: Uint8Array): Scan<HealthyPiPacket> {
  const found = scanFrame(
    bytes,
    new Map([
      [2, 22],
      [3, 50],
      [4, 19],
    ]),
  )
  if (found.kind !== 'packet') return found
  const { type, payload } = found.packet
  return packet(type === 2 ? readVersion5(payload) : { ...found.packet }, found.length)
}

type Frame = Extract<HealthyPiPacket, { kind: 'other' }>

function scanFrame(bytes: Uint8Array, sizes: ReadonlyMap<number, number>): Scan<Frame> {
  const [first, second, low, high, type] = bytes
  if (first === undefined) return incomplete
  if (first !== header[0])
    return noise(
      'no header',
      nextByte(bytes, (byte) => byte === header[0]),
    )
  if (second === undefined) return incomplete
  if (second !== header[1]) return noise('half a header', 1)
  if (low === undefined || high === undefined || type === undefined) return incomplete
  const size = sizes.get(type)
  if (size === undefined || size !== (low | (high << 8))) return noise('impossible length', 1)
  const end = headBytes + size
  if (bytes.length < end + footer.length) return incomplete
  if (bytes[end] !== footer[0] || bytes[end + 1] !== footer[1]) return noise('no end', 1)
  const payload = bytes.slice(headBytes, end)
  return packet({ kind: 'other', type, payload }, end + footer.length)
}

function readVersion4(payload: Uint8Array): HealthyPiInstant {
  const view = viewOf(payload)
  return {
    kind: 'instant',
    ecg: view.getInt16(0, true),
    respiration: view.getInt16(2, true),
    infrared: view.getInt32(4, true),
    red: view.getInt32(8, true),
    temperatureCelsius: orNone(view.getUint16(12, true) / 100),
    breathsPerMinute: orNone(view.getUint8(14)),
    saturationPercent: orNone(view.getUint8(15)),
    heartPerMinute: orNone(view.getUint8(16)),
    areLeadsOff: (view.getUint8(19) & 0x1f) !== 0,
  }
}

function readVersion5(payload: Uint8Array): HealthyPiInstant {
  const view = viewOf(payload)
  return {
    kind: 'instant',
    ecg: view.getInt32(0, true),
    respiration: view.getUint8(8) === 0 ? view.getInt32(4, true) : null,
    infrared: view.getInt32(13, true),
    red: view.getInt32(9, true),
    temperatureCelsius: orNone(view.getInt16(17, true) / 100),
    breathsPerMinute: orNone(view.getUint8(21)),
    saturationPercent: orNone(view.getUint8(19)),
    heartPerMinute: orNone(view.getUint8(20)),
    areLeadsOff: false,
  }
}

function orNone(value: number): number | null {
  return value === 0 ? null : value
}

export function encodeHealthyPi4(instant: HealthyPiInstant): Uint8Array {
  const payload = new Uint8Array(20)
  const view = viewOf(payload)
  view.setInt16(0, instant.ecg, true)
  view.setInt16(2, instant.respiration ?? 0, true)
  view.setInt32(4, instant.infrared, true)
  view.setInt32(8, instant.red, true)
  view.setUint16(12, hundredths(instant.temperatureCelsius), true)
  payload.set(
    [
      instant.breathsPerMinute ?? 0,
      instant.saturationPercent ?? 0,
      instant.heartPerMinute ?? 0,
      80,
      120,
      instant.areLeadsOff ? 0x01 : 0,
    ],
    14,
  )
  return frame(2, payload)
}

export function encodeHealthyPi5(packet: HealthyPiPacket): Uint8Array {
  if (packet.kind === 'other') return frame(packet.type, packet.payload)
  const payload = new Uint8Array(22)
  const view = viewOf(payload)
  view.setInt32(0, packet.ecg, true)
  view.setInt32(4, packet.respiration ?? 0, true)
  view.setUint8(8, packet.respiration === null ? 0xff : 0)
  view.setInt32(9, packet.red, true)
  view.setInt32(13, packet.infrared, true)
  view.setInt16(17, hundredths(packet.temperatureCelsius), true)
  view.setUint8(19, packet.saturationPercent ?? 0)
  view.setUint8(20, packet.heartPerMinute ?? 0)
  view.setUint8(21, packet.breathsPerMinute ?? 0)
  return frame(2, payload)
}

function hundredths(value: number | null): number {
  return Math.round((value ?? 0) * 100)
}

function frame(type: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(...header, payload.length, 0, type, ...payload, ...footer)
}
