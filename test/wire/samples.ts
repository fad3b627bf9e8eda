/** One record of each kind, written out: for tests of single fields, for vectors and examples. */
import type {
  ClockFix,
  DeviceInfo,
  Document,
  Event,
  Image,
  Loss,
  Measurement,
  Numerics,
  Record,
  RecordKind,
  Rendition,
  Waveform,
} from '../../protocols/packet/record.ts'
import { visitRecordKinds } from '../../protocols/packet/visit-records.ts'
import type {
  ImageIdentity,
  Order,
  Patient,
  Procedure,
  Visit,
} from '../../protocols/packet/visit-records.ts'

export const epoch = '01920f3a-5b00-7c01-8d02-0123456789ab'
export const boot = '3b8f2a64-5f0e-4c1b-9a77-2f6f0f1c9d21'
export const objectSha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const stamps = {
  atMs: 61_234,
  utcMs: 1_758_873_600_000,
  uncertaintyMs: 40,
  source: 'device',
  simulated: true,
} as const

const measurement: Measurement = {
  kind: 'measurement',
  ...stamps,
  values: [
    { code: 'MDC_PRESS_BLD_NONINV_SYS', value: 118, unit: 'mm[Hg]' },
    { code: 'MDC_PRESS_BLD_NONINV_DIA', value: 76.5, unit: 'mm[Hg]' },
    { code: 'MDC_PULS_RATE_NON_INV', value: null, unit: '/min' },
  ],
  deviceTime: { year: 2025, month: 9, day: 26, hour: 15, minute: 4, second: null },
  qualifiers: { irregularPulse: '0', cuff: 'dewasa' },
}

/** What a laboratory instrument says: a result in words, and whose it is. */
export const laboratoryResult: Measurement = {
  kind: 'measurement',
  ...stamps,
  values: [
    { code: 'SIMPUL_MTB', value: null, unit: '1', text: 'NOT DETECTED' },
    { code: 'LOINC_718-7', value: 13.4, unit: 'g/dL' },
  ],
  deviceTime: { year: 2025, month: 9, day: 26, hour: 15, minute: 2, second: 9 },
  qualifiers: { status: 'F' },
  identifiers: { specimenId: 'S-0417', orderId: 'A7' },
}

const numerics: Numerics = {
  kind: 'numerics',
  ...stamps,
  values: [
    { code: 'MDC_ECG_HEART_RATE', value: 72, unit: '/min' },
    { code: 'MDC_RESP_RATE', value: null, unit: '/min' },
  ],
  qualifiers: { signal: 'weak' },
}

const waveform: Waveform = {
  kind: 'waveform',
  ...stamps,
  atMs: 60_000.5,
  wave: 'ecg',
  run: 3,
  firstSample: 5_000,
  rate: { samples: 500, perMs: 1_000 },
  leads: [
    { code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 2.5, zero: 0 },
    { code: 'MDC_ECG_ELEC_POTL_II', unit: null, lsb: null, zero: 512 },
  ],
  samples: [
    Int32Array.of(0, 3, -2, 150, 149, -0x8000_0000),
    Int32Array.of(512, 512, 513, 70, 71, 0x7fff_ffff),
  ],
}

const event: Event = {
  kind: 'event',
  ...stamps,
  code: 'lead-off',
  level: 'alarm',
  active: true,
  detail: { lead: 'MDC_ECG_ELEC_POTL_II' },
}

const document: Document = {
  kind: 'document',
  ...stamps,
  object: {
    sha256: objectSha256,
    sizeBytes: 150_000,
    mediaType: 'application/pdf',
    chunkBytes: 65_536,
  },
  title: 'Spirometri',
}

const image: Image = {
  kind: 'image',
  ...stamps,
  object: {
    sha256: objectSha256,
    sizeBytes: 5_000_000,
    mediaType: 'application/dicom',
    chunkBytes: 65_536,
  },
  sopClassUid: '1.2.840.10008.5.1.4.1.1.6.1',
  sopInstanceUid: '1.2.826.0.1.3680043.10.1.1',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  studyInstanceUid: '1.2.826.0.1.3680043.10.1',
  seriesInstanceUid: null,
  modality: 'US',
  callingAeTitle: 'SONO1',
  dataSetOffset: 358,
  flags: ['uid-conflict'],
}

const rendition: Rendition = {
  kind: 'rendition',
  ...stamps,
  role: 'preview',
  of: objectSha256,
  object: {
    sha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
    sizeBytes: 48_211,
    mediaType: 'image/jpeg',
    chunkBytes: 65_536,
  },
  frame: 12,
}

const clock: ClockFix = {
  kind: 'clock',
  ...stamps,
  utcMs: null,
  uncertaintyMs: null,
  offsetMs: 1_758_873_538_766.25,
  fixUncertaintyMs: 12.5,
  authority: 'ntp',
}

const loss: Loss = {
  kind: 'loss',
  ...stamps,
  epoch,
  stream: 'ecg-1/waveform',
  fromSeq: 12,
  toSeq: 17,
  reason: 'damaged on the card',
}

const device: DeviceInfo = {
  kind: 'device',
  ...stamps,
  device: 'ecg-1',
  driver: 'edan-se1',
  label: 'EKG depan',
  serialNumber: '0417',
  firmware: null,
  calibrationDue: '2026-03-31',
  pluggedAt: 'usb-1.2:1.0',
}

const tokens = {
  patient: '01920f3a-6a10-7d02-9b44-0a1b2c3d4e5f',
  visit: '01920f3a-6a11-7d02-9b44-0a1b2c3d4e5f',
  order: '01920f3a-6a12-7d02-9b44-0a1b2c3d4e5f',
}

/** Of nobody: the day and the district of the number do not belong together. */
const patient: Patient = {
  kind: 'patient',
  ...stamps,
  source: 'typed',
  patient: tokens.patient,
  patientId: 'VAN02-000123',
  name: 'Contoh, Siti',
  nik: '3604994107900001',
  birthDate: '1990-07-01',
  sex: 'F',
  otherIds: { hospital: '00-12-34' },
  by: 'Bidan Contoh',
}

const visit: Visit = {
  kind: 'visit',
  ...stamps,
  source: 'typed',
  visit: tokens.visit,
  patient: tokens.patient,
  state: 'open',
  devices: ['ecg-1', 'us-1'],
  openedUtcMs: 1_758_873_540_000,
  by: 'Bidan Contoh',
  reason: '',
}

const order: Order = {
  kind: 'order',
  ...stamps,
  source: 'typed',
  order: tokens.order,
  visit: tokens.visit,
  accessionNumber: 'V02250926000017',
  studyInstanceUid: '2.25.2077430829431871829183749183749183749',
  modality: 'US',
  description: 'USG kehamilan',
  code: { value: '30704-1', scheme: 'LN', meaning: 'US Obstetric' },
  stationAeTitle: 'SONO1',
  requestedBy: 'dr. Contoh',
  scheduledUtcMs: null,
  state: 'scheduled',
  reason: '',
  otherIds: { placer: 'A-77' },
  by: 'hospital',
}

const identity: ImageIdentity = {
  kind: 'identity',
  ...stamps,
  of: objectSha256,
  sopInstanceUid: '1.2.826.0.1.3680043.10.1.1',
  state: 'waiting',
  visit: tokens.visit,
  order: null,
  coerced: null,
  findings: ['accession-missing', 'name-differs'],
  by: 'van',
  reason: '',
}

const procedure: Procedure = {
  kind: 'procedure',
  ...stamps,
  sopInstanceUid: '1.2.826.0.1.3680043.10.1.9',
  device: 'us-1',
  state: 'completed',
  order: tokens.order,
  accessionNumber: 'V02250926000017',
  studyInstanceUid: '2.25.2077430829431871829183749183749183749',
  modality: 'US',
  startedText: '20250926145800',
  endedText: '20250926150355',
  series: [
    {
      seriesInstanceUid: '1.2.826.0.1.3680043.10.1.2',
      instances: ['1.2.826.0.1.3680043.10.1.1'],
    },
  ],
  discontinuationCode: '',
  findings: [],
  by: 'van',
}

/** What the van says about itself. */
export const vanKinds: readonly RecordKind[] = ['clock', 'loss', 'device', ...visitRecordKinds]

/** In the order in which record.ts names the kinds. */
export const sampleRecords: { readonly [K in RecordKind]: Extract<Record, { kind: K }> } = {
  measurement,
  numerics,
  waveform,
  event,
  document,
  image,
  rendition,
  clock,
  loss,
  device,
  patient,
  visit,
  order,
  identity,
  procedure,
}
