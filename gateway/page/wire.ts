/** What the server and the browser say to each other: JSON of these shapes. */
import type { EventLevel, Source, Value, Words } from '../../protocols/packet/record.ts'
import type {
  ImageIdentity,
  OrderState,
  Procedure,
  Visit,
} from '../../protocols/packet/visit-records.ts'
import type { Delivery, PageStatus, RecordKind } from './view.ts'
import type { Both, Language, TroubleWords } from './both.ts'

export interface Start {
  /** Changes with every start of the gateway. */
  readonly instance: string
  /** Names the files of the page that belong to this gateway. */
  readonly build: string
  readonly claimed: boolean
  readonly signedIn: boolean
  /** False when so many watch already that the live line will be refused. */
  readonly hasSeat: boolean
  /** Chosen at the claim. */
  readonly language: Language
  readonly zone: Zone
}

/** The zone in which the van works: its name as people write it, and its offset from UTC. */
export interface Zone {
  readonly name: string
  readonly offsetMinutes: number
}

export interface Refusal {
  readonly trouble: TroubleWords
}

export interface Claim {
  readonly code: string
  readonly passphrase: string
  readonly language: Language
}

export interface SignIn {
  readonly passphrase: string
}

export interface TypedRequest {
  /** The `instance` under which the form was opened. */
  readonly instance: string
  /** Made anew for each act of typing: the same entry sent twice is stored once. */
  readonly entry: string
  readonly form: string
  readonly texts: { readonly [field: string]: string }
  /** Fields of which the person saw the warning and said that they are right. */
  readonly confirmed: readonly string[]
  readonly photo: PhotoWire | null
}

export interface PhotoWire {
  /** The file of a JPEG or PNG, in base64. */
  readonly base64: string
  /** True when the values were read off the photo. */
  readonly isSource: boolean
}

/** A form of the keypad, as far as a person sees it. */
export interface FormView {
  readonly id: string
  readonly label: Both
  readonly fields: readonly FieldView[]
}

interface FieldCommon {
  readonly name: string
  readonly label: Both
  readonly required: boolean
  /** Asked for when that field is filled; null when it is no detail. */
  readonly detailOf: string | null
}

export interface NumberFieldView extends FieldCommon {
  readonly kind: 'number'
  /** As people write it. */
  readonly unit: Both
  readonly decimals: number
  readonly plausible: { readonly low: number; readonly high: number }
  readonly repeats: { readonly field: string; readonly tolerance: number } | null
  /** `HI` and `LO` are results too. */
  readonly beyond: boolean
}

export interface ChoiceFieldView extends FieldCommon {
  readonly kind: 'choice'
  readonly choices: readonly { readonly value: string; readonly label: Both }[]
}

export interface TextFieldView extends FieldCommon {
  readonly kind: 'text'
  readonly lengthMax: number
}

export interface DateFieldView extends FieldCommon {
  readonly kind: 'date'
  /** The order in which it is typed. */
  readonly unit: Both
}

export type FieldView = NumberFieldView | ChoiceFieldView | TextFieldView | DateFieldView

export type TypedAnswer =
  | { readonly kind: 'stored'; readonly keys: readonly string[] }
  | {
      /** Wrong, or to be looked at again and corrected or confirmed. */
      readonly kind: 'refused' | 'asks'
      readonly fields: readonly { readonly field: string; readonly why: Both }[]
    }

export interface StatusWire extends PageStatus {
  /** Monotonic milliseconds of the box at this moment. */
  readonly nowMs: number
  readonly totals: Totals
  readonly mainThread: MainThread
}

/** How late the thread that hears the devices was within the last full ten seconds. */
export interface MainThread {
  readonly lateP50Ms: number
  readonly lateP99Ms: number
  readonly lateMaxMs: number
}

export interface Totals {
  readonly recordsStored: number
  readonly recordsReceipted: number
  readonly recordsWaiting: number
  readonly oldestWaitingUtcMs: number | null
  /**
   * How long intake can go on without any receipt at the pace of the last hour; null: not known.
   */
  readonly bufferHoursLeft: number | null
}

/** One row of the records. */
export interface Row {
  readonly key: string
  readonly device: string
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
  readonly atMs: number
  readonly source: Source
  readonly simulated: boolean
  readonly delivery: Delivery
  readonly says: Says
}

/** What a record says, as far as a list shows it. */
export type Says =
  | {
      readonly kind: 'measurement' | 'numerics'
      readonly values: readonly Value[]
      readonly qualifiers: Words
      /** Which specimen it is of, so that a person can tell two results apart. */
      readonly specimenId?: string
    }
  | {
      readonly kind: 'waveform'
      readonly wave: string
      readonly leads: readonly string[]
      readonly durationMs: number
    }
  | {
      readonly kind: 'event'
      readonly code: string
      readonly level: EventLevel
      readonly active: boolean | null
    }
  | { readonly kind: 'document'; readonly title: string; readonly sizeBytes: number }
  | {
      readonly kind: 'image'
      readonly modality: string | null
      readonly sizeBytes: number
      readonly flags: readonly string[]
    }
  | {
      readonly kind: 'rendition'
      readonly role: 'preview' | 'packed' | 'coerced'
      readonly sizeBytes: number
    }
  | { readonly kind: 'clock'; readonly authority: string; readonly uncertaintyMs: number }
  | { readonly kind: 'loss'; readonly stream: string; readonly count: number }
  | { readonly kind: 'device'; readonly label: string; readonly serialNumber: string | null }
  // Whose they are is not for a list that everybody sees.
  | { readonly kind: 'patient' }
  | { readonly kind: 'visit'; readonly state: Visit['state'] }
  | { readonly kind: 'order'; readonly state: OrderState }
  | { readonly kind: 'identity'; readonly state: ImageIdentity['state'] }
  | { readonly kind: 'procedure'; readonly state: Procedure['state'] }

export interface RecordsAnswer {
  readonly nowMs: number
  readonly rows: readonly Row[]
}

/** What the live stream carries, by the name of its event. */
export interface LiveMessages {
  readonly hello: { readonly nowMs: number; readonly start: Start }
  readonly status: StatusWire
  readonly values: ValuesMessage
  readonly event: EventMessage
  readonly samples: { readonly nowMs: number; readonly blocks: readonly SamplesBlock[] }
  /** These are different: ask again. */
  readonly records: { readonly nowMs: number }
  readonly visits: { readonly nowMs: number }
  readonly media: { readonly nowMs: number }
  /** Nothing new, but the line is alive. */
  readonly beat: { readonly nowMs: number }
}

export interface ValuesMessage {
  readonly nowMs: number
  readonly device: string
  readonly atMs: number
  readonly simulated: boolean
  /** Which of several probes of the device; empty when it has but one. */
  readonly probe: string
  readonly values: readonly Value[]
}

export interface EventMessage {
  readonly nowMs: number
  readonly device: string
  readonly atMs: number
  readonly code: string
  readonly level: EventLevel
  readonly active: boolean | null
}

/** Equally spaced samples of one wave; a gap shows as a jump of `firstSample`. */
export interface SamplesBlock {
  readonly device: string
  readonly wave: string
  readonly run: number
  readonly firstSample: number
  /** Time of the first sample. */
  readonly atMs: number
  readonly rate: { readonly samples: number; readonly perMs: number }
  readonly leads: readonly {
    readonly code: string
    readonly unit: string | null
    readonly lsb: number | null
    readonly zero: number
  }[]
  readonly simulated: boolean
  readonly samples: readonly (readonly number[])[]
}

export const recordKinds = [
  'measurement',
  'numerics',
  'waveform',
  'event',
  'document',
  'image',
  'rendition',
  'clock',
  'loss',
  'device',
  'patient',
  'visit',
  'order',
  'identity',
  'procedure',
] as const satisfies readonly RecordKind[]
