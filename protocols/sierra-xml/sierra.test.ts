import * as fc from 'fast-check'
import t from 'tap'
import { utf8Bytes } from '../bytes/utf8.ts'
import { base64Bytes, base64Text } from '../ecg-codec/base64.ts'
import { beats, ecgOf } from '../ecg/testing.ts'
import { withoutCalibration } from './calibration.ts'
import { withDerivedLeads, withoutDerivedLeads } from './derived.ts'
import { standardLeads } from '../vocabulary/waves.ts'
import { encodeSierra } from './encode.ts'
import { decodeSierra } from './sierra.ts'
import { decodeXli, encodeXli } from './xli.ts'

function encoded(ecg: Parameters<typeof encodeSierra>[0]): Uint8Array {
  const bytes = encodeSierra(ecg)
  if (!bytes.ok) throw new Error(bytes.reason)
  return bytes.value
}

const lead = fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 1, maxLength: 400 })

t.test('sierra: XLI brings every sample back', async (t) => {
  fc.assert(
    fc.property(fc.array(lead, { minLength: 1, maxLength: 3 }), (leads) => {
      const samples = leads.map((one) => Int32Array.from(one))
      const bytes = encodeXli(samples)
      t.strictSame(bytes && decodeXli(bytes, 3, 400), { ok: true, value: samples })
    }),
    { numRuns: 200 },
  )
  const flat = [new Int32Array(5_500)]
  const bytes = encodeXli(flat)
  t.ok((bytes?.length ?? 0) < 300)
  t.strictSame(bytes && decodeXli(bytes, 1, 5_500), { ok: true, value: flat })
  t.match(bytes && decodeXli(bytes, 1, 5_499), { ok: false }, 'more than it may hold')
  t.equal(encodeXli([Int32Array.of(0, 30_000, -30_000)]), null)
})

t.test('sierra: compressed bytes that make no sense', async (t) => {
  const bytes = encodeXli(beats(2, 300))
  if (bytes === null) throw new Error('not encoded')
  for (let end = 1; end < bytes.length; end++) {
    const read = decodeXli(bytes.subarray(0, end), 2, 300)
    if (read.ok) t.ok(read.value.length < 2, `${end}`)
  }
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.nat(255),
      (at, byte) => typeof decodeXli(bytes.with(at, byte), 2, 300).ok === 'boolean',
    ),
    { numRuns: 2_000 },
  )
})

t.test('sierra: what is written comes back', async (t) => {
  fc.assert(
    fc.property(fc.array(lead, { minLength: 12, maxLength: 12 }), (leads) => {
      const length = Math.min(...leads.map((one) => one.length))
      // A mark of calibration at the end would be taken off.
      const samples = leads.map((one) => Int32Array.from([...one.slice(0, length - 1), 77]))
      const ecg = ecgOf(samples, { nanovolts: 5_000 })
      const found = decodeSierra(encoded(ecg))
      t.match(found, { ok: true, value: { parts: ecg.parts, recordedAt: ecg.recordedAt } })
      if (found.ok) t.strictSame(found.value.parts, ecg.parts)
    }),
    { numRuns: 40 },
  )
  for (const qtcFormula of ['bazett', 'fridericia']) {
    const three = { ...ecgOf(beats(3, 20)), qualifiers: { qtcFormula } }
    t.strictSame(decodeSierra(encoded(three)), { ok: true, value: three })
  }
  t.match(encodeSierra({ ...ecgOf([]), parts: [] }), { ok: false, reason: /no rhythm/ })
})

t.test('sierra: derived leads are what their rule misses', async (t) => {
  const leads = beats(12, 50)
  t.strictSame(withDerivedLeads(withoutDerivedLeads(leads)), leads)
  const [one = new Int32Array(0), two = new Int32Array(0)] = leads
  const sum = (at: number) => (one[at] ?? 0) + (two[at] ?? 0)
  const stored = [one, two, ...standardLeads.slice(2).map(() => new Int32Array(50))]
  const [, , iii, avr] = withDerivedLeads(stored)
  t.strictSame(
    iii,
    one.map((sample, at) => (two[at] ?? 0) - sample),
  )
  t.strictSame(
    avr,
    one.map((_, at) => -Math.trunc(sum(at) / 2)),
  )
})

t.test('sierra: the mark of one millivolt is no ECG', async (t) => {
  const mark = [0, 0, 200, 200, 200, 0, 0]
  const marked = (...signal: readonly number[]) => Int32Array.from([...signal, ...mark])
  t.strictSame(withoutCalibration([marked(1, 2, 3), marked(4, 5, 0)], 200), [
    Int32Array.of(1, 2, 3),
    Int32Array.of(4, 5, 0),
  ])
  const other = [marked(1, 2, 3), Int32Array.from([1, 2, 3, 0, 0, 200, 200, 200, 9, 0])]
  t.equal(withoutCalibration(other, 200), other, 'not in all leads')
  t.strictSame(withoutCalibration([], 200), [])
})

function file(attributes: string, text: string): Uint8Array {
  return utf8Bytes(`<restingecgdata status="Confirmed"><dataacquisition date="2026-02-14"
  time="09:21"><signalcharacteristics><samplingrate>250</samplingrate><resolution>5</resolution>
  <numberchannelsallocated>2</numberchannelsallocated></signalcharacteristics></dataacquisition>
  <interpretations><interpretation><globalmeasurements><heartrate>64</heartrate>
  <qrsfrontaxis>Indeterminate</qrsfrontaxis><qtcf>408</qtcf></globalmeasurements>
  <statement><leftstatement>Sinus rhythm</leftstatement></statement>
  <severity>NORMAL ECG</severity></interpretation></interpretations>
  <waveforms><parsedwaveforms ${attributes}>${text}</parsedwaveforms></waveforms></restingecgdata>`)
}

t.test('sierra: version 1.03, plain numbers, and words of a physician', async (t) => {
  const plain = decodeSierra(file('dataencoding="Plain"', '1 -2 3\n 4 5 6'))
  t.match(plain, {
    ok: true,
    value: {
      parts: [
        {
          rate: { samples: 250, perMs: 1_000 },
          samples: [Int32Array.of(1, -2, 3), Int32Array.of(4, 5, 6)],
        },
      ],
      recordedAt: { minute: 21, second: null },
      values: [{ value: 64 }, { code: 'MDC_ECG_TIME_PD_QTc', value: 408 }],
      qualifiers: { qtcFormula: 'fridericia' },
      statements: { texts: ['Sinus rhythm', 'NORMAL ECG'], isConfirmed: true },
    },
  })
  const words = base64Text(Uint8Array.of(1, 0, 0xfe, 0xff))
  t.match(decodeSierra(file('dataencoding="Base64"', words)), {
    value: { parts: [{ samples: [Int32Array.of(1), Int32Array.of(-2)] }] },
  })
})

t.test('sierra: what makes no sense is refused with a reason', async (t) => {
  const refused: readonly (readonly [Uint8Array, RegExp])[] = [
    [file('dataencoding="Plain"', '1 2 3'), /do not fill/],
    [file('dataencoding="Plain"', '1 x'), /do not fill/],
    [file('dataencoding="Hex"', '00'), /unknown encoding/],
    [file('dataencoding="Base64" compression="XLI"', 'AAAA'), /fewer leads/],
    [file('dataencoding="Base64" compression="XLI"', '/////wEAAAA='), /cut short/],
    [file('dataencoding="Plain" samplespersecond="0"', '1 2'), /sampling rate/],
    [file('dataencoding="Plain" resolution="none"', '1 2'), /resolution/],
    [file('dataencoding="Plain" numberofleads="500"', '1 2'), /number of leads/],
    [file('dataencoding="Plain" leadlabels="I"', '1 2'), /without a name/],
    [utf8Bytes('<restingecgdata/>'), /no waveforms/],
    [utf8Bytes('<other/>'), /no Philips/],
  ]
  for (const [bytes, reason] of refused) t.match(decodeSierra(bytes), { ok: false, reason })
})

t.test('base64: there and back', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      t.equal(base64Text(bytes), Buffer.from(bytes).toString('base64'))
      t.strictSame(base64Bytes(base64Text(bytes)), bytes)
    }),
  )
})
