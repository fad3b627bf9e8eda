import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { ecgLead } from '../ecg/recording.ts'
import { beats, ecgOf } from '../ecg/testing.ts'
import { decodeAnnotations, encodeAnnotations } from './annotations.ts'
import { decodeEdfEcg, encodeEdfEcg } from './ecg.ts'
import { decodeEdf, encodeEdf } from './edf.ts'
import { decodeEdfHeader, encodeEdfHeader, type EdfHeader } from './header.ts'

const signal = {
  label: 'ECG II',
  dimension: 'uV',
  physicalMin: -3_200,
  physicalMax: 3_200,
  digitalMin: -320,
  digitalMax: 320,
  samplesPerRecord: 4,
}
const header: EdfHeader = {
  kind: 'interrupted',
  patient: 'MRN-7 X X X',
  recording: 'Startdate 14-FEB-2026 X X Holter_3',
  startedAt: { year: 2026, month: 2, day: 14, hour: 9, minute: 21, second: 3 },
  records: 3,
  secondsPerRecord: 1,
  signals: [signal],
}

function encoded(ecg: Parameters<typeof encodeEdfEcg>[0]): Uint8Array {
  const bytes = encodeEdfEcg(ecg)
  if (!bytes.ok) throw new Error(bytes.reason)
  return bytes.value
}

t.test('edf: an ECG that is written comes back', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -32_000, max: 32_000 }), { minLength: 1, maxLength: 90 }),
      fc.constantFrom(1_000, 2_500, 3_750, 4_880, 183, 5_000),
      (lead, nanovolts) => {
        const samples = [Int32Array.from(lead), Int32Array.from(lead.toReversed())]
        const ecg = ecgOf(samples, { hz: 500, nanovolts, values: [] })
        const device = { maker: null, model: 'EKG-12', serialNumber: null, software: null }
        t.strictSame(decodeEdfEcg(encoded(ecg)), { ok: true, value: { ...ecg, device } })
      },
    ),
    { numRuns: 100 },
  )
  const whole = decodeEdf(encoded(ecgOf(beats(12, 5_000))))
  t.match(whole, { ok: true, value: { header: { records: 10, secondsPerRecord: 1 } } })
})

t.test('edf: steps are written exactly or not at all', async (t) => {
  const samples = [Int32Array.of(1, 2, 3, 4)]
  const of = (more: object) => encodeEdfEcg({ ...ecgOf(samples, { values: [] }), ...more })
  const lead = { ...ecgLead('MDC_ECG_ELEC_POTL_I', 1_234_567.89) }
  const part = { ...ecgOf(samples).parts[0], leads: [lead] }
  t.match(of({ parts: [part] }), { ok: false, reason: /exactly/ })
  t.match(of({ recordedAt: null }), { ok: false, reason: /time/ })
  t.match(of({ parts: [] }), { ok: false, reason: /no rhythm/ })
})

t.test('edf: the header stands where the standard puts it', async (t) => {
  const bytes = encodeEdfHeader(header)
  const at = (from: number, length: number) => latin1Text(bytes.subarray(from, from + length))
  t.equal(bytes.length, 512)
  t.equal(at(0, 8), '0       ')
  t.equal(at(168, 16), '14.02.2609.21.03')
  t.equal(at(184, 8), '512     ')
  t.equal(at(192, 5), 'EDF+D')
  t.equal(at(252, 4), '1   ')
  t.equal(at(256, 16), 'ECG II          ')
  t.strictSame(decodeEdfHeader(bytes), { ok: true, value: header })
  const none = { ...header, startedAt: null }
  t.strictSame(decodeEdfHeader(encodeEdfHeader(none)), { ok: true, value: none })
  for (let end = 0; end < bytes.length; end++) t.notOk(decodeEdfHeader(bytes.subarray(0, end)).ok)
})

/** With bytes put over the header. */
function changed(bytes: Uint8Array, at: number, text: string): Uint8Array {
  const copy = bytes.slice()
  copy.set(latin1Bytes(text), at)
  return copy
}

const samples = [Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)]

t.test('edf: the habits of writers', async (t) => {
  const bytes = encodeEdf(header, samples, [])
  t.match(decodeEdf(changed(bytes, 244, '1,0     ')), { ok: true }, 'a decimal comma')
  t.match(decodeEdf(changed(bytes, 252, '2\0\0\0')), { ok: true }, 'filled with NUL')
  const going = decodeEdf(changed(bytes, 236, '-1      '))
  t.match(going, { ok: true, value: { samples: [samples[0], []], isShortened: false } })
  const cut = decodeEdf(bytes.subarray(0, bytes.length - 3))
  t.match(cut, { ok: true, value: { isShortened: true } })
  if (cut.ok) t.equal(cut.value.samples[0]?.length, 8)
  t.match(decodeEdf(changed(bytes, 168, '14.02.85')), {
    value: { header: { startedAt: { year: 1985 } } },
  })
  t.match(decodeEdf(changed(bytes, 168, 'dd.mm.yy')), { value: { header: { startedAt: null } } })
})

t.test('edf: sizes that cannot be are refused', async (t) => {
  const bytes = encodeEdf(header, samples, [])
  t.match(decodeEdf(changed(bytes, 252, '999 ')), { ok: false, reason: /number of signals/ })
  t.match(decodeEdf(changed(bytes, 252, '99  ')), { ok: false, reason: /cut short/ })
  t.match(decodeEdf(changed(bytes, 236, 'many    ')), { ok: false, reason: /number of records/ })
  t.match(decodeEdf(changed(bytes, 236, '0       ')), { ok: false, reason: /no whole record/ })
  // 16 16, 80 80, 8 8, 8 8 … of two signals
  const digitalMin = 256 + 2 * (16 + 80 + 8 + 8 + 8)
  t.match(decodeEdf(changed(bytes, digitalMin, '900     ')), { ok: false, reason: /signal 1/ })
  const perRecord = digitalMin + 2 * (8 + 8 + 80)
  t.match(decodeEdf(changed(bytes, perRecord, '99999999')), { ok: false, reason: /signal 1/ })
  t.match(decodeEdf(changed(bytes, perRecord, '900000  ')), { ok: false, reason: /no whole/ })
})

t.test('edf: an interruption divides the recording, it is not closed up', async (t) => {
  const bytes = encodeEdf(header, samples, [])
  const text = latin1Text(bytes)
  const later = changed(bytes, text.indexOf('+2\x14'), '+7')
  const ecg = decodeEdfEcg(later)
  t.match(ecg, {
    ok: true,
    value: {
      patientId: 'MRN-7',
      device: { model: 'Holter 3' },
      parts: [{ samples: [Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8)] }, {}],
    },
  })
  if (ecg.ok) t.strictSame(ecg.value.parts[1]?.samples, [Int32Array.of(9, 10, 11, 12)])
})

t.test('edf: what plain EDF says of the patient is no number', async (t) => {
  const plain = decodeEdfEcg(encodeEdf({ ...header, kind: 'edf' }, samples, []))
  t.match(plain, { ok: true, value: { patientId: null, device: { model: null } } })
})

t.test('edf: signals that stand on their head are turned', async (t) => {
  const turned = { ...signal, physicalMin: 3_200, physicalMax: -3_200 }
  const ecg = decodeEdfEcg(encodeEdf({ ...header, signals: [turned] }, samples, []))
  t.match(ecg, {
    ok: true,
    value: {
      parts: [{ leads: [{ lsb: 0.01, zero: 0 }], samples: [samples[0]?.map((one) => -one)] }],
    },
  })
  const shifted = { ...signal, physicalMin: 0, physicalMax: 6_400, dimension: 'mV' }
  t.match(decodeEdfEcg(encodeEdf({ ...header, signals: [shifted] }, samples, [])), {
    value: { parts: [{ leads: [{ lsb: 10, zero: -320 }] }] },
  })
  const flat = { ...signal, physicalMax: -3_200 }
  t.match(decodeEdfEcg(encodeEdf({ ...header, signals: [flat] }, samples, [])), {
    value: { parts: [{ leads: [{ lsb: null, unit: null }] }] },
  })
  const brain = { ...signal, label: 'EEG Fpz-Cz' }
  t.match(decodeEdfEcg(encodeEdf({ ...header, signals: [brain] }, samples, [])), {
    ok: false,
    reason: 'an EDF file without an ECG',
  })
})

t.test('edf: annotations', async (t) => {
  const found = [
    { atSeconds: 2.5, seconds: null, text: 'Spike' },
    { atSeconds: 30, seconds: 0.25, text: 'Ablösung µ' },
  ]
  const bytes = encodeAnnotations(0.394, found)
  t.ok(latin1Text(bytes).startsWith('+0.394\x14\x14\0+2.5\x14Spike\x14\0+30\x150.25\x14'))
  t.strictSame(decodeAnnotations(bytes), { beginsSeconds: 0.394, annotations: found })
  t.strictSame(decodeAnnotations(latin1Bytes('nonsense\x14\x14\0\0\0+1')), {
    beginsSeconds: null,
    annotations: [],
  })
  const file = decodeEdf(encodeEdf(header, samples, found))
  t.match(file, { ok: true, value: { annotations: found, recordsBegin: [0, 1, 2] } })
})

t.test('edf: changed bytes never throw', async (t) => {
  const bytes = encodeEdf(header, samples, [])
  const changed = fc.property(
    fc.nat(bytes.length - 1),
    fc.nat(255),
    (at, byte) => typeof decodeEdfEcg(bytes.with(at, byte)).ok === 'boolean',
  )
  holds(t, 'each is answered', changed, { numRuns: 2_000 })
})
