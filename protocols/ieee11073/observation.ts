/**
 * One value of one object, with all that was said about it: decoded by the object's map, or by the
 * names that came with it.
 */
import type { MapEntry, Metric } from './configuration.ts'
import { MderReader, type Attribute, type TypeCode } from './mder.ts'
import { attributes } from './nomenclature.ts'
import { floatOf, shortFloatOf, type MderNumber } from './numbers.ts'
import { readSamples, type Samples } from './samples.ts'
import {
  readAbsoluteTime,
  readBaseOffsetTime,
  readStamp,
  ticksPerMs,
  type AgentTime,
  type Stamp,
} from './times.ts'

export interface Observation {
  readonly metric: Metric
  /** The device's own number of a person; null when it does not tell people apart. */
  readonly person: number | null
  readonly numbers: readonly ObservedNumber[]
  /** What an enumeration says in codes of the nomenclature. */
  readonly codes: readonly TypeCode[]
  /** What an enumeration says in bits, the first bit of its list leftmost. */
  readonly bits: { readonly width: 16 | 32; readonly bits: number } | null
  readonly samples: Samples | null
  readonly time: AgentTime | null
  /** There is a time stamp, and it is no time. */
  readonly hasBrokenTime: boolean
  /** By the device's own counter, in ticks of 125 us as it says. */
  readonly relativeTicks: number | null
  /** Bits of measurement-status. */
  readonly status: number
}

export interface ObservedNumber {
  readonly type: TypeCode
  /** Of partition 4; null when it has none. */
  readonly unit: number | null
  readonly number: MderNumber
}

export interface Decoding {
  /** null when the bytes are not what the object says that they are. */
  readonly observation: Observation | null
  /** Bytes that no attribute of the map is for. */
  readonly leftBytes: number
}

/** Values in the order of the map, without names. */
export function decodeFixed(
  metric: Metric,
  map: readonly MapEntry[],
  person: number | null,
  bytes: Uint8Array,
): Decoding {
  const reader = new MderReader(bytes)
  const draft = new Draft(metric)
  for (const { id, length } of map) {
    const field = new MderReader(reader.take(length))
    if (!reader.isWhole || !draft.take(id, field)) return { observation: null, leftBytes: 0 }
  }
  return { observation: draft.observation(person), leftBytes: reader.left }
}

/** Values with their names. */
export function decodeNamed(
  metric: Metric,
  person: number | null,
  named: readonly Attribute[],
): Observation | null {
  const draft = new Draft(metric)
  // The name and the unit of a value may stand behind it.
  const late = [attributes.metricId, attributes.unit] as readonly number[]
  const ordered = [
    ...named.filter(({ id }) => late.includes(id)),
    ...named.filter(({ id }) => !late.includes(id)),
  ]
  for (const { id, value } of ordered) {
    if (value.length > 0 && !draft.take(id, new MderReader(value))) return null
  }
  return draft.observation(person)
}

class Draft {
  readonly #metric: Metric
  #type: TypeCode
  #unit: number | null
  #numbers: ObservedNumber[] = []
  #codes: TypeCode[] = []
  #bits: Observation['bits'] = null
  #samples: Samples | null = null
  #time: AgentTime | null = null
  #hasBrokenTime = false
  #relativeTicks: number | null = null
  #status = 0

  constructor(metric: Metric) {
    this.#metric = metric
    this.#type = metric.parts.length === 1 ? (metric.parts[0] ?? metric.type) : metric.type
    this.#unit = metric.unit
  }

  observation(person: number | null): Observation {
    return {
      metric: this.#metric,
      person,
      numbers: this.#numbers,
      codes: this.#codes,
      bits: this.#bits,
      samples: this.#samples,
      time: this.#time,
      hasBrokenTime: this.#hasBrokenTime,
      relativeTicks: this.#relativeTicks,
      status: this.#status,
    }
  }

  /** False when the attribute is not as long as it must be. What it is for does not matter then. */
  take(id: number, reader: MderReader): boolean {
    switch (id) {
      case attributes.simpleObserved:
        this.#number(this.#type, this.#unit, floatOf(reader.u32()))
        break
      case attributes.basicObserved:
        this.#number(this.#type, this.#unit, shortFloatOf(reader.u16()))
        break
      case attributes.compoundSimple:
        return this.#compound(reader.list((one) => floatOf(one.u32()))) && reader.isWhole
      case attributes.compoundBasic:
        return this.#compound(reader.list((one) => shortFloatOf(one.u16()))) && reader.isWhole
      case attributes.observed:
        this.#observed(reader)
        break
      case attributes.compoundObserved:
        reader.list((one) => this.#observed(one))
        break
      case attributes.simpleSamples:
        return this.#array(reader.octets()) && reader.isWhole
      case attributes.enumCode:
        this.#codes.push({ partition: this.#valuePartition(), code: reader.u16() })
        break
      case attributes.basicBits:
        this.#bits = { width: 16, bits: reader.u16() }
        break
      case attributes.simpleBits:
        this.#bits = { width: 32, bits: reader.u32() }
        break
      case attributes.enumObserved:
        this.#enumerated(reader)
        break
      default:
        this.#about(id, reader)
    }
    return reader.isWhole
  }

  /** What is said about a value; what we do not know is passed over. */
  #about(id: number, reader: MderReader): void {
    switch (id) {
      case attributes.metricId:
        this.#type = { partition: this.#type.partition, code: reader.u16() }
        break
      case attributes.unit:
        this.#unit = reader.u16()
        break
      case attributes.measurementStatus:
        this.#status |= reader.u16()
        break
      // A Nonin 9560 says the time of its clock where the time stamp belongs.
      case attributes.absoluteTime:
      case attributes.stampAbsolute:
        this.#stamp(readStamp(reader, readAbsoluteTime))
        break
      case attributes.stampBaseOffset:
        this.#stamp(readStamp(reader, readBaseOffsetTime))
        break
      case attributes.stampRelative:
        this.#relativeTicks = reader.u32()
        break
      case attributes.stampHighRes: {
        const microseconds = reader.u32() * 2 ** 32 + reader.u32()
        this.#relativeTicks = Math.floor((microseconds * ticksPerMs) / 1_000)
        break
      }
    }
  }

  #stamp({ time, isBroken }: Stamp): void {
    this.#time = time
    this.#hasBrokenTime = isBroken
  }

  #number(type: TypeCode, unit: number | null, number: MderNumber): void {
    this.#numbers.push({ type, unit, number })
  }

  /** Without a name for each of them, nobody knows which is which. */
  #compound(found: readonly MderNumber[]): boolean {
    const { parts } = this.#metric
    if (found.length !== parts.length) return false
    for (const [index, type] of parts.entries()) {
      const number = found[index]
      if (number !== undefined) this.#number(type, this.#unit, number)
    }
    return true
  }

  #observed(reader: MderReader): void {
    const code = reader.u16()
    this.#status |= reader.u16()
    const unit = reader.u16()
    this.#number({ partition: this.#type.partition, code }, unit, floatOf(reader.u32()))
  }

  #array(bytes: Uint8Array): boolean {
    const { sampling } = this.#metric
    this.#samples = sampling === null ? null : readSamples(sampling, bytes)
    return this.#samples !== null
  }

  #enumerated(reader: MderReader): void {
    reader.u16()
    this.#status |= reader.u16()
    const choice = reader.u16()
    const value = new MderReader(reader.octets())
    if (choice === 1) this.#codes.push({ partition: this.#valuePartition(), code: value.u16() })
    if (choice === 16) this.#bits = { width: 32, bits: value.u32() }
  }

  #valuePartition(): number {
    return this.#metric.valuePartition ?? this.#metric.type.partition
  }
}
