/**
 * Nonin data formats 2 and 7: a frame of five bytes 75 times a second, 25 frames a packet.
 *
 *   2   01 STATUS PLETH FLOAT CHK            pulse wave compressed to 8 bits
 *   7   STATUS PLETH-high PLETH-low FLOAT CHK
 *
 *   STATUS  7 always, 6 sensor unplugged, 5 artifact, 4 artifact for long, 3 no finger,
 *           2 and 1 perfusion during a beat, 0 first frame of a packet
 *   FLOAT   means another thing in each frame of the packet
 *   CHK     low byte of the sum of the four bytes before it
 *
 *   frame of the packet, from 1
 *   8 bit 5 good enough for a spot check, bit 0 low battery    9 SpO2 for display
 *   20 and 21 pulse rate for display: two bits, then seven     511 and 127 mean none
 *
 * Source: Nonin OEM specification 6470-000-01, Nonin 9560 Bluetooth specification.
 */
import { nextByte } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface NoninFrame {
  readonly isFirst: boolean
  readonly isUnplugged: boolean
  readonly isArtifact: boolean
  readonly isArtifactForLong: boolean
  readonly isFingerOut: boolean
  /** How well the finger is perfused, told for 160 ms at each beat; null between beats. */
  readonly perfusion: 'good' | 'marginal' | 'low' | null
  /** 0 to 255 in format 2, 0 to 65,535 in format 7; without a unit. */
  readonly pleth: number
  readonly float: number
}

/** What the frames of one packet say together. */
export interface NoninNumbers {
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  readonly isGoodForSpotCheck: boolean
  readonly isBatteryLow: boolean
}

export const noninFrameBytes = 5
export const noninFramesPerPacket = 25

export const noPulse = 511
export const noSaturation = 127

const perfusions = [null, 'good', 'low', 'marginal'] as const

export function scanNonin2(bytes: Uint8Array): Scan<NoninFrame> {
  const [start, status, pleth = 0, float = 0] = bytes
  if (start === undefined) return incomplete
  if (start !== 0x01)
    return noise(
      'no beginning',
      nextByte(bytes, (byte) => byte === 0x01),
    )
  if (status !== undefined && status < 0x80) return noise('no status', 1)
  const broken = checkOf(bytes)
  if (broken !== null) return broken
  return packet(frameOf(status ?? 0, pleth, float), noninFrameBytes)
}

export function scanNonin7(bytes: Uint8Array): Scan<NoninFrame> {
  const [status, high = 0, low = 0, float = 0] = bytes
  if (status === undefined) return incomplete
  if (status < 0x80)
    return noise(
      'no status',
      nextByte(bytes, (byte) => byte >= 0x80),
    )
  const broken = checkOf(bytes)
  if (broken !== null) return broken
  return packet(frameOf(status, (high << 8) | low, float), noninFrameBytes)
}

/** null when the frame is whole and its check sum right. */
function checkOf(bytes: Uint8Array): Scan<NoninFrame> | null {
  if (bytes.length < noninFrameBytes) return incomplete
  return sumOf(bytes.subarray(0, 4)) === bytes[4] ? null : noise('wrong check sum', 1)
}

function frameOf(status: number, pleth: number, float: number): NoninFrame {
  return {
    isFirst: (status & 0x01) !== 0,
    isUnplugged: (status & 0x40) !== 0,
    isArtifact: (status & 0x20) !== 0,
    isArtifactForLong: (status & 0x10) !== 0,
    isFingerOut: (status & 0x08) !== 0,
    perfusion: perfusions[(status >> 1) & 3] ?? null,
    pleth,
    float,
  }
}

/** `frames` are the 25 of a packet, the first one first. */
export function noninNumbers(frames: readonly NoninFrame[]): NoninNumbers {
  const float = (number: number): number => frames[number - 1]?.float ?? 0
  const pulse = ((float(20) & 0x03) << 7) | (float(21) & 0x7f)
  const saturation = float(9) & 0x7f
  return {
    saturationPercent: saturation === noSaturation ? null : saturation,
    pulsePerMinute: pulse === noPulse ? null : pulse,
    isGoodForSpotCheck: (float(8) & 0x20) !== 0,
    isBatteryLow: (float(8) & 0x01) !== 0,
  }
}

export function encodeNonin2(frame: NoninFrame): Uint8Array {
  return withCheck(0x01, statusOf(frame), frame.pleth, frame.float)
}

export function encodeNonin7(frame: NoninFrame): Uint8Array {
  return withCheck(statusOf(frame), frame.pleth >> 8, frame.pleth & 0xff, frame.float)
}

function withCheck(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.of(...bytes, sumOf(Uint8Array.from(bytes)))
}

function statusOf(frame: NoninFrame): number {
  return (
    0x80 |
    (frame.isFirst ? 0x01 : 0) |
    (frame.isUnplugged ? 0x40 : 0) |
    (frame.isArtifact ? 0x20 : 0) |
    (frame.isArtifactForLong ? 0x10 : 0) |
    (frame.isFingerOut ? 0x08 : 0) |
    (perfusions.indexOf(frame.perfusion) << 1)
  )
}
