/**
 * Configurations that a manager knows without being told: an agent that names one of them sends no
 * configuration report.
 *
 * Only those that two independent sources agree on are here. For any other standard number the
 * manager says that it does not know it, and the agent must say what it has.
 */
import type { Configuration, MapEntry, Metric } from './configuration.ts'
import type { TypeCode } from './mder.ts'
import { attributes, measurements, objectClasses } from './nomenclature.ts'

const stamp: MapEntry = { id: attributes.stampAbsolute, length: 8 }
const basic: MapEntry = { id: attributes.basicObserved, length: 2 }
const simple: MapEntry = { id: attributes.simpleObserved, length: 4 }
const spotCheck: TypeCode = { partition: measurements, code: 19_516 }

/** Bits of metric-spec-small. */
const spec = {
  /** Sent by the agent, over and over. */
  streamed: 0x4040,
  /** Measured now and then, kept, sent by the agent. */
  spot: 0xf040,
}

const units = {
  percent: 544,
  perMinute: 2_720,
  mmHg: 3_872,
  celsius: 6_048,
  kg: 1_731,
  mgDl: 2_130,
}

function numeric(
  handle: number,
  code: number,
  unit: number,
  map: readonly MapEntry[],
  more: Partial<Metric> = {},
): Metric {
  return {
    handle,
    objectClass: objectClasses.numeric,
    type: { partition: measurements, code },
    parts: [],
    unit,
    metricSpec: spec.spot,
    supplemental: [],
    map,
    sampling: null,
    valuePartition: null,
    ...more,
  }
}

function configuration(...metrics: readonly Metric[]): Configuration {
  return {
    metrics: new Map(metrics.map((metric) => [metric.handle, metric])),
    scanners: new Map(),
    stores: [],
  }
}

const pressureParts = [18_949, 18_950, 18_951].map((code) => ({ partition: measurements, code }))
const streamed = { metricSpec: spec.streamed }
const spotChecked = { ...streamed, supplemental: [spotCheck] }

export const standardConfigurations: ReadonlyMap<number, Configuration> = new Map([
  // 10404, pulse oximeter: saturation and pulse.
  [
    0x0190,
    configuration(
      numeric(1, 19_384, units.percent, [basic], streamed),
      numeric(10, 18_458, units.perMinute, [basic], streamed),
    ),
  ],
  // 10404, the same as a spot check. A Nonin 9560 calls the time stamp a clock, in the same place.
  [
    0x0191,
    configuration(
      numeric(1, 19_384, units.percent, [basic, stamp], spotChecked),
      numeric(10, 18_458, units.perMinute, [basic, stamp], spotChecked),
    ),
  ],
  // 10407, blood pressure: systolic, diastolic and mean together, and pulse.
  [
    0x02bc,
    configuration(
      numeric(1, 18_948, units.mmHg, [{ id: attributes.compoundBasic, length: 10 }, stamp], {
        parts: pressureParts,
      }),
      numeric(2, 18_474, units.perMinute, [basic, stamp]),
    ),
  ],
  // 10408, thermometer.
  [0x0320, configuration(numeric(1, 19_292, units.celsius, [simple, stamp]))],
  // 10415, scale.
  [0x05dc, configuration(numeric(1, 57_664, units.kg, [simple, stamp]))],
  // 10417, glucose in mg/dL.
  [0x06a4, configuration(numeric(1, 29_112, units.mgDl, [basic, stamp]))],
])
