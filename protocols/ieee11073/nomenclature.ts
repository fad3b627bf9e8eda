/**
 * The numbers of ISO/IEEE 11073-10101 that the protocol itself is made of. What is measured stands
 * in the vocabulary.
 */

/** Partitions. */
export const infrastructure = 1
export const measurements = 2
export const dimensions = 4
export const contexts = 128

/** Classes of objects, partition 1. */
export const objectClasses = {
  metric: 4,
  enumeration: 5,
  numeric: 6,
  realTimeSampleArray: 9,
  scanner: 16,
  episodicScanner: 18,
  periodicScanner: 19,
  store: 61,
} as const

/** Attributes, partition 1. */
export const attributes = {
  confirmMode: 2323,
  systemModel: 2344,
  metricId: 2347,
  productionSpec: 2349,
  type: 2351,
  measurementStatus: 2375,
  compoundObserved: 2379,
  observed: 2384,
  operationalState: 2387,
  sampleSpec: 2413,
  scaleRange16: 2415,
  scaleRange32: 2416,
  scaleRange8: 2417,
  segmentUsage: 2427,
  systemId: 2436,
  absoluteTime: 2439,
  samplePeriod: 2445,
  relativeTime: 2447,
  stampAbsolute: 2448,
  stampRelative: 2449,
  segmentStart: 2450,
  unit: 2454,
  enumObserved: 2462,
  highResTime: 2536,
  stampHighRes: 2537,
  configurationId: 2628,
  timeInfo: 2629,
  metricSpec: 2630,
  simpleSamples: 2632,
  enumCode: 2633,
  enumText: 2634,
  basicObserved: 2636,
  segmentMap: 2638,
  scanMap: 2643,
  attributeMap: 2645,
  simpleObserved: 2646,
  activePeriod: 2649,
  metricIdPartition: 2655,
  enumPartition: 2656,
  supplementalTypes: 2657,
  transferTimeout: 2660,
  simpleBits: 2661,
  basicBits: 2662,
  metricStructure: 2675,
  compoundSimple: 2676,
  compoundBasic: 2677,
  metricIds: 2678,
  baseOffsetTime: 2689,
  stampBaseOffset: 2690,
  segmentStartBaseOffset: 2691,
} as const

/** Types of event reports. */
export const events = {
  configuration: 3356,
  segmentData: 3361,
} as const

/** Actions. `3084` clears segments and `3095` sets the clock: they are never sent. */
export const actions = {
  clearSegments: 3084,
  segmentInfo: 3085,
  setTime: 3095,
  transferSegment: 3100,
} as const

/** Bits of metric-spec-small. */
export const metricSpecBits = { intermittent: 0x8000 } as const

/** Bits of measurement-status. */
export const statusBits = {
  invalid: 0x8000,
  questionable: 0x4000,
  notAvailable: 0x2000,
  calibrating: 0x1000,
  test: 0x0800,
  demo: 0x0400,
  validated: 0x0080,
  early: 0x0040,
  ongoing: 0x0020,
} as const

/** What a device says instead of an answer (roer). */
export const errors = {
  noSuchObject: 1,
  noSuchAction: 9,
  notAllowed: 24,
  aborted: 26,
} as const

/** Why it could not even look at a request (rorj). */
export const problems = { badlyStructured: 2 } as const

/** Why an association is aborted. */
export const abortReasons = {
  undefined: 0,
  responseTimeout: 2,
  configurationTimeout: 3,
} as const

/** Of an association. */
export const results = {
  accepted: 0,
  rejectedPermanent: 1,
  acceptedUnknownConfiguration: 3,
  noCommonProtocol: 4,
  noCommonParameter: 5,
  unsupportedVersion: 8,
} as const

/** Of a configuration. */
export const configurationResults = { accepted: 0, unsupported: 1, standardUnknown: 2 } as const

/** Of a request for a segment. */
export const transferResults = { ok: 0, tryLater: 2 } as const

/** Bits of the status of segment data. */
export const segmentBits = {
  first: 0x8000,
  last: 0x4000,
  agentAbort: 0x0800,
  confirmed: 0x0080,
  managerAbort: 0x0008,
} as const
