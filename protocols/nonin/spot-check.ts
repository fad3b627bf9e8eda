/**
 * Nonin data format 13: one finished spot check, live or from the memory of the oximeter.
 *
 *   00 02 00 0D LEN LEN data CHK 03     LEN high byte first, at least 14
 *                                       CHK low byte of the sum of the data
 *   data  [1]..[6] year, month, day, hour, minute, second, all BCD
 *         [8] 1 good enough, 0 no measurement   [9] 4 from memory, 0 low battery
 *         [10] [11] pulse rate: one bit, then eight; 511 none    [13] SpO2, 127 none
 *
 * Source: Nonin 9560 Bluetooth specification.
 */
import { fromBcd, toBcd } from '../bytes/bcd.ts'
import { joinBytes, nextByte } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'
import { noPulse, noSaturation } from './stream.ts'

export interface NoninSpotCheck {
  /** null when the clock of the device shows no date. */
  readonly deviceTime: DeviceTime | null
  readonly isGoodForSpotCheck: boolean
  readonly isWithoutMeasurement: boolean
  readonly isFromMemory: boolean
  readonly isBatteryLow: boolean
  readonly pulsePerMinute: number | null
  readonly saturationPercent: number | null
}

const header = [0x00, 0x02, 0x00, 0x0d] as const
const dataMin = 14
const dataMax = 64
export const noninSpotCheckLimitBytes = header.length + 2 + dataMax + 2

export function scanNoninSpotCheck(bytes: Uint8Array): Scan<NoninSpotCheck> {
  for (const [at, expected] of header.entries()) {
    if (at >= bytes.length) return incomplete
    if (bytes[at] !== expected)
      return noise(
        'no header',
        nextByte(bytes, (byte) => byte === header[0]),
      )
  }
  const [high, low] = bytes.subarray(header.length)
  if (high === undefined || (low === undefined && high === 0)) return incomplete
  const size = (high << 8) | (low ?? 0)
  if (size < dataMin || size > dataMax) return noise('impossible length', 1)
  const end = header.length + 2 + size
  if (bytes.length < end + 2) return incomplete
  const data = bytes.subarray(header.length + 2, end)
  if (sumOf(data) !== bytes[end]) return noise('wrong check sum', 1)
  if (bytes[end + 1] !== 0x03) return noise('no end', 1)
  return packet(readData(data), end + 2)
}

function readData(data: Uint8Array): NoninSpotCheck {
  const [, year, month, day, hour, minute, second] = Array.from(data.subarray(0, 7), fromBcd)
  const [status = 0, more = 0, pulseHigh = 0, pulseLow = 0, , spo2 = 0] = data.subarray(8)
  const pulse = ((pulseHigh & 1) << 8) | pulseLow
  const saturation = spo2 & 0x7f
  return {
    deviceTime: deviceTimeOf(
      2_000 + (year ?? NaN),
      month ?? NaN,
      day ?? NaN,
      hour ?? NaN,
      minute ?? NaN,
      second ?? NaN,
    ),
    isGoodForSpotCheck: (status & 0x02) !== 0,
    isWithoutMeasurement: (status & 0x01) !== 0,
    isFromMemory: (more & 0x10) !== 0,
    isBatteryLow: (more & 0x01) !== 0,
    pulsePerMinute: pulse === noPulse ? null : pulse,
    saturationPercent: saturation === noSaturation ? null : saturation,
  }
}

export function encodeNoninSpotCheck(check: NoninSpotCheck): Uint8Array {
  const time = check.deviceTime
  const clock =
    time === null
      ? [0, 0, 0, 0, 0, 0]
      : [time.year % 100, time.month, time.day, time.hour, time.minute, time.second ?? 0]
  const pulse = check.pulsePerMinute ?? noPulse
  const data = Uint8Array.of(
    0x20,
    ...clock.map(toBcd),
    0,
    (check.isGoodForSpotCheck ? 0x02 : 0) | (check.isWithoutMeasurement ? 0x01 : 0),
    (check.isFromMemory ? 0x10 : 0) | (check.isBatteryLow ? 0x01 : 0),
    pulse >> 8,
    pulse & 0xff,
    0,
    check.saturationPercent ?? noSaturation,
  )
  return joinBytes(header, [0, data.length], data, [sumOf(data), 0x03])
}
