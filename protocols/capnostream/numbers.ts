/**
 * What the unit says once a second, offsets in the payload:
 *
 *   0  seconds since 1970 in its local time, highest byte first
 *   4  EtCO2   5  FiCO2   6  respiration   7  SpO2   8  pulse       255: none
 *   13 alarms of CO2: 01 no breath
 *   14 alarms of SpO2: 01 no pulse found, 20 sensor off, 40 sensor unplugged
 *   25 unit of CO2: 1 mmHg, 2 kPa, 3 % by volume, the last two times ten
 *   26 80 low battery
 *
 * The alarm limits between them are not read.
 *
 * Source: the reader of OpenICE.
 */
import { viewOf } from '../bytes/bytes.ts'

export interface CapnostreamNumbers {
  readonly kind: 'numbers'
  readonly localSeconds: number
  readonly co2Unit: 'mm[Hg]' | 'kPa' | '%'
  /** In `co2Unit`. */
  readonly endTidalCo2: number | null
  readonly inspiredCo2: number | null
  readonly breathsPerMinute: number | null
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  readonly isBreathMissing: boolean
  readonly isPulseMissing: boolean
  readonly isSensorOff: boolean
  readonly isSensorUnplugged: boolean
  readonly isBatteryLow: boolean
}

const bytesMin = 27
const none = 255
const co2Units = ['mm[Hg]', 'kPa', '%'] as const

/** null when it is too short, or in a unit that nobody has described. */
export function readNumbers(payload: Uint8Array): CapnostreamNumbers | null {
  const co2Unit = co2Units[(payload[25] ?? 0) - 1]
  if (payload.length < bytesMin || co2Unit === undefined) return null
  const view = viewOf(payload)
  const divisor = co2Unit === 'mm[Hg]' ? 1 : 10
  const byte = (at: number): number | null => (payload[at] === none ? null : (payload[at] ?? null))
  const co2 = (at: number): number | null => {
    const value = byte(at)
    return value === null ? null : value / divisor
  }
  const bit = (at: number, mask: number): boolean => ((payload[at] ?? 0) & mask) !== 0
  return {
    kind: 'numbers',
    localSeconds: view.getUint32(0),
    co2Unit,
    endTidalCo2: co2(4),
    inspiredCo2: co2(5),
    breathsPerMinute: byte(6),
    saturationPercent: byte(7),
    pulsePerMinute: byte(8),
    isBreathMissing: bit(13, 0x01),
    isPulseMissing: bit(14, 0x01),
    isSensorOff: bit(14, 0x20),
    isSensorUnplugged: bit(14, 0x40),
    isBatteryLow: bit(26, 0x80),
  }
}

export function numbersPayload(numbers: CapnostreamNumbers): Uint8Array {
  const payload = new Uint8Array(bytesMin)
  const factor = numbers.co2Unit === 'mm[Hg]' ? 1 : 10
  const co2 = (value: number | null): number => (value === null ? none : Math.round(value * factor))
  new DataView(payload.buffer).setUint32(0, numbers.localSeconds)
  payload.set(
    [
      co2(numbers.endTidalCo2),
      co2(numbers.inspiredCo2),
      numbers.breathsPerMinute ?? none,
      numbers.saturationPercent ?? none,
      numbers.pulsePerMinute ?? none,
    ],
    4,
  )
  payload[13] = numbers.isBreathMissing ? 0x01 : 0
  payload[14] =
    (numbers.isPulseMissing ? 0x01 : 0) |
    (numbers.isSensorOff ? 0x20 : 0) |
    (numbers.isSensorUnplugged ? 0x40 : 0)
  payload[25] = co2Units.indexOf(numbers.co2Unit) + 1
  payload[26] = numbers.isBatteryLow ? 0x80 : 0
  return payload
}
