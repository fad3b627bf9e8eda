/**
 * What the page knows of visits and orders, and what it may ask for. All of it is data of patients:
 * only for who is signed in, and never for logs and addresses.
 */
import type { CodedTerm, OrderState, Sex } from '../../protocols/packet/visit-records.ts'
import type { Both } from './both.ts'

export interface PatientView {
  /** Token. */
  readonly patient: string
  /** The van's own number. */
  readonly patientId: string
  readonly name: string
  /** Masked; null without one. */
  readonly nik: string | null
  /** `YYYY-MM-DD`; null: not known. */
  readonly birthDate: string | null
  /** What was said instead of a birth date; null: nothing. */
  readonly statedAge: StatedAge | null
  readonly sex: Sex | null
}

/** An age as a person said it. */
export interface StatedAge {
  readonly years: number
  /** `YYYY-MM-DD` of the day on which it was said; null: the van did not know the date. */
  readonly on: string | null
}

/** A patient that a search found. */
export interface FoundPatient extends PatientView {
  /** Of the newest visit; null: none, or at no believable time. */
  readonly seenUtcMs: number | null
  /** Token of a visit that is open. */
  readonly openVisit: string | null
}

export interface OrderView {
  /** Token. */
  readonly order: string
  readonly accessionNumber: string
  readonly modality: string
  readonly description: string
  readonly stationAeTitle: string | null
  readonly state: OrderState
  /** Images that belong to it. */
  readonly images: number
  readonly by: string
}

export interface VisitView {
  /** Token. */
  readonly visit: string
  readonly patient: PatientView
  readonly state: 'open' | 'closed' | 'cancelled'
  /** Names of the devices that stand assigned to it. */
  readonly devices: readonly string[]
  /** When it was opened; null: at no believable time. */
  readonly openedUtcMs: number | null
  /** Who opened it. */
  readonly by: string
  /** The oldest first. */
  readonly orders: readonly OrderView[]
}

export interface VisitsView {
  /** The newest first: all that are open, and some that were closed lately. */
  readonly visits: readonly VisitView[]
  /** Devices that examine and that a person has named. */
  readonly stations: readonly StationView[]
  /** Studies whose identity waits for a person. */
  readonly waiting: number
}

/** As the browser hears it. */
export interface VisitsAnswer extends VisitsView {
  /** `YYYY-MM-DD` where the van is; null while it does not know the date. */
  readonly today: string | null
}

export interface StationView {
  readonly aeTitle: string
  readonly device: string
}

/** What makes a person, checked. */
export interface PatientSaid {
  readonly name: string
  /** 16 digits; null: none, or none known. */
  readonly nik: string | null
  readonly birthDate: string | null
  readonly statedAge: StatedAge | null
  readonly sex: Sex | null
}

/** A change of what is known of a patient. */
export interface PatientCorrected extends Omit<PatientSaid, 'nik'> {
  /** Undefined: it stays as it is. */
  readonly nik: string | null | undefined
}

export interface OrderSaid {
  readonly visit: string
  readonly modality: string
  readonly description: string
  readonly code: CodedTerm | null
  readonly stationAeTitle: string | null
}

/** `by` is the name of the person who does it. All of it rejects with a `Trouble`. */
export interface VisitsDesk {
  view(): Promise<VisitsView>
  /**
   * By a part of the name, by the local number, or by the whole NIK; the likeliest first. An empty
   * text finds who was seen last.
   */
  find(text: string, limit: number): Promise<readonly FoundPatient[]>
  /** Opens a visit of a known patient, or of a new one. Answers with its token. */
  open(by: string, who: string | PatientSaid, devices: readonly string[]): Promise<string>
  correct(by: string, patient: string, said: PatientCorrected): Promise<void>
  /** Says which devices stand assigned to a visit. Each stands with one visit at most. */
  assignDevices(by: string, visit: string, devices: readonly string[]): Promise<void>
  close(by: string, visit: string): Promise<void>
  cancel(by: string, visit: string, reason: string): Promise<void>
  /** Answers with the order as it was made. */
  order(by: string, said: OrderSaid): Promise<OrderView>
  /** For devices that do not say that they are done. */
  completeOrder(by: string, order: string): Promise<void>
  cancelOrder(by: string, order: string, reason: string): Promise<void>
  readonly images: IdentityDesk
}

/** What an image says about whose it is. null: it does not say. */
export interface StatedView {
  readonly patientId: string | null
  readonly name: string | null
  /** As the image has it. */
  readonly birthDate: string | null
  readonly sex: string | null
  readonly accessionNumber: string | null
}

/** What image and order both may say, in the order in which a person compares it. */
export const comparedFields = ['name', 'patientId', 'birthDate', 'sex', 'accessionNumber'] as const

export type ComparedField = (typeof comparedFields)[number]

/** An order to which a study may belong. */
export interface CandidateView {
  readonly visit: string
  readonly order: OrderView
  readonly patient: PatientView
  /** Where the image says something else than the order. */
  readonly differs: readonly ComparedField[]
}

export interface WaitingStudy {
  /** Names the study here; of no meaning elsewhere. */
  readonly study: string
  readonly device: string
  readonly modality: string | null
  readonly utcMs: number | null
  readonly images: number
  readonly says: StatedView
  /** Stable words for what was found, such as `accession-unknown`. */
  readonly findings: readonly string[]
  /** Names of pictures to look at; empty while there are none. */
  readonly previews: readonly string[]
  /** The likeliest first. */
  readonly candidates: readonly CandidateView[]
}

/** A study about which a person has decided. */
export interface DecidedStudy {
  readonly study: string
  readonly device: string
  readonly modality: string | null
  readonly utcMs: number | null
  readonly images: number
  readonly state: 'coerced' | 'accepted' | 'refused'
  /** To whom it was assigned; null when it was not. */
  readonly patient: PatientView | null
  readonly accessionNumber: string | null
  readonly by: string
  readonly reason: string
}

export interface WaitingView {
  /** The oldest first. */
  readonly waiting: readonly WaitingStudy[]
  /** The newest first; each may be undone. */
  readonly decided: readonly DecidedStudy[]
}

export type Decision =
  /** It belongs to this order of this patient. */
  | {
      readonly kind: 'assign'
      readonly study: string
      readonly order: string
      /** Whom the person saw as the patient of the order: another one is a refusal. */
      readonly patient: string
    }
  | { readonly kind: 'accept' | 'refuse'; readonly study: string; readonly reason: string }
  | { readonly kind: 'undo'; readonly study: string }

export interface IdentityDesk {
  view(): Promise<WaitingView>
  decide(by: string, decision: Decision): Promise<void>
  /** A small JPEG by the name that a view gave; null when it is gone. */
  preview(name: string): Promise<Uint8Array | null>
}

/** Why a field of a patient is refused, or what to look at again. */
export interface FieldSays {
  readonly field: string
  readonly why: Both
}

export type OpenedAnswer = { readonly kind: 'opened'; readonly visit: string } | PatientUnclear

export type CorrectedAnswer = { readonly kind: 'corrected' } | PatientUnclear

/** Nothing was stored. */
export type PatientUnclear =
  | { readonly kind: 'refused'; readonly fields: readonly FieldSays[] }
  /** To be looked at again, and corrected or confirmed. */
  | {
      readonly kind: 'asks'
      readonly fields: readonly FieldSays[]
      /** Known patients that it may be. */
      readonly alike: readonly FoundPatient[]
    }
