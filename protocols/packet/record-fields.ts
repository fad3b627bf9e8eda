/** How each record is checked and written. Its keys on the wire are its field names. */
import {
  code,
  day,
  deviceName,
  freeWords,
  hash,
  label,
  stamped,
  stamps,
  uuid,
} from './common-fields.ts'
import {
  bool,
  byKind,
  checked,
  converted,
  bytes,
  list,
  nullable,
  number,
  oneOf,
  optional,
  table,
  text,
  textThat,
  uint,
} from './fields.ts'
import type { Field } from './fields.ts'
import {
  chunkLimitBytes,
  codeLimitBytes,
  flagsMax,
  leadsMax,
  recordLimitBytes,
  samplesMax,
  textLimitBytes,
  unitLimitBytes,
  valuesMax,
} from './limits.ts'
import type {
  ClockFix,
  DeviceInfo,
  DeviceTime,
  Document,
  Event,
  Image,
  Lead,
  Loss,
  Measurement,
  Numerics,
  ObjectRef,
  Record,
  Rendition,
  Value,
  Waveform,
} from './record.ts'
import { decodeSamples, encodeSamples } from './samples.ts'
import { parseStream } from './topics.ts'
import { identity, order, patient, procedure, visit } from './visit-fields.ts'

const unit = text(unitLimitBytes)

// What a device says of its own clock is kept as it stood, also when it is no date.
const deviceTime = table<DeviceTime>({
  year: uint(0, 65_535),
  month: uint(0, 255),
  day: uint(0, 255),
  hour: uint(0, 255),
  minute: uint(0, 255),
  second: nullable(uint(0, 255)),
})

const value = checked(
  table<Value>({
    code,
    value: nullable(number()),
    unit,
    text: optional(text(textLimitBytes, 1)),
  }),
  (value) =>
    value.text === undefined || value.value === null
      ? null
      : 'expected a value of null beside a text, found a number',
)

const values = list(value, 0, valuesMax)

const measurement = stamped<Measurement>({
  kind: oneOf(['measurement']),
  ...stamps,
  values,
  deviceTime: nullable(deviceTime),
  qualifiers: freeWords,
  identifiers: optional(freeWords),
})

const numerics = stamped<Numerics>({
  kind: oneOf(['numerics']),
  ...stamps,
  values,
  qualifiers: freeWords,
})

const lead = table<Lead>({
  code,
  unit: nullable(unit),
  lsb: nullable(number()),
  zero: number(),
})

const samples: Field<Int32Array> = converted(
  bytes(1, recordLimitBytes),
  'varints of differences between 32-bit samples',
  decodeSamples,
  encodeSamples,
)

/** Everything of a waveform but its samples. */
export const waveFields = {
  ...stamps,
  wave: code,
  run: uint(),
  firstSample: uint(),
  rate: table<Waveform['rate']>({ samples: uint(1), perMs: uint(1) }),
  leads: list(lead, 1, leadsMax),
}

const waveform = checked(
  stamped<Waveform>({
    kind: oneOf(['waveform']),
    ...waveFields,
    samples: list(samples, 1, leadsMax),
  }),
  (record) => {
    const lengths = record.samples.map((lead) => lead.length)
    const [length = 0] = lengths
    if (record.leads.length !== lengths.length) {
      return `expected samples of ${record.leads.length} leads, found ${lengths.length}`
    }
    if (lengths.some((other) => other !== length)) {
      return `expected leads of the same length, found ${lengths.join(', ')}`
    }
    if (length * lengths.length > samplesMax) {
      return `expected at most ${samplesMax} samples, found ${length * lengths.length}`
    }
    return Number.isSafeInteger(record.firstSample + length)
      ? null
      : 'expected sample numbers below 2^53, found greater ones'
  },
)

const event = stamped<Event>({
  kind: oneOf(['event']),
  ...stamps,
  code,
  level: oneOf(['info', 'warning', 'alarm']),
  active: nullable(bool),
  detail: freeWords,
})

const object = table<ObjectRef>({
  sha256: hash,
  sizeBytes: uint(1),
  mediaType: code,
  chunkBytes: uint(1, chunkLimitBytes),
})

const document = stamped<Document>({
  kind: oneOf(['document']),
  ...stamps,
  object,
  title: label,
})

const image = checked(
  stamped<Image>({
    kind: oneOf(['image']),
    ...stamps,
    object,
    sopClassUid: code,
    sopInstanceUid: code,
    transferSyntaxUid: code,
    studyInstanceUid: nullable(code),
    seriesInstanceUid: nullable(code),
    modality: nullable(code),
    callingAeTitle: text(codeLimitBytes),
    dataSetOffset: uint(),
    flags: list(code, 0, flagsMax),
  }),
  (record) =>
    record.dataSetOffset <= record.object.sizeBytes
      ? null
      : `expected dataSetOffset up to ${record.object.sizeBytes}, found ${record.dataSetOffset}`,
)

const rendition = checked(
  stamped<Rendition>({
    kind: oneOf(['rendition']),
    ...stamps,
    role: oneOf(['preview', 'packed', 'coerced']),
    of: hash,
    object,
    frame: nullable(uint()),
  }),
  (record) =>
    (record.role === 'preview') === (record.frame !== null)
      ? null
      : 'expected a frame and a preview together, found one of them',
)

const clock = stamped<ClockFix>({
  kind: oneOf(['clock']),
  ...stamps,
  offsetMs: number(),
  fixUncertaintyMs: number(0),
  authority: code,
})

const loss = checked(
  stamped<Loss>({
    kind: oneOf(['loss']),
    ...stamps,
    epoch: uuid,
    stream: textThat((stream) => parseStream(stream) !== null, 'the name of a stream'),
    fromSeq: uint(),
    toSeq: uint(),
    reason: label,
  }),
  (record) =>
    record.fromSeq <= record.toSeq
      ? null
      : `expected fromSeq up to ${record.toSeq}, found ${record.fromSeq}`,
)

const device = stamped<DeviceInfo>({
  kind: oneOf(['device']),
  ...stamps,
  device: deviceName,
  driver: code,
  label,
  serialNumber: nullable(label),
  firmware: nullable(label),
  calibrationDue: nullable(day),
  pluggedAt: label,
})

export const recordField: Field<Record> = byKind<Record>({
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
})
