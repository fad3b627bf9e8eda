/**
 * Records of the stream `van/visits`: who was seen in the van, what was ordered, and to whom the
 * images belong. Each names what it is about by a token, and a newer record with the same token
 * replaces the one before. All of it is data of patients: not for logs, topics and file names.
 */
import type { Stamped, Words } from './stamped.ts'

/** What every record of a visit says beside its stamps. */
interface Decided extends Stamped {
  /** The name that a person gave on the page; `van`: the van itself; `hospital`: an order. */
  readonly by: string
}

export type Sex = 'M' | 'F' | 'O'

export interface Patient extends Decided {
  readonly kind: 'patient'
  /** UUID, version 7, made in the van. */
  readonly patient: string
  /** The van's own number for this person, unique for ever: `VAN02-000123`. */
  readonly patientId: string
  /** As people write it, or as DICOM does with carets. */
  readonly name: string
  /** 16 digits; null: none, or none known. */
  readonly nik: string | null
  /** `YYYY-MM-DD`; null when nobody knows the day. */
  readonly birthDate: string | null
  readonly sex: Sex | null
  /** Numbers that others gave, by who gave them: { hospital: '00-12-34' }. */
  readonly otherIds: Words
}

/** One patient seen once. */
export interface Visit extends Decided {
  readonly kind: 'visit'
  /** UUID, version 7, made in the van. Headers of packets name a visit by it. */
  readonly visit: string
  /** Token of the patient. */
  readonly patient: string
  readonly state: 'open' | 'closed' | 'cancelled'
  /** Names of the devices that stand assigned to it from this record on. */
  readonly devices: readonly string[]
  /** When it was opened; null while nobody knew the time. */
  readonly openedUtcMs: number | null
  /** For people; empty when there is nothing to say. */
  readonly reason: string
}

/** What a code means in a system of codes, as DICOM names one: value, scheme, meaning. */
export interface CodedTerm {
  readonly value: string
  readonly scheme: string
  readonly meaning: string
}

export type OrderState = 'scheduled' | 'in-progress' | 'completed' | 'discontinued' | 'cancelled'

/** One examination that somebody asked for, which the worklist offers to the modalities. */
export interface Order extends Decided {
  readonly kind: 'order'
  /** UUID, version 7, made in the van. */
  readonly order: string
  /** Token of the visit. */
  readonly visit: string
  /** Unique in the van for ever. Value representation SH of DICOM. */
  readonly accessionNumber: string
  /**
   * Given before the examination: by the hospital with its order, otherwise by the van, as `2.25.`
   * and a UUID as a number.
   */
  readonly studyInstanceUid: string
  /** Defined terms of DICOM: `US`, `DX`, `CR`, `ECG`. */
  readonly modality: string
  readonly description: string
  /** null: only in words. */
  readonly code: CodedTerm | null
  /** AE title of the device that shall do it; null: any of the modality. */
  readonly stationAeTitle: string | null
  /** Who asked for it; empty when nobody said. */
  readonly requestedBy: string
  /** null: when the patient is there. */
  readonly scheduledUtcMs: number | null
  readonly state: OrderState
  /** For people; empty when there is nothing to say. */
  readonly reason: string
  /** Numbers that others gave, by who gave them: { placer: 'A-77', filler: 'R-12' }. */
  readonly otherIds: Words
}

/** The file of a coerced image. Class, instance, transfer syntax and head are the image's own. */
export interface CoercedFile {
  readonly sha256: string
  readonly sizeBytes: number
  /** As the file has them; null as in the record of the image. */
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
}

/** To whom an image belongs: what the van or a person decided after comparing it with its order. */
export interface ImageIdentity extends Decided {
  readonly kind: 'identity'
  /** SHA-256 of the image's file in lower-case hex, as its record's `object` says. */
  readonly of: string
  readonly sopInstanceUid: string
  /**
   * `waiting`: for a person. `matched`: image and order say the same. `accepted`: it goes on as it
   * is. `coerced`: a rendition of the role `coerced` goes on instead. `refused`: it does not go on.
   */
  readonly state: 'waiting' | 'matched' | 'accepted' | 'coerced' | 'refused'
  readonly visit: string | null
  readonly order: string | null
  /** The rendition that goes on; null unless the state is `coerced`. */
  readonly coerced: CoercedFile | null
  /** Stable words for what was found, such as `accession-unknown` or `name-differs`. */
  readonly findings: readonly string[]
  readonly reason: string
}

export interface PerformedSeries {
  readonly seriesInstanceUid: string
  /** SOP Instance UIDs. */
  readonly instances: readonly string[]
}

/** What a modality said that it does or did: Modality Performed Procedure Step, PS3.4 annex F. */
export interface Procedure extends Decided {
  readonly kind: 'procedure'
  /** Of the performed procedure step. */
  readonly sopInstanceUid: string
  /** Name of the modality in the van. */
  readonly device: string
  /** `abandoned`: it never said an end, and the van does not wait for one any more. */
  readonly state: 'in-progress' | 'completed' | 'discontinued' | 'abandoned'
  /** Token of the order that it belongs to; null when none was found. */
  readonly order: string | null
  /** As the modality said, like all below; empty when it did not. */
  readonly accessionNumber: string
  readonly studyInstanceUid: string
  readonly modality: string
  /** `YYYYMMDDHHMMSS` of the modality's own clock. */
  readonly startedText: string
  readonly endedText: string
  readonly series: readonly PerformedSeries[]
  /** Why it was discontinued, as `value^scheme`. */
  readonly discontinuationCode: string
  readonly findings: readonly string[]
}

/** What of a visit has a newest state that the van must know again after a start. */
export type VisitRecord = Patient | Visit | Order | ImageIdentity | Procedure

export type VisitRecordKind = VisitRecord['kind']

export const visitRecordKinds = ['patient', 'visit', 'order', 'identity', 'procedure'] as const

export function isVisitRecord(record: { readonly kind: string }): record is VisitRecord {
  return visitRecordKinds.some((kind) => kind === record.kind)
}
