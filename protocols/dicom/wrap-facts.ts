/** What is said of a picture, a document or a film that becomes DICOM. */

/** To whom it belongs, as the visit and the order say. */
export interface WrapSubject {
  readonly patientId: string
  /** As DICOM writes it: family name, given name, and others, between them `^`. */
  readonly patientName: string
  /** `YYYY-MM-DD`; null, like all below: nobody knows. */
  readonly birthDate: string | null
  readonly sex: 'M' | 'F' | 'O' | null
  readonly studyInstanceUid: string
  /** Empty when there is no order. */
  readonly accessionNumber: string
  readonly studyDescription: string | null
  readonly referringPhysician: string | null
  /** When the study began, in the local time of the van. */
  readonly studyStart: WrapTime | null
}

export interface WrapTime {
  /** YYYYMMDD. */
  readonly date: string
  /** HHMMSS. */
  readonly time: string
}

/** What the file shows; it decides the class and how the picture came about. */
export type WrapPurpose =
  /** Of the patient, by a camera. */
  | 'photo'
  /** Inside the patient. */
  | 'endoscopy'
  /** The screen of a device, saved by it or photographed. */
  | 'screen'
  /** Paper. */
  | 'scan'

export interface WrapDetails {
  readonly purpose: WrapPurpose
  readonly sopInstanceUid: string
  readonly seriesInstanceUid: string
  readonly seriesNumber: number
  readonly instanceNumber: number
  /** For people; empty when there is nothing to say. */
  readonly description: string
  /** When the picture was taken, in the local time of the van; null: nobody knows. */
  readonly takenAt: WrapTime | null
  /** When it became DICOM; null while the box does not know the time. */
  readonly wrappedAt: WrapTime | null
  /** `+0700`; null together with the times. */
  readonly timezone: string | null
  readonly station: string
  readonly software: string
}
