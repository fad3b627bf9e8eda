import * as fc from 'fast-check'
import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import { record } from '../../test/wire/arbitraries.ts'
import { holds } from '../../test/wire/holds.ts'
import { laboratoryResult, sampleRecords } from '../../test/wire/samples.ts'
import { checkRecord, decodeRecord, decodeRecords, encodeRecord, encodeRecords } from './body.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { bodyLimitBytes, recordLimitBytes, recordsPerPacketMax } from './limits.ts'
import type { Event, Measurement, Record, Waveform } from './record.ts'

const { measurement, waveform, event, image, loss } = sampleRecords

type Wire = Map<unknown, unknown>

/** A record as CBOR has it, changed by `change`, decoded: the reason, or null when it passed. */
function refused(record: Record, change: (wire: Wire) => void): string | null {
  const answer = decodeCbor(encodeRecord(record))
  if (!answer.ok) throw new Error(answer.reason)
  const wire = answer.value as Wire
  change(wire)
  const decoded = decodeRecord(encodeCbor(wire))
  return decoded.ok ? null : decoded.reason
}

t.test('body: a record of each kind comes back as it went', async (t) => {
  for (const record of Object.values(sampleRecords)) {
    t.strictSame(decodeRecord(encodeRecord(record)), { ok: true, value: record }, record.kind)
  }
  const all = Object.values(sampleRecords)
  t.strictSame(decodeRecords(encodeRecords(all)), { ok: true, value: all })
})

t.test('body: any records come back as they went', async (t) => {
  const property = fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) =>
    isDeepStrictEqual(decodeRecords(encodeRecords(records)), { ok: true, value: records }),
  )
  holds(t, 'any records', property, { numRuns: 300 })
})

/** Every place in a record: keys of maps and places of lists. */
function* placesIn(value: unknown, path: readonly unknown[] = []): Generator<readonly unknown[]> {
  if (path.length > 0) yield path
  if (value instanceof Map) {
    for (const [key, item] of value) yield* placesIn(item, [...path, key])
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* placesIn(item, [...path, index])
  }
}

function holder(wire: unknown, path: readonly unknown[]): unknown {
  return path
    .slice(0, -1)
    .reduce((at, key) => (at instanceof Map ? at.get(key) : (at as unknown[])[Number(key)]), wire)
}

const freeWords = ['qualifiers', 'detail', 'otherIds']

t.test('body: every field must be there', async (t) => {
  for (const record of Object.values(sampleRecords)) {
    const wire = decodeCbor(encodeRecord(record))
    for (const path of placesIn(wire.ok ? wire.value : null)) {
      const key = path.at(-1)
      if (typeof key !== 'string' || freeWords.includes(String(path.at(-2)))) continue
      const reason = refused(record, (wire) => (holder(wire, path) as Wire).delete(key))
      t.match(
        reason,
        /^record\.\S+: expected .*, found nothing$/,
        `${record.kind} ${path.join('.')}`,
      )
    }
  }
})

t.test('body: every field must be of its type', async (t) => {
  const strangers = [-7, 0.25, 'x'.repeat(5_000), new Uint8Array(5), [[[]]], new Map([[1, 2]])]
  for (const record of Object.values(sampleRecords)) {
    const wire = decodeCbor(encodeRecord(record))
    for (const path of placesIn(wire.ok ? wire.value : null)) {
      let refusals = 0
      for (const stranger of strangers) {
        const reason = refused(record, (wire) => {
          const at = holder(wire, path)
          if (at instanceof Map) at.set(path.at(-1), stranger)
          else (at as unknown[])[Number(path.at(-1))] = stranger
        })
        if (reason !== null) refusals++
      }
      // A finite number of any size is the only thing that two of these can be.
      t.ok(refusals >= strangers.length - 2, `${record.kind} ${path.join('.')}`)
    }
  }
})

t.test('body: says what was expected and what was found, without quoting texts', async (t) => {
  const cases: readonly (readonly [string, string | null])[] = [
    [
      'record.values[1].unit: expected a text of 0 to 64 bytes, found 5',
      refused(measurement, (wire) => (wire.get('values') as Wire[])[1]?.set('unit', 5)),
    ],
    [
      'record.kind: expected one of measurement, numerics, waveform, event, document, image, ' +
        'rendition, clock, loss, device, patient, visit, order, identity, procedure, ' +
        'found a text of 4 bytes',
      refused(measurement, (wire) => wire.set('kind', 'Budi')),
    ],
    [
      'record: expected utcMs and uncertaintyMs to be null together, found one of them null',
      refused(event, (wire) => wire.set('utcMs', null)),
    ],
    [
      'record: expected leads of the same length, found 6, 1',
      refused(waveform, (wire) =>
        (wire.get('samples') as Uint8Array[]).splice(1, 1, Uint8Array.of(0)),
      ),
    ],
    [
      'record: expected samples of 2 leads, found 1',
      refused(waveform, (wire) => (wire.get('samples') as Uint8Array[]).pop()),
    ],
    [
      'record.samples[0]: expected varints of differences between 32-bit samples, found 2 bytes',
      refused(waveform, (wire) =>
        wire.set('samples', [Uint8Array.of(0, 0x80), Uint8Array.of(0, 0)]),
      ),
    ],
    [
      'record: expected sample numbers below 2^53, found greater ones',
      refused(waveform, (wire) => wire.set('firstSample', Number.MAX_SAFE_INTEGER)),
    ],
    [
      'record: expected fromSeq up to 17, found 18',
      refused(loss, (wire) => wire.set('fromSeq', 18)),
    ],
    [
      'record: expected dataSetOffset up to 5000000, found 5000001',
      refused(image, (wire) => wire.set('dataSetOffset', 5_000_001)),
    ],
    [
      'record.qualifiers: expected a map of at most 64, found a map of 65',
      refused(measurement, (wire) =>
        wire.set(
          'qualifiers',
          new Map(Array.from({ length: 65 }, (_, index) => [`q${index}`, ''])),
        ),
      ),
    ],
    [
      'record.qualifiers, text 0: expected a text of 0 to 4096 bytes, found null',
      refused(measurement, (wire) => wire.set('qualifiers', new Map([['Budi', null]]))),
    ],
    [
      'record.level: expected one of info, warning, alarm, found a text of 5 bytes',
      refused(event, (wire) => wire.set('level', 'panic')),
    ],
  ]
  for (const [expected, found] of cases) t.equal(found, expected)
})

t.test('body: a result in words is no number, and says whose it is only when told', async (t) => {
  t.strictSame(decodeRecord(encodeRecord(laboratoryResult)), { ok: true, value: laboratoryResult })
  const first = (wire: Wire) => (wire.get('values') as Wire[])[0]
  const decodedWithout = (change: (wire: Wire) => void) => refused(laboratoryResult, change)
  t.equal(
    decodedWithout((wire) => wire.delete('identifiers')),
    null,
  )
  t.equal(
    decodedWithout((wire) => first(wire)?.delete('text')),
    null,
  )
  t.equal(
    decodedWithout((wire) => first(wire)?.set('value', 0)),
    'record.values[0]: expected a value of null beside a text, found a number',
  )
  t.equal(
    decodedWithout((wire) => first(wire)?.set('text', '')),
    'record.values[0].text: expected a text of 1 to 4096 bytes, found a text of 0 bytes',
  )
  t.equal(
    decodedWithout((wire) => wire.set('identifiers', new Map([['patientId', 5]]))),
    'record.identifiers, text 0: expected a text of 0 to 4096 bytes, found 5',
  )
  t.notOk('identifiers' in measurement)
})

t.test('body: skips fields that a later writer may add', async (t) => {
  t.equal(
    refused(event, (wire) => wire.set('weather', new Map([['rain', true]]))),
    null,
  )
})

t.test('body: a name like __proto__ is only a name', async (t) => {
  const detail = Object.fromEntries([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  const decoded = decodeRecord(encodeRecord({ ...event, detail }))
  t.strictSame(
    new Map(Object.entries(decoded.ok ? (decoded.value as Event).detail : {})),
    new Map([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]),
  )
})

t.test('body: a lone surrogate becomes the replacement character', async (t) => {
  const decoded = decodeRecord(encodeRecord({ ...event, detail: { a: 'x\uD800', '\uDC00': '' } }))
  t.strictSame(decoded.ok && decoded.value, { ...event, detail: { a: 'x\uFFFD', '\uFFFD': '' } })
})

t.test('body: nothing is written that would be refused', async (t) => {
  const value: Measurement = {
    ...measurement,
    values: [{ code: 'MDC_TEMP_BODY', value: Number.NaN, unit: 'Cel' }],
  }
  const reason = 'record.values[0].value: expected a finite number, found NaN'
  t.equal(checkRecord(value), reason)
  t.throws(() => encodeRecord(value), new RangeError(reason))
  t.throws(() => encodeRecords([value]), /^body\[0\]\.values/)
  t.throws(() => encodeRecords([]), /list of 1 to 4096/)
  t.throws(
    () => encodeRecords(Array.from({ length: recordsPerPacketMax + 1 }, () => event)),
    /4096/,
  )
  t.equal(checkRecord(measurement), null)
  t.equal(
    checkRecord({ ...event, kind: 'gossip' } as never),
    'record.kind: expected one of measurement, ' +
      'numerics, waveform, event, document, image, rendition, clock, loss, device, ' +
      'patient, visit, order, identity, procedure, ' +
      'found a text of 6 bytes',
  )
})

t.test('body: sizes are bounded', async (t) => {
  const leads = waveform.leads.slice(0, 1)
  const wave = (length: number): Waveform => ({
    ...waveform,
    leads,
    samples: [new Int32Array(length)],
  })
  const room = recordLimitBytes - encodeRecord(wave(70_000)).length + 70_000
  t.equal(encodeRecord(wave(room)).length, recordLimitBytes)
  t.equal(encodeRecords([wave(room)]).length, recordLimitBytes + 1)
  t.match(checkRecord(wave(room + 1)), /record: expected at most 245755 bytes, found 245756/)
  const two = { ...waveform, samples: [new Int32Array(130_000), new Int32Array(130_000)] }
  t.match(checkRecord(two), /record: expected at most 245755 samples, found 260000/)
  t.match(decodeRecord(new Uint8Array(recordLimitBytes + 1)), {
    ok: false,
    reason: /^record: expected at most/,
  })
  t.match(decodeRecords(new Uint8Array(bodyLimitBytes + 1)), {
    ok: false,
    reason: /^body: expected at most/,
  })
  t.match(decodeRecords(new Uint8Array(bodyLimitBytes)), { ok: false, reason: /^body: CBOR/ })
})

t.test('body: every prefix is refused', async (t) => {
  const bytes = encodeRecords(Object.values(sampleRecords))
  const passed = Array.from(bytes.keys()).filter(
    (length) => decodeRecords(bytes.subarray(0, length)).ok,
  )
  t.strictSame(passed, [])
})
