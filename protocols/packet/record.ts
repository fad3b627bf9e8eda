/**
 * Records: what a device said, normalised, stamped and ready for the journal.
 * Field names carry the unit. A value that the device marks absent is null, never 0.
 */
import type { Source, Stamped, Words } from './stamped.ts'
import type { ImageIdentity, Order, Patient, Procedure, Visit } from './visit-records.ts'

export type { Source, Stamped, Words }

/** The device's own clock as it stood, without a zone and not interpreted. */
export interface DeviceTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** null when the device does not say seconds. */
  readonly second: number | null
}

export interface Value {
  /**
   * ISO/IEEE 11073 reference id, for example MDC_PRESS_BLD_NONINV_SYS; `LOINC_` and a LOINC number;
   * `SIMPUL_` and a word of the vocabulary; or `LOCAL_`, the kind of instrument and its own name of
   * the test.
   */
  readonly code: string
  /** null: the device says that it has no value, or says it in words. */
  readonly value: number | null
  /** UCUM. */
  readonly unit: string
  /**
   * The result in the words of the device where a number would say something else, such as
   * `NOT DETECTED` or `<5.0`. Only when `value` is null.
   */
  readonly text?: string
}

/** One act of measuring: a blood pressure is one measurement with several values. */
export interface Measurement extends Stamped {
  readonly kind: 'measurement'
  readonly values: readonly Value[]
  readonly deviceTime: DeviceTime | null
  /** What else the device said, as text: { irregularPulse: '0' }. No identifiers of persons. */
  readonly qualifiers: Words
  /**
   * What the device was told about whose result it is, as it stood: specimenId, patientId, orderId.
   * Never checked, so a hint for whoever matches it, and data of a patient: not for logs.
   */
  readonly identifiers?: Words
}

/**
 * Values that a device repeats while it monitors, such as a heart rate every second. None of them
 * is a result: each holds until the next one comes. IEEE 11073 calls them numerics.
 */
export interface Numerics extends Stamped {
  readonly kind: 'numerics'
  readonly values: readonly Value[]
  /** What else the device said, as text: { probe: '1' }. No identifiers of persons. */
  readonly qualifiers: Words
}

export interface Lead {
  /** 11073 reference id, for example MDC_ECG_ELEC_POTL_I. */
  readonly code: string
  /** UCUM unit of `lsb`, or null when the amplitude is not calibrated. */
  readonly unit: string | null
  /** Amplitude of one step in `unit`; null when uncalibrated. */
  readonly lsb: number | null
  /** The sample value that means zero. */
  readonly zero: number
}

/** A block of equally spaced samples. A gap shows as a jump of `firstSample`, never as zeros. */
export interface Waveform extends Stamped {
  readonly kind: 'waveform'
  /** Which wave of the device, for example `ecg`. One stream may carry several. */
  readonly wave: string
  /** Changes whenever the device was opened anew: sample numbers count within one run. */
  readonly run: number
  readonly firstSample: number
  /** Exact rate: `samples` every `perMs` milliseconds. */
  readonly rate: { readonly samples: number; readonly perMs: number }
  readonly leads: readonly Lead[]
  /** One array a lead, all of the same length. */
  readonly samples: readonly Int32Array[]
}

export type EventLevel = 'info' | 'warning' | 'alarm'

export interface Event extends Stamped {
  readonly kind: 'event'
  /** A stable word, for example `lead-off`, `connected`, `disconnected`, `measurement-failed`. */
  readonly code: string
  readonly level: EventLevel
  /** True when it begins, false when it ends, null for what has no duration. */
  readonly active: boolean | null
  readonly detail: Words
}

/** A large object, stored as a file named by its hash and sent in chunks of the same device. */
export interface ObjectRef {
  /** Lower-case hex of the SHA-256 of the whole file. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly mediaType: string
  readonly chunkBytes: number
}

/** A file that a device handed over: PDF, SCP-ECG, photo. */
export interface Document extends Stamped {
  readonly kind: 'document'
  readonly object: ObjectRef
  readonly title: string
}

/** One DICOM instance, kept as sent. Names of the attributes are DICOM keywords. */
export interface Image extends Stamped {
  readonly kind: 'image'
  readonly object: ObjectRef
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
  /** null when the data set does not say or could not be read. */
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
  readonly modality: string | null
  readonly callingAeTitle: string
  /** Offset in the file at which the data set begins, exactly as it came over the network. */
  readonly dataSetOffset: number
  /**
   * What needs a person's eye, for example `header-unreadable`, `uid-conflict`. `identity-open`: it
   * goes on only after a record of its identity says so.
   */
  readonly flags: readonly string[]
}

/**
 * Another form of the file of an image, made in the van after the image was stored. `preview`: a
 * small JPEG, marked, lossy, never for diagnosis. `packed`: the file itself in fewer bytes, from
 * which it is restored bit for bit; the file's own chunks do not travel. `coerced`: the same
 * instance with patient and accession number as the order says, which goes on in its place.
 */
export interface Rendition extends Stamped {
  readonly kind: 'rendition'
  readonly role: 'preview' | 'packed' | 'coerced'
  /** SHA-256 of the image's file in lower-case hex, as its record's `object` says. */
  readonly of: string
  readonly object: ObjectRef
  /** Which frame a preview shows, from 0; null for all other roles. */
  readonly frame: number | null
}

/** The van's own streams: facts about what was stored before. Device `van`. */
export interface ClockFix extends Stamped {
  readonly kind: 'clock'
  /** utc = monotonic + offsetMs, valid for the boot that the packet names, from its beginning. */
  readonly offsetMs: number
  readonly fixUncertaintyMs: number
  /** Who said so: `ntp`, `broker`, `gnss`, `rtc`, `person`. */
  readonly authority: string
}

export interface Loss extends Stamped {
  readonly kind: 'loss'
  /** Which packets are gone for ever, both ends included. */
  readonly epoch: string
  readonly stream: string
  readonly fromSeq: number
  readonly toSeq: number
  readonly reason: string
}

/** What is plugged in. A new record whenever something about it changed. */
export interface DeviceInfo extends Stamped {
  readonly kind: 'device'
  readonly device: string
  readonly driver: string
  readonly label: string
  readonly serialNumber: string | null
  readonly firmware: string | null
  /** ISO date, or null when nobody said. */
  readonly calibrationDue: string | null
  readonly pluggedAt: string
}

export type Record =
  | Measurement
  | Numerics
  | Waveform
  | Event
  | Document
  | Image
  | Rendition
  | ClockFix
  | Loss
  | DeviceInfo
  | Patient
  | Visit
  | Order
  | ImageIdentity
  | Procedure

export type RecordKind = Record['kind']

/** A record before it is stamped: what a driver, a form or an association says. */
export type Unstamped<R extends Record> = R extends Record ? Omit<R, keyof Stamped> : never
