/** The other direction of a configuration: what an agent reports of what it has. */
import {
  encodeHandleMaps,
  encodeMap,
  type Configuration,
  type ConfigurationObject,
  type Metric,
} from './configuration.ts'
import { encodeType, list, u16, u32, type Attribute } from './mder.ts'
import { attributes, objectClasses } from './nomenclature.ts'
import { encodeSampleSpec } from './samples.ts'

const compoundKind = 3

/** In the order of their handles. */
export function objectsOf(configuration: Configuration): readonly ConfigurationObject[] {
  const scanners = [...configuration.scanners.values()].map(({ handle, map }) => ({
    objectClass: objectClasses.episodicScanner,
    handle,
    attributes: [{ id: attributes.scanMap, value: encodeHandleMaps(map) }],
  }))
  const stores = configuration.stores.map((handle) => ({
    objectClass: objectClasses.store,
    handle,
    attributes: [],
  }))
  return [...[...configuration.metrics.values()].map(objectOf), ...scanners, ...stores].toSorted(
    (one, other) => one.handle - other.handle,
  )
}

function objectOf(metric: Metric): ConfigurationObject {
  const { handle, objectClass, type, parts, unit, metricSpec, supplemental, map, sampling } = metric
  const all: Attribute[] = [{ id: attributes.type, value: encodeType(type) }]
  const add = (id: number, value: Uint8Array): void => {
    all.push({ id, value })
  }
  if (metricSpec !== null) add(attributes.metricSpec, u16(metricSpec))
  if (parts.length > 1) {
    add(attributes.metricStructure, Uint8Array.of(compoundKind, parts.length))
    add(attributes.metricIds, list(parts.map(({ code }) => u16(code))))
  }
  if (unit !== null) add(attributes.unit, u16(unit))
  if (sampling !== null) {
    if (sampling.periodTicks !== null) add(attributes.samplePeriod, u32(sampling.periodTicks))
    for (const { id, value } of encodeSampleSpec(sampling)) add(id, value)
  }
  if (map !== null) add(attributes.attributeMap, encodeMap(map))
  if (supplemental.length > 0) {
    add(attributes.supplementalTypes, list(supplemental.map(encodeType)))
  }
  return { objectClass, handle, attributes: all }
}
