/**
 * The attributes of an entry of the worklist, where they stand and how they are read from it.
 * Source: PS3.4 table K.6-1. An attribute that is not here is answered without a value.
 */
import type { WorklistEntry } from './worklist.ts'

export type TextRepresentation = 'AE' | 'CS' | 'DA' | 'DS' | 'LO' | 'LT' | 'PN' | 'SH' | 'TM' | 'UI'

export interface TextAttribute {
  readonly tag: number
  readonly representation: TextRepresentation
  /** null: nobody said. Of a list the values stand between backslashes. */
  readonly of: (entry: WorklistEntry) => string | null
  readonly isList?: true
}

export interface NumberAttribute {
  readonly tag: number
  readonly representation: 'US'
  readonly of: (entry: WorklistEntry) => number | null
}

/** It holds one item, or none. */
export interface SequenceAttribute {
  readonly tag: number
  readonly representation: 'SQ'
  readonly isThere: (entry: WorklistEntry) => boolean
  /** In the order of their tags, here as everywhere. */
  readonly attributes: readonly Attribute[]
}

export type Attribute = TextAttribute | NumberAttribute | SequenceAttribute

export const stepSequenceTag = 0x0040_0100
export const stationAeTitleTag = 0x0040_0001
export const startDateTag = 0x0040_0002
export const startTimeTag = 0x0040_0003
export const characterSetTag = 0x0008_0005

const code: readonly Attribute[] = [
  text(0x0008_0100, 'SH', (entry) => entry.code?.value ?? null),
  text(0x0008_0102, 'SH', (entry) => entry.code?.scheme ?? null),
  text(0x0008_0104, 'LO', (entry) => entry.code?.meaning ?? null),
]

const step: readonly Attribute[] = [
  text(0x0008_0060, 'CS', (entry) => entry.modality),
  text(stationAeTitleTag, 'AE', (entry) => entry.stationAeTitle),
  text(startDateTag, 'DA', (entry) => entry.scheduledStart.date),
  text(startTimeTag, 'TM', (entry) => entry.scheduledStart.time),
  text(0x0040_0006, 'PN', (entry) => entry.performingPhysician),
  text(0x0040_0007, 'LO', (entry) => entry.stepDescription ?? entry.requestedProcedureDescription),
  { tag: 0x0040_0008, representation: 'SQ', isThere: hasCode, attributes: code },
  text(0x0040_0009, 'SH', (entry) => entry.stepId),
  text(0x0040_0010, 'SH', (entry) => entry.stationName),
  text(0x0040_0020, 'CS', () => 'SCHEDULED'),
]

export const worklistAttributes: readonly Attribute[] = [
  text(0x0008_0050, 'SH', (entry) => entry.accessionNumber),
  text(0x0008_0090, 'PN', (entry) => entry.referringPhysician),
  text(0x0010_0010, 'PN', (entry) => entry.patientName),
  text(0x0010_0020, 'LO', (entry) => entry.patientId),
  text(0x0010_0030, 'DA', (entry) => entry.birthDate),
  text(0x0010_0040, 'CS', (entry) => entry.sex),
  { ...text(0x0010_1000, 'LO', otherIdsOf), isList: true },
  text(0x0010_1030, 'DS', weightOf),
  text(0x0010_2000, 'LO', (entry) => entry.medicalAlerts),
  text(0x0010_2110, 'LO', (entry) => entry.allergies),
  { tag: 0x0010_21c0, representation: 'US', of: (entry) => entry.pregnancy },
  text(0x0020_000d, 'UI', (entry) => entry.studyInstanceUid),
  text(0x0032_1032, 'PN', (entry) => entry.requestingPhysician),
  text(0x0032_1060, 'LO', (entry) => entry.requestedProcedureDescription),
  { tag: 0x0032_1064, representation: 'SQ', isThere: hasCode, attributes: code },
  text(0x0038_0010, 'LO', (entry) => entry.admissionId),
  text(0x0038_0300, 'LO', (entry) => entry.patientLocation),
  { tag: stepSequenceTag, representation: 'SQ', isThere: () => true, attributes: step },
  text(0x0040_1001, 'SH', (entry) => entry.requestedProcedureId),
  text(0x0040_1003, 'SH', (entry) => entry.priority),
  text(0x0040_1400, 'LT', (entry) => entry.comments),
]

/** For queries in implicit encoding, which do not say what is a sequence. */
export const worklistSequences: ReadonlySet<number> = new Set([
  0x0008_1110,
  0x0008_1120,
  0x0032_1064,
  0x0040_0008,
  stepSequenceTag,
])

function text(
  tag: number,
  representation: TextRepresentation,
  of: TextAttribute['of'],
): TextAttribute {
  return { tag, representation, of }
}

function hasCode(entry: WorklistEntry): boolean {
  return entry.code !== null
}

function otherIdsOf({ otherPatientIds }: WorklistEntry): string | null {
  return otherPatientIds.join('\\') || null
}

function weightOf({ weightKg }: WorklistEntry): string | null {
  return weightKg === null ? null : String(Math.round(weightKg * 100) / 100)
}
