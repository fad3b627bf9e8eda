/** Every record and name that the wire allows, for properties. */
import * as fc from 'fast-check'
import type { Record, RecordKind, Stamped, Waveform } from '../../protocols/packet/record.ts'
import { character } from './character.ts'
import { visitArbitraries } from './visit-arbitraries.ts'
import { deviceStreamKinds, vanStreamKinds } from '../../protocols/packet/topics.ts'

export const name = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
export const vanName = name.filter((text) => !['landing', 'replay', 'directory'].includes(text))
export const deviceName = name.filter((text) => text !== 'van')

export const stream = fc.oneof(
  fc.tuple(deviceName, fc.constantFrom(...deviceStreamKinds)).map((parts) => parts.join('/')),
  fc.constantFrom(...vanStreamKinds).map((kind) => `van/${kind}`),
)

export const clientId = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)

export const uuid = fc.uuid()
export const seq = fc.oneof(fc.nat(100), fc.maxSafeNat())
export const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

/** Of any script, with a byte order mark now and then, and with what JavaScript minds. */
const anyText = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: character, maxLength }),
    fc.constantFrom('', '\uFEFFmark', '__proto__', 'constructor', 'Tekanan darah', '\u{1F9E0}'),
  )

const code = anyText(30).filter((text) => text !== '')
const label = anyText(60)

/** -0 is 0 on the wire. */
const finite = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (value === 0 ? 0 : value))
const positive = finite.map((value) => Math.abs(value))

const stamps: { [K in keyof Stamped]: fc.Arbitrary<Stamped[K]> } = {
  atMs: positive,
  utcMs: fc.constant(null),
  uncertaintyMs: fc.constant(null),
  source: fc.constantFrom('device', 'typed', 'photo'),
  simulated: fc.boolean(),
}

const times = fc.oneof(
  fc.constant({ utcMs: null, uncertaintyMs: null }),
  fc.record({ utcMs: finite, uncertaintyMs: positive }),
)

const words = fc.dictionary(code, anyText(60), { maxKeys: 5, noNullPrototype: true })

const object = fc.record({
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  sizeBytes: fc.integer({ min: 1, max: 2 ** 40 }),
  mediaType: code,
  chunkBytes: fc.integer({ min: 1, max: 65_536 }),
})

const sample = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
)

const waveParts = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }))
  .chain(([leads, length]) =>
    fc.record({
      leads: fc.array(
        fc.record({
          code,
          unit: fc.option(label),
          lsb: fc.option(finite),
          zero: finite,
        }),
        { minLength: leads, maxLength: leads },
      ),
      samples: fc.array(
        fc
          .array(sample, { minLength: length, maxLength: length })
          .map((values) => Int32Array.from(values)),
        { minLength: leads, maxLength: leads },
      ),
    }),
  )

export const waveform: fc.Arbitrary<Waveform> = fc
  .tuple(
    fc.record({
      ...stamps,
      kind: fc.constant('waveform' as const),
      wave: code,
      run: fc.nat(),
      firstSample: fc.nat(),
      rate: fc.record({
        samples: fc.integer({ min: 1, max: 20_000 }),
        perMs: fc.integer({ min: 1, max: 60_000 }),
      }),
    }),
    waveParts,
  )
  .map(([wave, parts]) => ({ ...wave, ...parts }))

const unit = anyText(10)

const values = fc.array(
  fc.oneof(
    fc.record({ code, value: fc.option(finite), unit }),
    fc.record({ code, value: fc.constant(null), unit, text: label.filter((text) => text !== '') }),
  ),
  { maxLength: 5 },
)

const measurementParts = {
  ...stamps,
  kind: fc.constant('measurement' as const),
  values,
  deviceTime: fc.option(
    fc.record({
      year: fc.nat(65_535),
      month: fc.nat(255),
      day: fc.nat(255),
      hour: fc.nat(255),
      minute: fc.nat(255),
      second: fc.option(fc.nat(255)),
    }),
  ),
  qualifiers: words,
}

const renditionParts = {
  ...stamps,
  kind: fc.constant('rendition' as const),
  of: object.map(({ sha256 }) => sha256),
  object,
}

const byKind: { readonly [K in RecordKind]: fc.Arbitrary<Extract<Record, { kind: K }>> } = {
  measurement: fc.oneof(
    fc.record(measurementParts),
    fc.record({ ...measurementParts, identifiers: words }),
  ),
  numerics: fc.record({
    ...stamps,
    kind: fc.constant('numerics' as const),
    values,
    qualifiers: words,
  }),
  waveform,
  event: fc.record({
    ...stamps,
    kind: fc.constant('event' as const),
    code,
    level: fc.constantFrom('info', 'warning', 'alarm'),
    active: fc.option(fc.boolean()),
    detail: words,
  }),
  document: fc.record({ ...stamps, kind: fc.constant('document' as const), object, title: label }),
  image: fc
    .record({
      ...stamps,
      kind: fc.constant('image' as const),
      object,
      sopClassUid: code,
      sopInstanceUid: code,
      transferSyntaxUid: code,
      studyInstanceUid: fc.option(code),
      seriesInstanceUid: fc.option(code),
      modality: fc.option(code),
      callingAeTitle: anyText(16),
      dataSetOffset: fc.nat(),
      flags: fc.array(code, { maxLength: 3 }),
    })
    .map((image) => ({
      ...image,
      dataSetOffset: Math.min(image.dataSetOffset, image.object.sizeBytes),
    })),
  rendition: fc.oneof(
    fc.record({
      ...renditionParts,
      role: fc.constant('preview' as const),
      frame: fc.nat(),
    }),
    fc.record({
      ...renditionParts,
      role: fc.constantFrom('packed' as const, 'coerced' as const),
      frame: fc.constant(null),
    }),
  ),
  clock: fc.record({
    ...stamps,
    kind: fc.constant('clock' as const),
    offsetMs: finite,
    fixUncertaintyMs: positive,
    authority: code,
  }),
  loss: fc
    .record({
      ...stamps,
      kind: fc.constant('loss' as const),
      epoch: uuid,
      stream,
      fromSeq: seq,
      toSeq: seq,
      reason: label,
    })
    .map((loss) => ({
      ...loss,
      fromSeq: Math.min(loss.fromSeq, loss.toSeq),
      toSeq: Math.max(loss.fromSeq, loss.toSeq),
    })),
  device: fc.record({
    ...stamps,
    kind: fc.constant('device' as const),
    device: name,
    driver: code,
    label,
    serialNumber: fc.option(label),
    firmware: fc.option(label),
    calibrationDue: fc.option(fc.constantFrom('2026-02-28', '1999-12-31')),
    pluggedAt: label,
  }),
  ...visitArbitraries({ stamps, name, uuid, words, code, label, finite }),
}

export const recordKinds = Object.keys(byKind) as RecordKind[]

/** A record of one kind, with or without believable time. */
export function recordOf<K extends RecordKind>(
  kind: K,
): fc.Arbitrary<Extract<Record, { kind: K }>> {
  const record: fc.Arbitrary<Record> = byKind[kind]
  // Cloning gives plain objects where fast-check likes such without a prototype.
  const plain = fc.tuple(record, times).map((parts) => {
    const [record, time] = structuredClone(parts)
    return { ...record, ...time }
  })
  return plain as never
}

export const record: fc.Arbitrary<Record> = fc.oneof(...recordKinds.map((kind) => recordOf(kind)))
