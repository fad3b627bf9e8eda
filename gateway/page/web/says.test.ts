import t from 'tap'
import type { Says } from '../wire.ts'
import { authorityName, eventName, linesOf, notesOf, waveName } from './says.ts'
import { nameOf, readingsOf, unitName } from './terms.ts'
import { sayIn } from './words.ts'

const sys = { code: 'MDC_PRESS_BLD_NONINV_SYS', value: 128, unit: 'mm[Hg]' }
const dia = { code: 'MDC_PRESS_BLD_NONINV_DIA', value: 82, unit: 'mm[Hg]' }
const map = { code: 'MDC_PRESS_BLD_NONINV_MEAN', value: 97, unit: 'mm[Hg]' }
const pulse = { code: 'MDC_PULS_RATE_NON_INV', value: 71, unit: '/min' }

const texts = (says: Says, language: 'id' | 'en' = 'id') =>
  linesOf(says, sayIn(language), language).map(({ term, text }) => `${term}|${text}`)

t.test('terms: a blood pressure is one reading, in whatever order it comes', async (t) => {
  for (const values of [
    [sys, dia, map, pulse],
    [map, dia, pulse, sys],
  ]) {
    const readings = readingsOf(values, 'id')
    t.strictSame(new Set(readings.map((one) => one.text)), new Set(['128/82', '71']))
    const pressure = readings.find((one) => one.text === '128/82')
    t.match(pressure, { term: 'Tekanan darah', unit: 'mmHg', aside: 'MAP 97' })
    t.strictSame(new Set(pressure?.partners), new Set([dia.code, map.code]))
  }
})

t.test('terms: half a blood pressure shows the half that is there', async (t) => {
  t.match(readingsOf([{ ...sys, value: null }, dia], 'en'), [{ text: '–/82' }])
  t.match(
    readingsOf(
      [
        { ...sys, value: null },
        { ...dia, value: null },
      ],
      'en',
    ),
    [{ text: null }],
  )
  t.match(readingsOf([dia], 'en'), [{ term: 'Diastolic pressure', text: '82' }])
  t.match(readingsOf([sys, dia, { ...map, value: null }], 'en'), [{ aside: null }])
})

t.test('terms: what nobody named is shown as it is', async (t) => {
  t.equal(nameOf('MDC_FOO_BAR', 'id'), 'FOO BAR')
  t.equal(nameOf('LOINC_99999-9', 'id'), '99999-9')
  t.equal(nameOf('MDC_ECG_ELEC_POTL_AVR', 'id'), 'aVR')
  t.equal(unitName('mm[Hg]', 'id'), 'mmHg')
  t.equal(unitName('/min', 'id'), 'x/menit')
  t.equal(unitName('{beats}/h', 'id'), '/h')
})

t.test('says: numbers with their unit, in the language of the page', async (t) => {
  const says: Says = {
    kind: 'measurement',
    values: [{ code: 'MDC_TEMP_BODY', value: 36.7, unit: 'Cel' }, sys, dia, map],
    qualifiers: {},
  }
  t.strictSame(texts(says), ['Suhu tubuh|36,7 °C', 'Tekanan darah|128/82 mmHg (MAP 97)'])
  t.strictSame(texts(says, 'en'), ['Temperature|36.7 °C', 'Blood pressure|128/82 mmHg (MAP 97)'])
})

t.test('says: an absent value is no 0, and beyond the meter is HI or LO', async (t) => {
  const glucose = { code: 'MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD', value: null, unit: 'mg/dL' }
  const says = (qualifiers: { readonly [name: string]: string }): Says => ({
    kind: 'measurement',
    values: [glucose],
    qualifiers,
  })
  t.strictSame(texts(says({})), ['Gula darah|tanpa nilai'])
  t.strictSame(texts(says({ beyond: 'above', fasting: 'yes' })), ['Gula darah|HI'])
  t.strictSame(texts(says({ beyond: 'below' })), ['Gula darah|LO'])
  t.strictSame(notesOf(says({ beyond: 'above', fasting: 'yes' }), sayIn('id'), 'id'), [
    'puasa',
    'di atas batas alat',
  ])
})

t.test('says: a result in words is shown as the device says it', async (t) => {
  const says: Says = {
    kind: 'measurement',
    values: [
      { code: 'LOCAL_genexpert_MTB', value: null, unit: '1', text: 'NOT DETECTED' },
      { code: 'LOCAL_afinion_CRP', value: null, unit: 'mg/L', text: '<5.0' },
    ],
    qualifiers: {},
    specimenId: 'S-0417',
  }
  t.strictSame(texts(says), ['MTB|NOT DETECTED', 'CRP|<5.0 mg/L'])
  t.strictSame(notesOf(says, sayIn('id'), 'id'), ['sampel S-0417'])
})

t.test('says: what an analyser says of its own result', async (t) => {
  t.strictSame(notes({ control: 'yes', doubtful: 'A=W', alerts: 'Anemia', errors: '5006' }), [
    'kontrol mutu, bukan pasien',
    'alat meragukan hasil ini',
    'Anemia',
    'kode galat 5006',
  ])
})

const notes = (qualifiers: { readonly [name: string]: string }) =>
  notesOf({ kind: 'measurement', values: [], qualifiers }, sayIn('id'), 'id')

t.test('says: what a person should know beside the number', async (t) => {
  t.strictSame(notes({ first: '72.4', second: '73', differ: 'MDC_MASS_BODY_ACTUAL' }), [
    'diukur 2 kali: 72,4 dan 73',
    'selisih terlalu besar',
  ])
  t.strictSame(notes({ implausible: 'MDC_TEMP_BODY' }), ['di luar rentang lazim'])
  t.strictSame(notes({ irregularPulses: '03', bodyMovement: '0' }), ['denyut tidak teratur'])
  t.strictSame(notes({ format: 'ra', gain: '1', probe: '2' }), ['probe 2'])
})

t.test('says: waves, files and the van itself', async (t) => {
  const wave = { kind: 'waveform', wave: 'ecg', durationMs: 12_000 } as const
  t.strictSame(texts({ ...wave, leads: ['a', 'b'] }), ['EKG, 2 sadapan, 12 dtk|'])
  t.strictSame(texts({ ...wave, leads: ['a'] }, 'en'), ['ECG, 12 s|'])
  t.strictSame(texts({ kind: 'image', modality: null, sizeBytes: 5_000_000, flags: [] }), [
    'Gambar DICOM, 5,0 MB|',
  ])
  t.strictSame(texts({ kind: 'document', title: 'ecg.pdf', sizeBytes: 12 }), [
    'Berkas ecg.pdf, 12 B|',
  ])
  t.strictSame(texts({ kind: 'loss', stream: 'bp-1/measurement', count: 3 }, 'en'), [
    '3 packets of bp-1/measurement lost and declared|',
  ])
  t.strictSame(texts({ kind: 'clock', authority: 'ntp', uncertaintyMs: 40 }), [
    'Jam diperbaiki: waktu dari jaringan (NTP), ± 40 ms|',
  ])
  t.strictSame(texts({ kind: 'clock', authority: 'broker', uncertaintyMs: 140 }, 'en'), [
    'Clock corrected: time from the hospital, ± 140 ms|',
  ])
  t.equal(authorityName('broker', sayIn('id')), 'waktu dari rumah sakit')
  t.equal(authorityName('sundial', sayIn('id')), 'sundial')
  t.equal(authorityName('constructor', sayIn('id')), 'constructor')
  t.strictSame(texts({ kind: 'device', label: 'A&D', serialNumber: null }), ['Alat dipasang: A&D|'])
})

t.test('says: events have a name, a beginning and an end', async (t) => {
  const event = { kind: 'event', code: 'lead-off', level: 'info' } as const
  t.strictSame(texts({ ...event, active: true }), ['Elektroda lepas: mulai|'])
  t.strictSame(texts({ ...event, active: false }, 'en'), ['Electrode off: ends|'])
  t.strictSame(texts({ ...event, active: null }), ['Elektroda lepas|'])
  t.equal(eventName('never-heard-of', sayIn('id')), 'never heard of')
  t.equal(eventName('constructor', sayIn('id')), 'constructor')
  t.equal(eventName('temperature-2-off', sayIn('id')), 'Probe suhu 2 lepas')
  t.equal(waveName('co2', sayIn('id')), 'co2')
})

t.test(
  'says: a result in words is shown in the language of the page, without a unit',
  async (t) => {
    const says: Says = {
      kind: 'measurement',
      values: [
        { code: 'MDC_CONC_PROTEIN_URINE', value: null, unit: '1', text: '2+' },
        { code: 'LOINC_72155-5', value: null, unit: '1', text: 'cephalic' },
        { code: 'LOINC_99999-9', value: null, unit: '1', text: 'NOT DETECTED' },
      ],
      qualifiers: {},
    }
    t.strictSame(texts(says), [
      'Protein urin|2+',
      'Presentasi janin|kepala',
      '99999-9|NOT DETECTED',
    ])
    t.match(texts(says, 'en'), ['Urine protein|2+', 'Fetal presentation|head'])
  },
)

t.test('says: what a person said beside what was typed', async (t) => {
  const notes = (qualifiers: { readonly [name: string]: string }) =>
    notesOf({ kind: 'measurement', values: [], qualifiers }, sayIn('id'), 'id')
  t.strictSame(notes({ meal: 'after-2h', stripLot: 'GK21-07', photo: 'f'.repeat(64) }), [
    '2 jam sesudah makan',
    'lot GK21-07',
    'ada fotonya',
  ])
  t.strictSame(notes({ meal: 'unheard-of', arm: 'left', posture: 'sitting' }), [
    'lengan kiri',
    'duduk',
  ])
  t.strictSame(notes({ oxygen: 'given' }), ['dengan oksigen'])
  t.strictSame(notes({ oedema: 'none' }), [])
  t.strictSame(notes({ oedema: '2+' }), ['edema 2+'])
  t.strictSame(notes({ confirmed: 'MDC_TEMP_BODY', implausible: 'MDC_TEMP_BODY' }), [
    'dipastikan petugas',
    'di luar rentang lazim',
  ])
})

t.test('says: a photo of the display has its name in both languages', async (t) => {
  const says: Says = { kind: 'document', title: 'Photo of the display', sizeBytes: 200_000 }
  t.match(texts(says), [/Foto hasil/])
  t.match(texts(says, 'en'), [/Photo of the result/])
})
