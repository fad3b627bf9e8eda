import * as fc from 'fast-check'
import t from 'tap'
import { utf8Bytes } from '../bytes/utf8.ts'
import { beats, ecgOf } from '../ecg/testing.ts'
import { decodeAecg } from './decode.ts'
import { encodeAecg } from './encode.ts'

const uuids = {
  document: '61d1a24f-b47e-41aa-ae95-f8ac302f4eeb',
  series: 'dd7b629e-9be1-4686-a1bf-7896e16e2d46',
}

function encoded(ecg: Parameters<typeof encodeAecg>[0]): Uint8Array {
  const bytes = encodeAecg(ecg, uuids)
  if (!bytes.ok) throw new Error(bytes.reason)
  return bytes.value
}

t.test('aecg: what is written comes back', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), { minLength: 1 }),
      fc.constantFrom(100, 240, 500, 600, 1_000),
      fc.constantFrom(1_000, 2_500, 3_750, 4_880, 183),
      (lead, hz, nanovolts) => {
        const samples = [Int32Array.from(lead), Int32Array.from(lead.toReversed())]
        const ecg = { ...ecgOf(samples, { hz, nanovolts }), recordId: uuids.document }
        t.strictSame(decodeAecg(encoded(ecg)), { ok: true, value: ecg })
      },
    ),
    { numRuns: 60 },
  )
  const odd = ecgOf(beats(1, 40))
  const device = { maker: 'A & B', model: '<12>', serialNumber: '"7"', software: null }
  t.match(decodeAecg(encoded({ ...odd, device })), { ok: true, value: { device } })
  t.match(encodeAecg({ ...odd, recordedAt: null }, uuids), { ok: false, reason: /time/ })
})

const time = (unit = 's', step = '0.002') =>
  `<component><sequence><code code="TIME_RELATIVE"/><value xsi:type="GLIST_PQ">
  <head value="0" unit="${unit}"/><increment value="${step}" unit="${unit}"/></value></sequence></component>`

const lead = (name: string, digits: string, more = '<scale value="5" unit="uV"/>') =>
  `<component><sequence><code code="${name}"/><value xsi:type="SLIST_PQ">${more}
  <digits>${digits}</digits></value></sequence></component>`

function file(...sequences: readonly string[]): Uint8Array {
  return utf8Bytes(`<h:AnnotatedECG xmlns:h="urn:hl7-org:v3" xmlns="urn:hl7-org:v3"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><series>
  <effectiveTime><center value="20260214"/></effectiveTime>
  <component><sequenceSet>${sequences.join('')}</sequenceSet></component>
  <subjectOf><annotationSet><component><annotation><code code="MDC_ECG_BEAT"/><component>
  <annotation><code code="MDC_ECG_TIME_PD_QT"/><value value="0.38" unit="s"/></annotation>
  </component><component><annotation><code code="MDC_ECG_TIME_PD_PR"/><value value="." unit="ms"/>
  </annotation></component><component><annotation><code code="MDC_ECG_HEART_RATE"/>
  <value value="66" unit="bpm"/></annotation></component></annotation></component>
  <component><annotation><code code="MDC_ECG_INTERPRETATION_STATEMENT"/>
  <value>Sinus rhythm</value></annotation></component></annotationSet></subjectOf>
  </series></component></h:AnnotatedECG>`)
}

t.test('aecg: a prefix, other units, an origin, and beats that hold the numbers', async (t) => {
  const read = decodeAecg(
    file(
      time('ms', '2'),
      lead('MDC_ECG_LEAD_AVF', ' 1\n2 -3 '),
      lead(
        'MDC_ECG_LEAD_V3R',
        '0 0 7',
        '<origin value="1" unit="mV"/><scale value="5" unit="uV"/>',
      ),
      lead('MDC_ECG_LEAD_I', '4 4 4', ''),
      lead('MDC_RESP', 'no number'),
    ),
  )
  t.strictSame(read, {
    ok: true,
    value: {
      parts: [
        {
          kind: 'rhythm',
          rate: { samples: 500, perMs: 1_000 },
          leads: [
            { code: 'MDC_ECG_ELEC_POTL_AVF', unit: 'mV', lsb: 0.005, zero: 0 },
            { code: 'MDC_ECG_ELEC_POTL_V3R', unit: 'mV', lsb: 0.005, zero: -200 },
            { code: 'MDC_ECG_ELEC_POTL_I', unit: null, lsb: null, zero: 0 },
          ],
          samples: [Int32Array.of(1, 2, -3), Int32Array.of(0, 0, 7), Int32Array.of(4, 4, 4)],
        },
      ],
      recordedAt: null,
      patientId: null,
      device: { maker: null, model: null, serialNumber: null, software: null },
      values: [
        { code: 'MDC_ECG_HEART_RATE', value: 66, unit: '/min' },
        { code: 'MDC_ECG_TIME_PD_QT_GL', value: 380, unit: 'ms' },
      ],
      qualifiers: {},
      statements: { texts: ['Sinus rhythm'], isConfirmed: false },
      recordId: null,
      remarks: [],
    },
  })
})

t.test('aecg: what makes no sense is refused with a reason', async (t) => {
  const refused: readonly (readonly [Uint8Array, RegExp])[] = [
    [file(lead('MDC_ECG_LEAD_I', '1')), /without a time/],
    [file(time()), /without samples/],
    [file(time(), lead('MDC_ECG_LEAD_I', '1 2.5')), /whole numbers/],
    [file(time(), lead('MDC_ECG_LEAD_I', '1 99999999999')), /whole numbers/],
    [file(time(), lead('MDC_ECG_LEAD_I', '1 2'), lead('MDC_ECG_LEAD_II', '1')), /lengths/],
    [file(time('s', '0'), lead('MDC_ECG_LEAD_I', '1')), /without a time/],
    [file(...Array.from({ length: 66 }, () => lead('MDC_ECG_LEAD_I', '1'))), /too many/],
    [utf8Bytes('<AnnotatedECG xmlns="urn:hl7-org:v3"/>'), /without a sequence set/],
    [utf8Bytes('<AnnotatedECG/>'), /no HL7 aECG/],
  ]
  for (const [bytes, reason] of refused) t.match(decodeAecg(bytes), { ok: false, reason })
})
