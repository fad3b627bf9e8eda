/**
 * Nonin data formats 1 and 8: numbers once a second, three or four bytes without a check sum.
 *
 *   [0]  7 always, 6 sensor unplugged (format 1), 5 artifact for long, 4 low perfusion,
 *        3 marginal perfusion, 2 artifact, 1 and 0 the highest bits of the pulse rate
 *   [1]  the lower seven bits of the pulse rate       511: none
 *   [2]  SpO2                                         127: none
 *   [3]  format 8 only: 5 good enough for a spot check, 3 no finger, 0 low battery
 *
 * Source: Nonin OEM III specification (format 1), Nonin 9560 Bluetooth specification (format 8).
 */
import { nextByte } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { noPulse, noSaturation } from './stream.ts'

export interface NoninSecond {
  readonly isUnplugged: boolean
  readonly isArtifact: boolean
  readonly isArtifactForLong: boolean
  readonly perfusion: 'good' | 'marginal' | 'low'
  readonly pulsePerMinute: number | null
  readonly saturationPercent: number | null
  readonly isGoodForSpotCheck: boolean
  readonly isFingerOut: boolean
  readonly isBatteryLow: boolean
}

export function scanNonin1(bytes: Uint8Array): Scan<NoninSecond> {
  return scanSecond(bytes, 3)
}

export function scanNonin8(bytes: Uint8Array): Scan<NoninSecond> {
  return scanSecond(bytes, 4)
}

function scanSecond(bytes: Uint8Array, length: 3 | 4): Scan<NoninSecond> {
  const [status, low = 0, saturation = 0, more = 0] = bytes
  if (status === undefined) return incomplete
  const next = nextByte(bytes, (byte) => byte >= 0x80)
  if (status < 0x80) return noise('no beginning', next)
  if (next < Math.min(length, bytes.length)) return noise('cut short', next)
  if (bytes.length < length) return incomplete
  if (saturation > 100 && saturation !== noSaturation) return noise('no saturation', 1)
  const pulse = ((status & 0x03) << 7) | low
  const flags = length === 4 ? more : 0
  return packet(
    {
      isUnplugged: length === 3 && (status & 0x40) !== 0,
      isArtifact: (status & 0x04) !== 0,
      isArtifactForLong: (status & 0x20) !== 0,
      perfusion: (status & 0x10) !== 0 ? 'low' : (status & 0x08) !== 0 ? 'marginal' : 'good',
      pulsePerMinute: pulse === noPulse ? null : pulse,
      saturationPercent: saturation === noSaturation ? null : saturation,
      isGoodForSpotCheck: (flags & 0x20) !== 0,
      isFingerOut: (flags & 0x08) !== 0,
      isBatteryLow: (flags & 0x01) !== 0,
    },
    length,
  )
}

/** Without what only format 8 has. */
export function encodeNonin1(second: NoninSecond): Uint8Array {
  return encodeSecond(second).subarray(0, 3)
}

/** Without what only format 1 has. */
export function encodeNonin8(second: NoninSecond): Uint8Array {
  return encodeSecond({ ...second, isUnplugged: false })
}

function encodeSecond(second: NoninSecond): Uint8Array {
  const pulse = second.pulsePerMinute ?? noPulse
  return Uint8Array.of(
    0x80 |
      (second.isUnplugged ? 0x40 : 0) |
      (second.isArtifactForLong ? 0x20 : 0) |
      (second.perfusion === 'low' ? 0x10 : second.perfusion === 'marginal' ? 0x08 : 0) |
      (second.isArtifact ? 0x04 : 0) |
      (pulse >> 7),
    pulse & 0x7f,
    second.saturationPercent ?? noSaturation,
    (second.isGoodForSpotCheck ? 0x20 : 0) |
      (second.isFingerOut ? 0x08 : 0) |
      (second.isBatteryLow ? 0x01 : 0),
  )
}
