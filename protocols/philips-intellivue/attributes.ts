/**
 * What stands in the attributes of an observation, all big endian.
 *
 *   0950 a number: physiological id u16, state u16, unit u16, FLOAT      094B list of them
 *   096E samples: physiological id u16, state u16, length u16, u16 each  0967 list of them
 *   096D samples in an array u16, bits of a sample u8, bits that count u8, flags u16
 *   096F scale: amplitudes FLOAT, FLOAT at sample values u16, u16
 *   098D sample period u32 in 1/8 ms      0990 time of the measurement, 8 bytes BCD
 *   0924 label: partition u16, id u16; of samples it is the physiological id
 *   0928 maker and model, two texts       092D what is built in: list of {what, which u16, text}
 *
 *   state: 8000 invalid, 4000 questionable, 2000 unavailable, 1000 calibrating, 0800 test,
 *   0400 demo
 *
 * A physiological id is the 11073 number without its partition 2, a unit one without partition 4;
 * those from F000 on are Philips' own. 096D, 096F and 098D come with the first samples and when
 * they change.
 *
 * Source: a whole dialogue with an MP20 in demo mode.
 */
import { floatOf, valueOfNumber } from '../ieee11073/numbers.ts'
import { MderReader } from '../ieee11073/mder.ts'
import { readAbsoluteTime } from '../ieee11073/times.ts'
import type { DeviceTime } from '../packet/record.ts'
import type { Attribute } from './apdu.ts'

export interface ObservedNumber {
  readonly physioId: number
  readonly unit: number
  /** null when its state says that it is none. */
  readonly value: number | null
  /** In demo or test mode. */
  readonly isSimulated: boolean
}

export interface ObservedSamples {
  readonly physioId: number
  /** null when their state says that they are none. */
  readonly samples: readonly number[] | null
  /** How many there are, or would be. */
  readonly count: number
  readonly isSimulated: boolean
}

export interface SampleLayout {
  /** Only these bits of a sample are amplitude; those above are markers. */
  readonly significantBits: number
}

/** A straight line through two points. */
export interface SampleScale {
  readonly lowAmplitude: number
  readonly highAmplitude: number
  readonly lowSample: number
  readonly highSample: number
}

const ids = {
  number: 0x0950,
  numbers: 0x094b,
  samples: 0x096e,
  sampleLists: 0x0967,
  layout: 0x096d,
  scale: 0x096f,
  period: 0x098d,
  time: 0x0990,
  label: 0x0924,
  model: 0x0928,
  production: 0x092d,
} as const

const noValue = 0xf000
const simulated = 0x0c00
const medicalPartition = 2
const serialNumber = 1
const software = 4

export function observedNumbers(attributes: readonly Attribute[]): readonly ObservedNumber[] {
  return everyOf(attributes, ids.number, ids.numbers, (reader) => {
    const [physioId, state, unit, word] = [reader.u16(), reader.u16(), reader.u16(), reader.u32()]
    const value = (state & noValue) === 0 ? valueOfNumber(floatOf(word | 0)) : null
    return { physioId, unit, value, isSimulated: (state & simulated) !== 0 }
  })
}

export function observedSamples(attributes: readonly Attribute[]): readonly ObservedSamples[] {
  return everyOf(attributes, ids.samples, ids.sampleLists, (reader) => {
    const [physioId, state] = [reader.u16(), reader.u16()]
    const bytes = reader.octets()
    const count = bytes.length >> 1
    const words = new MderReader(bytes)
    const samples = Array.from({ length: count }, () => words.u16())
    return {
      physioId,
      samples: (state & noValue) === 0 ? samples : null,
      count,
      isSimulated: (state & simulated) !== 0,
    }
  })
}

/** One or a list; what does not fit its own length is left out. */
function everyOf<T>(
  attributes: readonly Attribute[],
  one: number,
  many: number,
  read: (reader: MderReader) => T,
): readonly T[] {
  return attributes.flatMap(({ id, value }) => {
    if (id !== one && id !== many) return []
    const reader = new MderReader(value)
    const found = id === one ? [read(reader)] : reader.list(read)
    return reader.isWhole ? found : []
  })
}

/** null for the attributes that are not there. */
export function sampleLayout(attributes: readonly Attribute[]): SampleLayout | null {
  const reader = readerOf(attributes, ids.layout)
  if (reader === null) return null
  reader.u16()
  const [size, significantBits] = [reader.u8(), reader.u8()]
  const isUsable = reader.isWhole && size === 16 && significantBits >= 1 && significantBits <= 16
  return isUsable ? { significantBits } : null
}

export function sampleScale(attributes: readonly Attribute[]): SampleScale | null {
  const reader = readerOf(attributes, ids.scale)
  if (reader === null) return null
  const lowAmplitude = valueOfNumber(floatOf(reader.u32() | 0))
  const highAmplitude = valueOfNumber(floatOf(reader.u32() | 0))
  const [lowSample, highSample] = [reader.u16(), reader.u16()]
  if (lowAmplitude === null || highAmplitude === null || !reader.isWhole) return null
  return lowSample === highSample ? null : { lowAmplitude, highAmplitude, lowSample, highSample }
}

/** The leads of an ECG share a handle: this tells of which one a layout or scale speaks. */
export function labelPhysioId(attributes: readonly Attribute[]): number | null {
  const reader = readerOf(attributes, ids.label)
  const [partition, id] = [reader?.u16(), reader?.u16()]
  return partition === medicalPartition && id !== undefined ? id : null
}

/** From one sample to the next, in 1/8 ms. */
export function samplePeriod(attributes: readonly Attribute[]): number | null {
  const reader = readerOf(attributes, ids.period)
  const period = reader?.u32() ?? 0
  return reader !== null && reader.isWhole && period > 0 ? period : null
}

/** When the cuff measured; undefined when the observation does not say. */
export function observedTime(attributes: readonly Attribute[]): DeviceTime | null | undefined {
  const reader = readerOf(attributes, ids.time)
  if (reader === null) return undefined
  const time = readAbsoluteTime(reader)
  if (time === null) return null
  const { year, month, day, hour, minute, second } = time
  return { year, month, day, hour, minute, second }
}

export interface MonitorIdentity {
  readonly model: string | null
  readonly serialNumber: string | null
  readonly firmware: string | null
}

export function monitorIdentity(attributes: readonly Attribute[]): MonitorIdentity {
  const model = readerOf(attributes, ids.model)
  const names = model === null ? [] : [model.text(), model.text()]
  const production = readerOf(attributes, ids.production)?.list((reader) => ({
    what: reader.u16(),
    which: reader.u16(),
    text: reader.text(),
  }))
  const built = (what: number): string | null =>
    production?.find((one) => one.what === what && isPrintable(one.text))?.text ?? null
  const name = names.filter(isPrintable).join(' ')
  return {
    model: name === '' ? null : name,
    serialNumber: built(serialNumber),
    firmware: built(software),
  }
}

function isPrintable(text: string): boolean {
  return /^[ -~]{1,40}$/.test(text)
}

function readerOf(attributes: readonly Attribute[], id: number): MderReader | null {
  const found = attributes.find((one) => one.id === id)
  return found === undefined ? null : new MderReader(found.value)
}
