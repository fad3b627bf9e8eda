/**
 * Arrays of samples (RT-SA), such as a strip of an ECG or a pulse wave.
 *
 *   sample-specification  2413   array-size u16 | bits u8 | significant bits u8 | flags u16
 *   scale-range           2416   lower FLOAT | upper FLOAT | lower u32 | upper u32
 *                         2415, 2417: the same with u16 and u8
 *   sample-period         2445   u32, ticks of 125 us
 *
 * 255 significant bits means signed. Between the two samples of the range the amplitude is a line.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { readAttributeOf, u16, u8, type Attribute, type MderReader } from './mder.ts'
import { attributes } from './nomenclature.ts'
import { encodeFloat, floatOf, numberOfValue, valueOfNumber } from './numbers.ts'

export interface Sampling {
  /** From one sample to the next, in ticks of 125 us; null when the object does not say. */
  readonly periodTicks: number | null
  readonly arraySize: number
  readonly sampleBits: number
  readonly significantBits: number
  readonly scale: Scale | null
}

export interface Scale {
  readonly lowerAmplitude: number
  readonly upperAmplitude: number
  readonly lowerSample: number
  readonly upperSample: number
}

const signedBits = 255

/** null when the object does not say what a sample is. */
export function readSampling(all: readonly Attribute[]): Sampling | null {
  const spec = readAttributeOf(all, attributes.sampleSpec, (reader) => ({
    arraySize: reader.u16(),
    sampleBits: reader.u8(),
    significantBits: reader.u8(),
  }))
  if (spec === null || ![8, 16, 32].includes(spec.sampleBits)) return null
  const isSigned = spec.significantBits === signedBits
  const period = readAttributeOf(all, attributes.samplePeriod, (reader) => reader.u32())
  const scale =
    readAttributeOf(all, attributes.scaleRange16, (reader) => readScale(reader, 16, isSigned)) ??
    readAttributeOf(all, attributes.scaleRange32, (reader) => readScale(reader, 32, isSigned)) ??
    readAttributeOf(all, attributes.scaleRange8, (reader) => readScale(reader, 8, isSigned))
  return { ...spec, periodTicks: period === 0 ? null : period, scale }
}

/** null when there is no line through the two. */
function readScale(reader: MderReader, bits: number, isSigned: boolean): Scale | null {
  const lowerAmplitude = valueOfNumber(floatOf(reader.u32()))
  const upperAmplitude = valueOfNumber(floatOf(reader.u32()))
  const lowerSample = readSample(reader, bits, isSigned)
  const upperSample = readSample(reader, bits, isSigned)
  if (lowerAmplitude === null || upperAmplitude === null) return null
  if (lowerSample === upperSample || lowerAmplitude === upperAmplitude) return null
  return { lowerAmplitude, upperAmplitude, lowerSample, upperSample }
}

function readSample(reader: MderReader, bits: number, isSigned: boolean): number {
  const value = bits === 8 ? reader.u8() : bits === 16 ? reader.u16() : reader.u32()
  return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}

/** Amplitude of one step, and the sample that means zero. */
export function stepOf(scale: Scale): { readonly step: number; readonly zero: number } {
  const samples = scale.upperSample - scale.lowerSample
  const amplitude = scale.upperAmplitude - scale.lowerAmplitude
  return {
    step: amplitude / samples,
    zero: scale.lowerSample - (scale.lowerAmplitude * samples) / amplitude,
  }
}

/** For agents: the specification and the scale, without the period. */
export function encodeSampleSpec(sampling: Sampling): readonly Attribute[] {
  const { arraySize, sampleBits, significantBits, scale } = sampling
  const spec = joinBytes(u16(arraySize), u8(sampleBits), u8(significantBits), u16(0))
  const sampleSpec = { id: attributes.sampleSpec, value: spec }
  if (scale === null) return [sampleSpec]
  const id = scaleIds[sampleBits] ?? attributes.scaleRange32
  const range = joinBytes(
    encodeFloat(numberOfValue(scale.lowerAmplitude)),
    encodeFloat(numberOfValue(scale.upperAmplitude)),
    encodeSamples(sampling, [scale.lowerSample, scale.upperSample]),
  )
  return [sampleSpec, { id, value: range }]
}

const scaleIds: Readonly<{ [bits: number]: number }> = {
  8: attributes.scaleRange8,
  16: attributes.scaleRange16,
  32: attributes.scaleRange32,
}

export interface Samples {
  readonly samples: Int32Array
  /** False when there are more or fewer of them than the object says that there are. */
  readonly isAsSpecified: boolean
}

/** null when the bytes are no whole number of samples. */
export function readSamples(sampling: Sampling, bytes: Uint8Array): Samples | null {
  const { sampleBits, significantBits, arraySize } = sampling
  const size = sampleBits / 8
  const count = bytes.length / size
  if (!Number.isInteger(count) || count === 0) return null
  const mask = significantBits < sampleBits ? 2 ** significantBits - 1 : null
  const samples = Int32Array.from({ length: count }, (_, index) => {
    let value = 0
    for (let at = index * size; at < (index + 1) * size; at++) {
      value = value * 256 + (bytes[at] ?? 0)
    }
    if (mask !== null) return value & mask
    return significantBits === signedBits && value >= 2 ** (sampleBits - 1)
      ? value - 2 ** sampleBits
      : value
  })
  return { samples, isAsSpecified: count === arraySize }
}

export function encodeSamples(sampling: Sampling, samples: ArrayLike<number>): Uint8Array {
  const size = sampling.sampleBits / 8
  const bytes = new Uint8Array(samples.length * size)
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index] ?? 0
    for (let at = 0; at < size; at++) {
      bytes[index * size + at] = sample >> (8 * (size - 1 - at))
    }
  }
  return bytes
}
