/**
 * The golden packets of the waveform codec, as docs/waveform-codec/vectors.json holds them: small
 * ones of each kind, profile and plan, with the samples that must come out.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WaveDecoder, WaveEncoder } from '../../protocols/ecg-codec/chain.ts'
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import { readContainer } from '../../protocols/ecg-codec/container.ts'
import { generator, signals } from '../../protocols/ecg-codec/testing.ts'
import { decodeWave, encodeWave } from '../../protocols/ecg-codec/wave.ts'
import { fromHex, toHex } from '../../protocols/packet/hex.ts'

export interface PacketVector {
  /** The bytes, in groups of four: no run of digits looks like a number of a person. */
  readonly hex: string
  /** Samples of each lead. */
  readonly leads: readonly (readonly number[])[]
  /** The CRC of the packet, eight hexadecimal digits. */
  readonly crc: string
}

export interface Vector {
  readonly name: string
  readonly about: string
  /** For one reader, in this order. */
  readonly packets: readonly PacketVector[]
}

export interface RefusedVector {
  readonly name: string
  /** What is wrong with the last packet. Those before it are good. */
  readonly reason: string
  readonly packets: readonly { readonly hex: string }[]
}

export interface VectorFile {
  readonly about: string
  readonly vectors: readonly Vector[]
  readonly refused: readonly RefusedVector[]
}

type Leads = readonly Int32Array[]

/** What the page and a reader in another language are held to. */
export function vectorFile(): VectorFile {
  return {
    about:
      'Packets of the waveform codec, see waveform-codec.md section 20. The packets of a vector ' +
      'are for one reader, in order.',
    vectors: [...alone(), ...plans(), ...extremes(), ...chains(), ...recorded()],
    refused: refused(),
  }
}

function vector(name: string, about: string, packets: readonly [Uint8Array, Leads][]): Vector {
  return { name, about, packets: packets.map(([bytes, leads]) => packetVector(bytes, leads)) }
}

function packetVector(bytes: Uint8Array, leads: Leads): PacketVector {
  const container = readContainer(bytes)
  if (!container.ok) throw new Error(container.reason)
  const crc = container.value.crc.toString(16).padStart(8, '0')
  return { hex: hexOf(bytes), leads: leads.map((lead) => [...lead]), crc }
}

function wave(
  name: string,
  about: string,
  leads: Leads,
  profile: 'best' | 'light' = 'best',
): Vector {
  return vector(name, about, [[encodeWave(leads, profile), leads]])
}

function signal(name: string, count: number): Leads {
  const found = signals(count).get(name)
  if (found === undefined) throw new Error(`there is no signal ${name}`)
  return found
}

function lead(count: number, valueAt: (at: number) => number): Int32Array {
  return Int32Array.from({ length: count }, (_, at) => valueAt(at))
}

function alone(): Vector[] {
  const beats = signal('beats in four leads', 70)
  return [
    wave(
      'nothing',
      'Three leads without samples.',
      [0, 1, 2].map(() => new Int32Array(0)),
    ),
    wave('one sample', 'One lead with one sample: a constant.', [Int32Array.of(-5)]),
    wave('two samples', 'Two samples: too few to model.', [Int32Array.of(7, -2_000_000)]),
    wave('beats, best', 'Four leads in profile best.', beats),
    wave('beats, light', 'The same in profile light.', beats, 'light'),
  ]
}

function plans(): Vector[] {
  // With both signs, so that every rounding is another one.
  const beats = signal('beats in four leads', 100).map((values) => values.map((v) => v - 40))
  const [one = new Int32Array(0), two = one] = beats
  const derived = (of: (i: number, ii: number) => number) =>
    lead(100, (at) => of(one[at] ?? 0, two[at] ?? 0))
  const limb = [
    derived((i, ii) => ii - i),
    derived((i, ii) => Math.floor(-(i + ii) / 2)),
    derived((i, ii) => Math.trunc((2 * i - ii) / 2)),
    derived((i, ii) => Math.ceil((2 * ii - i) / 2) + 11),
    derived((i) => -i),
  ]
  const away = derived((i, ii) => Math.sign(i + ii) * Math.ceil(Math.abs(i + ii) / 2))
  const even = derived((i, ii) => {
    const down = Math.floor((i + ii) / 2)
    return (i + ii) % 2 !== 0 && down % 2 !== 0 ? down + 1 : down
  })
  const steps = lead(100, (at) => Math.round(300 * Math.sin(at / 9)) + (at % 3))
  const scaled = [
    steps.map((k) => Math.floor((k * 61) / 25)),
    steps.map((k) => Math.trunc((k * 488) / 100)),
    steps.map((k) => Math.floor((2 * k * 39 + 10) / 20)),
  ]
  return [
    wave(
      'derived leads',
      'I and II; III, aVR, aVL, aVF with its own zero, and -I, each with another rounding.',
      [one, two, ...limb, away, even],
    ),
    wave('constant and lattice', 'A constant; multiples of 5 and 7 with an offset; plain.', [
      new Int32Array(100).fill(-77),
      derived((i) => 5 * i + 2),
      derived((_, ii) => -7 * ii - 3),
      lead(100, (at) => (at * at) % 23),
    ]),
    wave('scaled', 'Whole steps of 2.44, 4.88 and 3.9, rounded in three ways.', scaled, 'light'),
  ]
}

function extremes(): Vector[] {
  const square = signal('square wave over all of 32 bits', 150)
  const random = generator(11)
  const jumps = lead(80, (at) =>
    at % 20 === 7 ? (random(2) === 0 ? 0x7fff_ffff : -0x8000_0000) : random(9),
  )
  const many = Array.from({ length: 64 }, (_, place) =>
    lead(3, (at) => at * at * (place + 1) + (place % 5)),
  )
  return [
    wave('raw', 'Noise of 32 bits: a raw body.', signal('noise of 32 bits', 20)),
    wave('walk of 32 bits', 'Three leads with large steps.', signal('walk of 32 bits', 60)),
    wave('square, best', 'From the lowest to the highest value of 32 bits.', square),
    wave('square, light', 'The same in profile light.', square, 'light'),
    wave('jumps', 'Small values with jumps to both ends.', [jumps]),
    wave('habits', 'Mostly multiples of five.', signal('mostly multiples of five', 150)),
    wave('flat, best', 'A trace that falls flat: counts of habits are halved.', [
      lead(700, (at) => (at < 60 ? random(100) : at < 650 ? 0 : at % 3)),
    ]),
    wave(
      'wakes, light',
      'Nothing for so long that matrices are bounded, then something.',
      [lead(2_400, (at) => (at < 2_360 ? 0 : random(100)))],
      'light',
    ),
    wave('64 leads', 'The largest number of leads.', many, 'light'),
  ]
}

/** Packets of one chain, in the order of `pieces`. */
function chain(profile: ChainProfile, pieces: readonly Leads[]): [Uint8Array, Leads][] {
  const encoder = new WaveEncoder(profile)
  return pieces.map((piece) => [encoder.encode(piece, { key: false }), piece])
}

function cut(leads: Leads, lengths: readonly number[]): Leads[] {
  let from = 0
  return lengths.map((length) => {
    const piece = leads.map((one) => one.slice(from, from + length))
    from += length
    return piece
  })
}

function chains(): Vector[] {
  const beats = cut(signal('beats in four leads', 80), [25, 25, 1, 0, 20, 9])
  const noise = signal('noise of 32 bits', 30).map((one) => one.slice(0, 12))
  const [start = [], ...rest] = cut(signal('beats in four leads', 120), [40, 40, 40]).map((piece) =>
    piece.slice(0, 2),
  )
  const flat = [new Int32Array(20).fill(3), new Int32Array(20).fill(4)]
  return [
    vector('chain', 'Profile live: one key and five nexts.', chain('live', beats)),
    vector('chain, light', 'Profile light: the same.', chain('light', beats)),
    vector(
      'chain with raw bodies',
      'The second and fourth bodies are raw; the model learns from them.',
      chain('live', [start, noise, ...rest.slice(0, 1), noise, ...rest.slice(1)]),
    ),
    vector('two chains', 'A lead that breaks its plan begins a new chain.', [
      ...chain('live', [flat, flat, start, ...rest]),
    ]),
  ]
}

/** A fifth of a second of a recording, 12 leads at 500 Hz. */
function recorded(): Vector[] {
  const file = 'drivers/captures/recordings/mortara_eli250_12l_500.i16'
  const bytes = readFileSync(join(import.meta.dirname, '../..', file))
  const leads = Array.from({ length: 12 }, (_, place) =>
    lead(100, (at) => bytes.readInt16LE(2 * (12 * at + place))),
  )
  const start = cut(leads, [20, 15])
  return [
    wave('12 leads, best', 'A fifth of a second of a Mortara ELI250 at 500 Hz.', leads),
    wave('12 leads, light', 'The same in profile light.', leads, 'light'),
    vector('12 leads, live', 'Its beginning as a key and a next.', chain('live', start)),
  ]
}

function refused(): RefusedVector[] {
  const beats = signal('beats in four leads', 60)
  const [key = new Uint8Array(0), first = key, second = key] = chain(
    'live',
    cut(beats, [20, 20, 20]),
  ).map(([bytes]) => bytes)
  const whole = encodeWave(beats, 'light')
  const changed = (at: number, value: number) => {
    const copy = whole.slice()
    copy[at] = value
    return copy
  }
  const [other = key] = chain('live', cut(signal('walk of 32 bits', 20), [20])).map(([one]) => one)
  const lines: readonly (readonly [string, string, readonly Uint8Array[]])[] = [
    ['no bytes', 'cut off', [new Uint8Array(0)]],
    ['cut off', 'the CRC is that of other bytes', [whole.subarray(0, -1)]],
    ['wrong byte', 'the CRC is another one', [changed(30, (whole[30] ?? 0) ^ 1)]],
    ['version 2', 'an unknown version', [changed(0, 0x20)]],
    ['kind 3', 'an unknown kind', [changed(0, 0x13)]],
    ['no count', 'only a next may leave it out', [changed(0, 0x18)]],
    ['profile 3', 'an unknown profile', [changed(1, 3)]],
    ['no leads', '0 leads', [changed(2, 0)]],
    ['65 leads', 'more leads than there may be', [changed(2, 65)]],
    ['number too long', 'a number that ends with a group of 0', [changed(4, 0x80)]],
    ['plan 5', 'an unknown plan', [changed(4, 5)]],
    ['relation to itself', 'a lead derived from what is not before it', [changed(4, 3)]],
    [
      'little body',
      'less than a byte for 128 values',
      [Uint8Array.of(16, 2, 1, 129, 1, 0, ...nil)],
    ],
    [
      'body of nothing',
      'a body where nothing is coded',
      [Uint8Array.of(16, 2, 1, 0, 0, 9, ...nil)],
    ],
    ['next alone', 'no key came before it', [first]],
    ['lost packet', 'the packet before it is missing', [key, second]],
    ['packet again', 'it was decoded before', [key, first, first]],
    ['another chain', 'the CRC is that of another chain', [other, first]],
  ]
  return lines.map(([name, reason, packets]) => {
    const decoder = new WaveDecoder()
    const answers = packets.map((bytes) => decoder.decode(bytes).ok || decodeWave(bytes).ok)
    if (answers.pop() !== false || answers.includes(false)) throw new Error(`${name}: not so`)
    return { name, reason, packets: packets.map((bytes) => ({ hex: hexOf(bytes) })) }
  })
}

function hexOf(bytes: Uint8Array): string {
  return toHex(bytes).replaceAll(/.{8}(?=.)/g, '$& ')
}

/** The bytes of a vector. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex.replaceAll(' ', ''))
  if (bytes === null) throw new Error('no hex')
  return bytes
}

/** A CRC. */
const nil: readonly number[] = [0, 0, 0, 0]
