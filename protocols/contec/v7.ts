/**
 * Contec CMS50D+ (firmware 4.6 and later), CMS50E, CMS50F, CMS60 and their re-labels, both ways:
 *
 *   TT HH P0 .. Pn    only TT, the type, is below 80; it says how long the packet is
 *                     bit i of HH is bit 7 of Pi, which travels as 1
 *
 *   01  seven bytes sixty times a second: [0] flags and signal, [1] pulse wave and searching,
 *       [2] bar and "no PI", [3] pulse rate, [4] SpO2, [5] [6] perfusion index in 1/100 %,
 *       low first
 *   7D  seven bytes from the host: a command and its arguments, filled up with 0
 *
 * There is no check sum; XON and XOFF occur as types, so the line has no software flow control.
 *
 * Source: Contec, Communication protocol of pulse oximeter V7.0 (2010); types 02, 03, 06, 13 and 14
 * from a captured session of a CMS50D+.
 */
import { nextByte } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface ContecRealtime {
  readonly kind: 'realtime'
  /** 0 to 8; some models say 15 for no signal. */
  readonly signal: number
  readonly isSearching: boolean
  readonly isSearchingTooLong: boolean
  readonly isSaturationLow: boolean
  /** No finger, or a broken sensor. */
  readonly isProbeError: boolean
  readonly isBeat: boolean
  /** 0 to 127, without a unit. */
  readonly pleth: number
  /** 0 to 15. */
  readonly bar: number
  readonly pulsePerMinute: number | null
  readonly saturationPercent: number | null
  /** In steps of 0.01 %. */
  readonly perfusionIndexPercent: number | null
}

export type ContecPacket =
  | ContecRealtime
  /** Answers to commands, and what the device tells about its storage. */
  | { readonly kind: 'other'; readonly type: number; readonly payload: Uint8Array }

export type ContecCommand = 'start-realtime' | 'stop-realtime' | 'stop-stored' | 'keep-alive'

export const contecPacketLimitBytes = 9

const realtime = 0x01
const host = 0x7d

/** Whole lengths by type. */
const lengths: ReadonlyMap<number, number> = new Map([
  [realtime, 9],
  [0x02, 9],
  [0x03, 9],
  [0x04, 9],
  [0x05, 9],
  [0x06, 4],
  [0x07, 8],
  [0x08, 8],
  [0x09, 6],
  [0x0a, 4],
  [0x0b, 4],
  [0x0c, 2],
  [0x0d, 3],
  [0x0e, 3],
  [0x0f, 8],
  [0x10, 3],
  [0x11, 9],
  [0x12, 8],
  [0x13, 9],
  [0x14, 9],
  [0x15, 9],
])

const commands: { readonly [command in ContecCommand]: number } = {
  'start-realtime': 0xa1,
  'stop-realtime': 0xa2,
  'stop-stored': 0xa7,
  'keep-alive': 0xaf,
}

const noPulse = 0xff
const noSaturation = 0x7f
const noPerfusion = 0xffff
const perfusionMax = 2_200

export function scanContec(bytes: Uint8Array): Scan<ContecPacket> {
  const type = bytes[0]
  if (type === undefined) return incomplete
  const next = nextByte(bytes, (byte) => byte < 0x80)
  const length = lengths.get(type)
  if (length === undefined) return noise('no type', next)
  if (next < Math.min(length, bytes.length)) return noise('cut short', next)
  if (bytes.length < length) return incomplete
  const payload = unfold(bytes.subarray(1, length))
  if (type !== realtime) return packet({ kind: 'other', type, payload }, length)
  return packet(readRealtime(payload), length)
}

function unfold(folded: Uint8Array): Uint8Array {
  const [high = 0, ...low] = folded
  return Uint8Array.from(low, (byte, at) => (byte & 0x7f) | (((high >> at) & 1) << 7))
}

function readRealtime(payload: Uint8Array): ContecRealtime {
  const [flags = 0, wave = 0, bar = 0, pulse = 0, saturation = 0, low = 0, high = 0] = payload
  const perfusion = low | (high << 8)
  const hasPerfusion = (bar & 0x10) === 0 && perfusion <= perfusionMax
  return {
    kind: 'realtime',
    signal: flags & 0x0f,
    isSearching: (wave & 0x80) !== 0,
    isSearchingTooLong: (flags & 0x10) !== 0,
    isSaturationLow: (flags & 0x20) !== 0,
    isProbeError: (flags & 0x80) !== 0,
    isBeat: (flags & 0x40) !== 0,
    pleth: wave & 0x7f,
    bar: bar & 0x0f,
    pulsePerMinute: pulse === 0 || pulse === noPulse ? null : pulse,
    saturationPercent: saturation === 0 || saturation > 100 ? null : saturation,
    perfusionIndexPercent: hasPerfusion ? perfusion / 100 : null,
  }
}

export function encodeContec(packet: ContecPacket): Uint8Array {
  if (packet.kind === 'other') return fold(packet.type, packet.payload)
  const perfusion =
    packet.perfusionIndexPercent === null
      ? noPerfusion
      : Math.round(packet.perfusionIndexPercent * 100)
  return fold(
    realtime,
    Uint8Array.of(
      packet.signal |
        (packet.isSearchingTooLong ? 0x10 : 0) |
        (packet.isSaturationLow ? 0x20 : 0) |
        (packet.isBeat ? 0x40 : 0) |
        (packet.isProbeError ? 0x80 : 0),
      packet.pleth | (packet.isSearching ? 0x80 : 0),
      packet.bar | (packet.perfusionIndexPercent === null ? 0x10 : 0),
      packet.pulsePerMinute ?? noPulse,
      packet.saturationPercent ?? noSaturation,
      perfusion & 0xff,
      perfusion >> 8,
    ),
  )
}

export function encodeContecCommand(command: ContecCommand): Uint8Array {
  return fold(host, Uint8Array.of(commands[command], 0, 0, 0, 0, 0, 0))
}

function fold(type: number, payload: Uint8Array): Uint8Array {
  let high = 0x80
  for (const [at, byte] of payload.entries()) high |= (byte >> 7) << at
  return Uint8Array.of(type, high, ...payload.map((byte) => byte | 0x80))
}
