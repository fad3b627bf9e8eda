/** Tags of waveform objects (PS3.6), and the codes in them (PS3.16). */
import { terms } from '../vocabulary/terms.ts'
import type { Term } from '../vocabulary/term.ts'

export const tags = {
  specificCharacterSet: 0x0008_0005,
  sopClassUid: 0x0008_0016,
  sopInstanceUid: 0x0008_0018,
  studyDate: 0x0008_0020,
  contentDate: 0x0008_0023,
  acquisitionDateTime: 0x0008_002a,
  studyTime: 0x0008_0030,
  contentTime: 0x0008_0033,
  accessionNumber: 0x0008_0050,
  modality: 0x0008_0060,
  manufacturer: 0x0008_0070,
  referringPhysician: 0x0008_0090,
  codeValue: 0x0008_0100,
  codingScheme: 0x0008_0102,
  codingSchemeVersion: 0x0008_0103,
  codeMeaning: 0x0008_0104,
  model: 0x0008_1090,
  patientName: 0x0010_0010,
  patientId: 0x0010_0020,
  patientBirthDate: 0x0010_0030,
  patientSex: 0x0010_0040,
  serialNumber: 0x0018_1000,
  software: 0x0018_1020,
  studyInstanceUid: 0x0020_000d,
  seriesInstanceUid: 0x0020_000e,
  studyId: 0x0020_0010,
  seriesNumber: 0x0020_0011,
  instanceNumber: 0x0020_0013,
  originality: 0x003a_0004,
  channels: 0x003a_0005,
  samples: 0x003a_0010,
  frequency: 0x003a_001a,
  groupLabel: 0x003a_0020,
  channelDefinitions: 0x003a_0200,
  channelLabel: 0x003a_0203,
  channelSource: 0x003a_0208,
  sensitivity: 0x003a_0210,
  sensitivityUnits: 0x003a_0211,
  correctionFactor: 0x003a_0212,
  baseline: 0x003a_0213,
  sampleSkew: 0x003a_0215,
  bitsStored: 0x003a_021a,
  acquisitionContext: 0x0040_0555,
  measurementUnits: 0x0040_08ea,
  referencedChannels: 0x0040_a0b0,
  conceptName: 0x0040_a043,
  annotationGroup: 0x0040_a180,
  numericValue: 0x0040_a30a,
  annotations: 0x0040_b020,
  annotationText: 0x0070_0006,
  waveforms: 0x5400_0100,
  bitsAllocated: 0x5400_1004,
  interpretation: 0x5400_1006,
  data: 0x5400_1010,
} as const

export const sequences: ReadonlySet<number> = new Set([
  tags.channelDefinitions,
  tags.channelSource,
  tags.sensitivityUnits,
  tags.acquisitionContext,
  tags.measurementUnits,
  tags.conceptName,
  tags.annotations,
  tags.waveforms,
])

/** A measurement in the old code, which devices write, and the code of IEEE 11073. */
export interface AnnotationCode {
  readonly term: Term
  readonly scp: string
  /** The first is written. */
  readonly mdc: readonly [string, ...string[]]
  readonly meaning: string
}

/**
 * SCPECG: section, subsection and byte in the tables of the standard. MDC: context group 3228 for
 * durations, and the numbers of IEEE 11073-10101, which some write instead.
 */
export const annotationCodes: readonly AnnotationCode[] = [
  {
    term: terms.heartRate,
    scp: '5.10.2.5-1',
    mdc: ['2:16016', '2:16770'],
    meaning: 'Ventricular Heart Rate',
  },
  { term: terms.rrInterval, scp: '5.10.2.1-3', mdc: ['2:16168'], meaning: 'RR interval global' },
  { term: terms.prInterval, scp: '5.13.5-7', mdc: ['2:15872'], meaning: 'PR interval global' },
  { term: terms.qrsDuration, scp: '5.13.5-9', mdc: ['2:16156'], meaning: 'QRS duration global' },
  { term: terms.qtInterval, scp: '5.13.5-11', mdc: ['2:16160'], meaning: 'QT interval global' },
  {
    term: terms.qtCorrected,
    scp: '5.10.2.5-5',
    mdc: ['2:15876', '2:16164', '2:15880'],
    meaning: 'QTc interval global',
  },
  { term: terms.pAxis, scp: '5.10.3-11', mdc: ['2:16128'], meaning: 'P axis' },
  { term: terms.qrsAxis, scp: '5.10.3-13', mdc: ['2:16132'], meaning: 'QRS axis' },
  { term: terms.tAxis, scp: '5.10.3-15', mdc: ['2:16136'], meaning: 'T axis' },
]
