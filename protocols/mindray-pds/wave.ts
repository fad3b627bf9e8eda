/**
 * ZMW, one second of a wave of a Mindray monitor, packed so that no byte looks like a control
 * character: seven bytes with bit 7 set, then one whose bit n is the true bit 7 of byte n.
 *
 *   unpacked   0  1   check sum, of unknown kind
 *              2  3   number of the wave, most significant byte first
 *              4      bytes a sample, 1 or 2
 *              5  6   samples a second
 *              7      not used
 *              8      samples, unsigned
 *
 * Which wave has which number, its amplitude and its zero are not known, so that no driver says it.
 *
 * Source: two independent open implementations.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

export interface MindrayWave {
  readonly wave: number
  readonly samplesPerSecond: number
  readonly samples: Int32Array
}

const headBytes = 8
const blockBytes = 8
const waveLimitBytes = 16_384

export function decodeZmw(packed: Uint8Array): Decoded<MindrayWave> {
  if (packed.length > waveLimitBytes) return undecoded('a wave longer than a second can be')
  const bytes = unpacked(packed)
  const width = bytes[4] ?? 0
  const rate = at16(bytes, 5)
  if (bytes.length < headBytes || (width !== 1 && width !== 2))
    return undecoded('no head of a wave')
  if (bytes.length < headBytes + rate * width) return undecoded('less than a second of samples')
  const samples = Int32Array.from({ length: rate }, (_, index) => {
    const from = headBytes + index * width
    return width === 1 ? (bytes[from] ?? 0) : at16(bytes, from)
  })
  return decoded({ wave: at16(bytes, 2), samplesPerSecond: rate, samples })
}

/** As the device packs it, with a check sum of 0; `width` is 1 or 2 bytes a sample. */
export function encodeZmw({ wave, samplesPerSecond, samples }: MindrayWave, width: 1 | 2) {
  const bytes = [0, 0, ...pair(wave), width, ...pair(samplesPerSecond), 0]
  for (const sample of samples) bytes.push(...(width === 1 ? [sample & 0xff] : pair(sample)))
  while (bytes.length % (blockBytes - 1) !== 0) bytes.push(0)
  const packed: number[] = []
  for (let from = 0; from < bytes.length; from += blockBytes - 1) {
    const seven = bytes.slice(from, from + blockBytes - 1)
    const flags = seven.reduce((bits, byte, index) => bits | ((byte >> 7) << index), 0x80)
    packed.push(...seven.map((byte) => byte | 0x80), flags)
  }
  return Uint8Array.from(packed)
}

function unpacked(packed: Uint8Array): readonly number[] {
  const bytes: number[] = []
  for (let from = 0; from + blockBytes <= packed.length; from += blockBytes) {
    const flags = packed[from + blockBytes - 1] ?? 0
    for (let index = 0; index < blockBytes - 1; index++) {
      bytes.push(((packed[from + index] ?? 0) & 0x7f) | (((flags >> index) & 1) << 7))
    }
  }
  return bytes
}

function at16(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function pair(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff]
}
