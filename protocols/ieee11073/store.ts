/**
 * Stores of earlier readings (PM-store) and their segments.
 *
 *   ask for segments   action 0C0D   choice u16 | length u16 | value (0001: all of them)
 *     answer           list of { instance u16 | list of attributes }
 *   ask for one        action 0C1C   instance u16
 *     answer           instance u16 | result u16
 *   segment data       event 0D21    instance u16 | first-entry u32 | count u32 | status u16 |
 *                                    octets, the entries
 *     answer           the first four again, with a status of ours
 *
 * An entry is the times that the segment's map announces, then the values of each of its objects in
 * the order of the map. A map:
 *
 *   times u16 | list of { class u16 | type | handle u16 | attribute map }
 *
 * Segments are never cleared.
 */
import { joinBytes } from '../bytes/bytes.ts'
import {
  encodeMap,
  isBelievableMap,
  readMap,
  type Configuration,
  type MapEntry,
  type Metric,
} from './configuration.ts'
import {
  encodeAttribute,
  encodeType,
  list,
  MderReader,
  octets,
  readAttribute,
  readAttributeOf,
  readType,
  u16,
  u32,
  type Attribute,
  type TypeCode,
} from './mder.ts'
import { attributes } from './nomenclature.ts'
import { decodeFixed, type Observation } from './observation.ts'
import {
  later,
  readAbsoluteTime,
  readBaseOffsetTime,
  readStamp,
  ticksPerMs,
  type AgentTime,
} from './times.ts'

/** Bits of the times that begin each entry. */
const entryTimes = { absolute: 0x8000, relative: 0x4000, highRes: 0x2000, baseOffset: 0x1000 }
/** With another bit, an entry would begin with something that we do not know. */
const knownTimes = 0xf000

export interface SegmentMap {
  readonly times: number
  readonly parts: readonly {
    readonly objectClass: number
    readonly type: TypeCode
    readonly handle: number
    readonly map: readonly MapEntry[]
  }[]
}

export interface Segment {
  readonly instance: number
  /** null: it does not say how its entries are made. */
  readonly map: SegmentMap | null
  readonly start: AgentTime | null
  /** How many entries it has; null when it does not say. */
  readonly entries: number | null
  /** From one entry to the next, in ticks; null when each says its own time. */
  readonly periodTicks: number | null
  /** How long a transfer may take; null when it does not say. */
  readonly transferTimeoutMs: number | null
}

export interface SegmentData {
  readonly instance: number
  readonly firstEntry: number
  readonly count: number
  readonly status: number
  readonly entries: Uint8Array
}

/** SegmSelection: all of them. */
export const allSegments: Uint8Array = joinBytes(u16(1), octets(u16(0)))

/** null when the list is cut short. */
export function readSegments(info: Uint8Array): readonly Segment[] | null {
  const reader = new MderReader(info)
  const found = reader.list((one) => segmentOf(one.u16(), one.list(readAttribute)))
  return reader.isWhole ? found : null
}

function segmentOf(instance: number, all: readonly Attribute[]): Segment {
  const transferTicks = readAttributeOf(all, attributes.transferTimeout, u32Of)
  return {
    instance,
    map: readAttributeOf(all, attributes.segmentMap, readSegmentMap),
    start:
      readAttributeOf(all, attributes.segmentStart, readAbsoluteTime) ??
      readAttributeOf(all, attributes.segmentStartBaseOffset, readBaseOffsetTime),
    entries: readAttributeOf(all, attributes.segmentUsage, u32Of),
    periodTicks: readAttributeOf(all, attributes.samplePeriod, u32Of),
    transferTimeoutMs: transferTicks === null ? null : transferTicks / ticksPerMs,
  }
}

/** For agents: each segment with its attributes as they are. */
export function encodeSegments(
  segments: readonly { readonly instance: number; readonly attributes: readonly Attribute[] }[],
): Uint8Array {
  return list(
    segments.map((one) => joinBytes(u16(one.instance), list(one.attributes.map(encodeAttribute)))),
  )
}

export function readSegmentMap(reader: MderReader): SegmentMap {
  const times = reader.u16()
  const parts = reader.list((one) => ({
    objectClass: one.u16(),
    type: readType(one),
    handle: one.u16(),
    map: readMap(one),
  }))
  return { times, parts }
}

export function encodeSegmentMap({ times, parts }: SegmentMap): Uint8Array {
  const encoded = parts.map(({ objectClass, type, handle, map }) =>
    joinBytes(u16(objectClass), encodeType(type), u16(handle), encodeMap(map)),
  )
  return joinBytes(u16(times), list(encoded))
}

/** null when it is cut short. */
export function readTransferAnswer(info: Uint8Array) {
  const reader = new MderReader(info)
  const answer = { instance: reader.u16(), result: reader.u16() }
  return reader.isWhole ? answer : null
}

/** null when it is cut short. */
export function readSegmentData(info: Uint8Array): SegmentData | null {
  const reader = new MderReader(info)
  const data = {
    instance: reader.u16(),
    firstEntry: reader.u32(),
    count: reader.u32(),
    status: reader.u16(),
    entries: reader.octets(),
  }
  return reader.isWhole ? data : null
}

export function encodeSegmentData(data: SegmentData): Uint8Array {
  return joinBytes(encodeSegmentAnswer(data), octets(data.entries))
}

/** The same without its entries: the answer of a manager. */
export function encodeSegmentAnswer(data: Omit<SegmentData, 'entries'>): Uint8Array {
  return joinBytes(u16(data.instance), u32(data.firstEntry), u32(data.count), u16(data.status))
}

/** One entry: what was measured at one time. */
export interface Entry {
  readonly index: number
  readonly observations: readonly Observation[]
}

/**
 * null when the bytes are not the entries that are announced, or the map is not to be believed.
 * Objects that the configuration does not have are passed over.
 */
export function readEntries(
  segment: Segment,
  data: SegmentData,
  configuration: Configuration,
): readonly Entry[] | null {
  const { map } = segment
  if (map === null || map.parts.length === 0 || (map.times & ~knownTimes) !== 0) return null
  const metrics = map.parts.map(({ handle }) => configuration.metrics.get(handle))
  if (!map.parts.every((one, at) => isBelievableMap(one.map, metrics[at]?.parts ?? []))) return null
  const reader = new MderReader(data.entries)
  const entries: Entry[] = []
  for (let count = 0; count < data.count; count++) {
    const index = data.firstEntry + count
    const observations = readEntry(reader, segment, map, metrics, index)
    if (observations === null) return null
    entries.push({ index, observations })
  }
  return entries
}

function readEntry(
  reader: MderReader,
  segment: Segment,
  { times, parts }: SegmentMap,
  metrics: readonly (Metric | undefined)[],
  index: number,
): readonly Observation[] | null {
  // An entry without a byte would make any count believable.
  if (reader.left === 0) return null
  const stamp = readTimes(reader, times)
  const own = stamp.time ?? periodicTime(segment, index)
  const observations: Observation[] = []
  for (const [at, part] of parts.entries()) {
    const bytes = reader.take(part.map.reduce((sum, { length }) => sum + length, 0))
    const metric = metrics[at]
    if (metric === undefined) continue
    const { observation } = decodeFixed(metric, part.map, null, bytes)
    if (observation === null) return null
    observations.push({
      ...observation,
      time: observation.time ?? own,
      hasBrokenTime: observation.hasBrokenTime || stamp.isBroken,
      relativeTicks: observation.relativeTicks ?? stamp.relativeTicks,
    })
  }
  return reader.isWhole ? observations : null
}

function readTimes(reader: MderReader, times: number) {
  const absolute = has(times, 'absolute') ? readStamp(reader, readAbsoluteTime) : null
  const relativeTicks = has(times, 'relative') ? reader.u32() : null
  if (has(times, 'highRes')) reader.take(8)
  const stamp = has(times, 'baseOffset') ? readStamp(reader, readBaseOffsetTime) : absolute
  return { time: stamp?.time ?? null, isBroken: stamp?.isBroken ?? false, relativeTicks }
}

function has(times: number, kind: keyof typeof entryTimes): boolean {
  return (times & entryTimes[kind]) !== 0
}

/** Where entries have no time of their own, they are as far apart as the segment says. */
function periodicTime({ start, periodTicks, map }: Segment, index: number): AgentTime | null {
  if (start === null || (map?.times ?? 0) !== 0) return null
  if (periodTicks === null) return index === 0 ? start : null
  return later(start, index * periodTicks)
}

function u32Of(reader: MderReader): number {
  return reader.u32()
}
