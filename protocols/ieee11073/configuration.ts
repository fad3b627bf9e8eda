/**
 * What an agent says that it measures, before it says any value (event report 0D1C):
 *
 *   configuration u16 | list of { class u16 | handle u16 | list of attributes }
 *
 * Values then come without names, as an object's attribute-value-map orders them. A map that gives
 * an attribute another length than its type has would turn values into others (a thermometer's map
 * of 2 bytes for a FLOAT makes 65,280 degrees of 39.5), so that such a configuration is refused
 * whole and the readings stay in the device.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import {
  attributeOf,
  encodeAttribute,
  list,
  MderReader,
  readAttribute,
  readAttributeOf,
  readType,
  u16,
  type Attribute,
  type TypeCode,
} from './mder.ts'
import { attributes, dimensions, objectClasses } from './nomenclature.ts'
import { readSampling, type Sampling } from './samples.ts'

export interface ConfigurationReport {
  readonly configurationId: number
  readonly objects: readonly ConfigurationObject[]
}

export interface ConfigurationObject {
  readonly objectClass: number
  readonly handle: number
  readonly attributes: readonly Attribute[]
}

/** One attribute of a fixed report: how many bytes it takes. */
export interface MapEntry {
  readonly id: number
  readonly length: number
}

/** An object that has values: a numeric, an enumeration, or an array of samples. */
export interface Metric {
  readonly handle: number
  readonly objectClass: number
  readonly type: TypeCode
  /** What the parts of a compound are, or what a single value really is; empty: `type`. */
  readonly parts: readonly TypeCode[]
  /** Of partition 4; null when the object has none. */
  readonly unit: number | null
  /** Whether it is measured now and then, or all the time; null when it does not say. */
  readonly metricSpec: number | null
  readonly supplemental: readonly TypeCode[]
  /** null: it says its values only with their names. */
  readonly map: readonly MapEntry[] | null
  readonly sampling: Sampling | null
  /** The partition of the codes that are its values. */
  readonly valuePartition: number | null
}

/** Sends the values of other objects, once it is switched on. */
export interface ScannerObject {
  readonly handle: number
  readonly map: readonly { readonly handle: number; readonly map: readonly MapEntry[] }[]
}

export interface Configuration {
  readonly metrics: ReadonlyMap<number, Metric>
  readonly scanners: ReadonlyMap<number, ScannerObject>
  /** Handles of stores of earlier readings. */
  readonly stores: readonly number[]
}

/** Lengths of what is always as long. */
const fixedLengths: ReadonlyMap<number, number> = new Map([
  [attributes.metricId, 2],
  [attributes.measurementStatus, 2],
  [attributes.observed, 10],
  [attributes.absoluteTime, 8],
  [attributes.stampAbsolute, 8],
  [attributes.stampRelative, 4],
  [attributes.stampHighRes, 8],
  [attributes.stampBaseOffset, 8],
  [attributes.unit, 2],
  [attributes.enumCode, 2],
  [attributes.basicObserved, 2],
  [attributes.simpleObserved, 4],
  [attributes.activePeriod, 4],
  [attributes.simpleBits, 4],
  [attributes.basicBits, 2],
])

const partLengths: ReadonlyMap<number, number> = new Map([
  [attributes.compoundSimple, 4],
  [attributes.compoundBasic, 2],
])

export function readConfigurationReport(info: Uint8Array): ConfigurationReport | null {
  const reader = new MderReader(info)
  const configurationId = reader.u16()
  const objects = reader.list((one) => ({
    objectClass: one.u16(),
    handle: one.u16(),
    attributes: one.list(readAttribute),
  }))
  return reader.isWhole ? { configurationId, objects } : null
}

export function encodeConfigurationReport(report: ConfigurationReport): Uint8Array {
  const objects = report.objects.map(({ objectClass, handle, attributes: all }) =>
    joinBytes(u16(objectClass), u16(handle), list(all.map(encodeAttribute))),
  )
  return joinBytes(u16(report.configurationId), list(objects))
}

/** The reason of a failure names the object by its handle. */
export function configurationOf(objects: readonly ConfigurationObject[]): Decoded<Configuration> {
  const metrics = new Map<number, Metric>()
  const scanners = new Map<number, ScannerObject>()
  const stores: number[] = []
  for (const object of objects) {
    const { handle, objectClass } = object
    switch (objectClass) {
      case objectClasses.numeric:
      case objectClasses.enumeration:
      case objectClasses.metric:
      case objectClasses.realTimeSampleArray: {
        const metric = metricOf(object)
        if (!metric.ok) return metric
        metrics.set(handle, metric.value)
        break
      }
      case objectClasses.scanner:
      case objectClasses.episodicScanner:
      case objectClasses.periodicScanner: {
        const map = readAttributeOf(object.attributes, attributes.scanMap, readHandleMaps) ?? []
        const wrong = map.flatMap((one) => one.map).find((entry) => !isBelievable(entry, []))
        if (wrong !== undefined) return notBelieved(handle, wrong)
        scanners.set(handle, { handle, map })
        break
      }
      case objectClasses.store:
        stores.push(handle)
        break
    }
  }
  return decoded({ metrics, scanners, stores })
}

export function readMap(reader: MderReader): readonly MapEntry[] {
  return reader.list((one) => ({ id: one.u16(), length: one.u16() }))
}

export function encodeMap(map: readonly MapEntry[]): Uint8Array {
  return list(map.map(({ id, length }) => joinBytes(u16(id), u16(length))))
}

/** Whether every attribute has the length that its type has. */
export function isBelievableMap(map: readonly MapEntry[], parts: readonly TypeCode[]): boolean {
  return map.every((entry) => isBelievable(entry, parts))
}

function isBelievable({ id, length }: MapEntry, parts: readonly TypeCode[]): boolean {
  const fixed = fixedLengths.get(id)
  if (fixed !== undefined) return length === fixed
  const part = partLengths.get(id)
  if (part === undefined) return length > 0
  const count = (length - 4) / part
  return Number.isInteger(count) && count > 0 && (parts.length === 0 || count === parts.length)
}

function notBelieved(handle: number, { id, length }: MapEntry): Decoded<never> {
  return undecoded(`object ${handle}: attribute ${id} cannot have ${length} bytes`)
}

function metricOf(object: ConfigurationObject): Decoded<Metric> {
  const { handle, objectClass, attributes: all } = object
  const type = readAttributeOf(all, attributes.type, readType)
  if (type === null) return undecoded(`object ${handle}: it does not say what it is`)
  const partition = readAttributeOf(all, attributes.metricIdPartition, u16Of) ?? type.partition
  const parts = partsOf(all).map((code) => ({ partition, code }))
  const map = readAttributeOf(all, attributes.attributeMap, readMap)
  if (map === null && attributeOf(all, attributes.attributeMap) !== null) {
    return undecoded(`object ${handle}: its attribute map is cut short`)
  }
  const wrong = map?.find((entry) => !isBelievable(entry, parts))
  if (wrong !== undefined) return notBelieved(handle, wrong)
  return decoded({
    handle,
    objectClass,
    type,
    parts,
    unit: readAttributeOf(all, attributes.unit, u16Of),
    metricSpec: readAttributeOf(all, attributes.metricSpec, u16Of),
    supplemental:
      readAttributeOf(all, attributes.supplementalTypes, (one) => one.list(readType)) ?? [],
    map,
    sampling: objectClass === objectClasses.realTimeSampleArray ? readSampling(all) : null,
    valuePartition: readAttributeOf(all, attributes.enumPartition, u16Of),
  })
}

function partsOf(all: readonly Attribute[]): readonly number[] {
  const parts = readAttributeOf(all, attributes.metricIds, (one) => one.list(u16Of))
  const single = readAttributeOf(all, attributes.metricId, u16Of)
  return parts ?? (single === null ? [] : [single])
}

function readHandleMaps(reader: MderReader): ScannerObject['map'] {
  return reader.list((one) => ({ handle: one.u16(), map: readMap(one) }))
}

function u16Of(reader: MderReader): number {
  return reader.u16()
}

export function encodeHandleMaps(maps: ScannerObject['map']): Uint8Array {
  return list(maps.map(({ handle, map }) => joinBytes(u16(handle), encodeMap(map))))
}

/** A unit as the vocabulary numbers it. */
export function unitNumberOf(unit: number): number {
  return dimensions * 65_536 + unit
}
