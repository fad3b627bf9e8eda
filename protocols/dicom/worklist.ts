/**
 * What a modality is told about one examination that is to be made. Source: PS3.4 table K.6-1.
 * Plain data, since it crosses a thread. All of it is data of a patient: not for logs and notes.
 */

export const worklistUid = '1.2.840.10008.5.1.4.31'

/** More examinations than a van makes in a day. A question that finds more is to be narrowed. */
export const worklistAnswersMax = 500

export interface WorklistCode {
  readonly value: string
  /** The designator of the coding scheme, such as `LN` or `SCT`. */
  readonly scheme: string
  readonly meaning: string
}

/** null where nobody said. Texts are as people read them; what a modality cannot show is mended. */
export interface WorklistEntry {
  /** At most 16 characters. */
  readonly accessionNumber: string | null
  /** Family, given, middle name, prefix and suffix, between them `^`; at least the first. */
  readonly patientName: string
  readonly patientId: string
  readonly otherPatientIds: readonly string[]
  /** YYYYMMDD. */
  readonly birthDate: string | null
  readonly sex: 'M' | 'F' | 'O' | null
  readonly weightKg: number | null
  /** 1 not pregnant, 2 perhaps, 3 pregnant, 4 unknown. */
  readonly pregnancy: 1 | 2 | 3 | 4 | null
  readonly medicalAlerts: string | null
  readonly allergies: string | null

  readonly studyInstanceUid: string
  /** At most 16 characters, like the id of the step. */
  readonly requestedProcedureId: string
  readonly requestedProcedureDescription: string | null
  readonly code: WorklistCode | null
  readonly priority: string | null
  /** Names of persons are like that of the patient. */
  readonly referringPhysician: string | null
  readonly requestingPhysician: string | null
  readonly admissionId: string | null
  readonly patientLocation: string | null
  /** Of the procedure, for who makes it. */
  readonly comments: string | null

  /** null: any station may do it, whoever asks. */
  readonly stationAeTitle: string | null
  readonly stationName: string | null
  /** A code of PS3.3 section C.7.3.1.1.1: `US`, `DX`, `CR`, `ECG`. */
  readonly modality: string
  /** In the local time of the van; of when it was ordered where nobody set a time. */
  readonly scheduledStart: {
    /** YYYYMMDD. */
    readonly date: string
    /** HHMMSS. */
    readonly time: string
  }
  readonly stepId: string
  readonly stepDescription: string | null
  readonly performingPhysician: string | null
}
