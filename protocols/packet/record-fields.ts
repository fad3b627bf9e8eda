/** How each record is checked and written. Its keys on the wire are its field names. */
import { isUuid } from './epoch.ts'
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
  words,
} from './fields.ts'
import type { Field, Fields } from './fields.ts'
import {
  chunkLimitBytes,
  codeLimitBytes,
  flagsMax,
  labelLimitBytes,
  leadsMax,
  recordLimitBytes,
  samplesMax,
  textLimitBytes,
  unitLimitBytes,
  valuesMax,
  wordsMax,
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
import { isName, parseStream } from './topics.ts'

const code = text(codeLimitBytes, 1)
const unit = text(unitLimitBytes)
const label = text(labelLimitBytes)
const freeWords = words(wordsMax, codeLimitBytes, textLimitBytes)

const stamps = {
  atMs: number(0),
  utcMs: nullable(number()),
  uncertaintyMs: nullable(number(0)),
  source: oneOf(['device', 'typed', 'photo']),
  simulated: bool,
}

interface Times {
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
}

/** A table of a record's fields, with what holds between the fields of every record. */
export function stamped<R extends Times>(fields: Fields<R>): Field<R> {
  return timed(table<R>(fields))
}

/** Adds the check of the two times to a field. */
export function timed<R extends Times>(field: Field<R>): Field<R> {
  return checked(field, (record) =>
    (record.utcMs === null) === (record.uncertaintyMs === null)
      ? null
      : 'expected utcMs and uncertaintyMs to be null together, found one of them null',
  )
}

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

const hash = textThat((hex) => /^[0-9a-f]{64}$/.test(hex), '64 lower-case hex digits')

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
    role: oneOf(['preview', 'packed']),
    of: hash,
    object,
    frame: nullable(uint()),
  }),
  (record) =>
    (record.role === 'packed') === (record.frame === null)
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
    epoch: textThat(isUuid, 'a UUID in lower case'),
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
  device: textThat(isName, 'a name of a-z, 0-9 and dash'),
  driver: code,
  label,
  serialNumber: nullable(label),
  firmware: nullable(label),
  calibrationDue: nullable(
    textThat((date) => /^\d{4}-\d{2}-\d{2}$/.test(date), 'a date YYYY-MM-DD'),
  ),
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
})
