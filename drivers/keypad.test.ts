import * as fc from 'fast-check'
import t from 'tap'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { isPlausible } from '../protocols/vocabulary/lookup.ts'
import type { Said } from './driver.ts'
import { daysFrom, readDate } from './keypad/date.ts'
import type { FormField } from './keypad/fields.ts'
import { forms } from './keypad/forms.ts'
import { isTooFar, meanOf, readNumber } from './keypad/number.ts'
import { readForm, type FormRead, type Texts } from './keypad/read.ts'
import { wordsOf } from './keypad/words.ts'
import { encodeEntry, keypad } from './keypad.ts'

function read(form: string, texts: Texts, confirmed: readonly string[] = []): FormRead {
  return readForm({ form, texts, confirmed, photo: null, today: '2026-11-24' })
}

/** What was found; with a question mark when the person is only asked. */
function codes(answer: FormRead): readonly string[] {
  if (answer.kind === 'said') return []
  const mark = answer.kind === 'asks' ? '?' : ''
  return answer.findings.map(({ field, code }) => `${field}: ${code}${mark}`)
}

function saidOf(answer: FormRead): readonly Said[] {
  if (answer.kind !== 'said') throw new Error(codes(answer).join(', '))
  return answer.said
}

const oneDecimal = { decimals: 1, beyond: false }

t.test('keypad: comma and point both are the decimal sign', async (t) => {
  t.strictSame(readNumber('36,7', oneDecimal), { kind: 'number', value: 36.7 })
  t.strictSame(readNumber(' 36.7 ', oneDecimal), { kind: 'number', value: 36.7 })
  t.strictSame(readNumber('-0,5', oneDecimal), { kind: 'number', value: -0.5 })
  t.strictSame(readNumber('37', oneDecimal), { kind: 'number', value: 37 })
  t.strictSame(readNumber('', oneDecimal), { kind: 'empty' })
})

t.test('keypad: what may be thousands is refused with a question', async (t) => {
  for (const text of ['1.000', '12,000', '1.000,5', '1.234.567', '12 000', '1,000.5']) {
    t.strictSame(readNumber(text, oneDecimal), { kind: 'wrong', code: 'thousands' }, text)
  }
  t.strictSame(
    readNumber('1,015', { decimals: 3, beyond: false }),
    { kind: 'number', value: 1.015 },
    'a specific gravity has three decimals',
  )
  t.strictSame(readNumber('0,125', oneDecimal), { kind: 'wrong', code: 'too-many-decimals' })
  t.match(wordsOf('thousands'), { en: /for thousands\?/, id: /ribuan\?/ })
})

t.test('keypad: what is no number is said, not mended', async (t) => {
  for (const text of ['1e2', '0x10', '12 0', '1,2,3', '.5', '5.', '--5', 'HI', '١٢', '123456']) {
    t.strictSame(readNumber(text, oneDecimal), { kind: 'wrong', code: 'not-a-number' }, text)
  }
})

t.test('keypad: HI and LO are results where a meter says them', async (t) => {
  const meter = { decimals: 0, beyond: true }
  t.strictSame(readNumber('hi', meter), { kind: 'beyond', beyond: 'above' })
  t.strictSame(readNumber('LO', meter), { kind: 'beyond', beyond: 'below' })
  t.match(saidOf(read('point-of-care', { glucose: 'lo', 'glucose-timing': 'fasting' })), [
    { values: [{ value: null }], qualifiers: { meal: 'fasting', beyond: 'below' } },
  ])
})

t.test('keypad: two numbers, their difference and their mean, whatever binary says', async (t) => {
  t.equal(isTooFar(72.4, 72.5, { decimals: 2, tolerance: 0.1 }), false, 'exactly the tolerance')
  t.equal(isTooFar(72.4, 72.51, { decimals: 2, tolerance: 0.1 }), true)
  t.equal(meanOf(72.5, 72.4, 2), 72.45)
  t.equal(meanOf(0.1, 0.2, 1), 0.15)
})

t.test('keypad: nothing is filled in, corrected or rounded', async (t) => {
  t.strictSame(codes(read('vital-signs', {})), [': nothing-typed'])
  t.strictSame(codes(read('vital-signs', { temperature: '  ' })), [': nothing-typed'])
  t.strictSame(codes(read('blood-pressure', { systolic: '120' })), ['diastolic: missing'])
  t.strictSame(codes(read('blood-pressure', {})), ['systolic: missing', 'diastolic: missing'])
  t.strictSame(codes(read('vital-signs', { diastolic: '80' })), ['systolic: missing'])
  const wrong = { pulse: 'abc', respiration: '16.5', temperature: '36,75', saturation: '1.000' }
  t.strictSame(codes(read('vital-signs', wrong)), [
    'pulse: not-a-number',
    'respiration: no-decimals',
    'temperature: too-many-decimals',
    'saturation: thousands',
  ])
  t.strictSame(codes(read('vital-signs', { pressure: '1' })), [': unknown-field'])
  t.strictSame(codes(read('nothing', {})), [': unknown-form'])
  t.strictSame(codes(read('blood-pressure', { systolic: '80', diastolic: '80' })), [
    'diastolic: not-below',
  ])
})

t.test('keypad: an implausible value is asked about, and kept when it is confirmed', async (t) => {
  const texts = { temperature: '52,0', saturation: '98' }
  t.strictSame(codes(read('vital-signs', texts)), ['temperature: implausible?'])
  t.strictSame(codes(read('vital-signs', texts, ['saturation'])), ['temperature: implausible?'])
  const [warm, breath] = saidOf(read('vital-signs', texts, ['temperature']))
  t.strictSame(warm, {
    kind: 'measurement',
    values: [{ code: 'MDC_TEMP_BODY', value: 52, unit: 'Cel' }],
    qualifiers: { confirmed: 'MDC_TEMP_BODY', implausible: 'MDC_TEMP_BODY' },
  })
  t.strictSame(breath, {
    kind: 'measurement',
    values: [{ code: 'MDC_PULS_OXIM_SAT_O2', value: 98, unit: '%' }],
  })
})

function weights(first: string, second: string, confirmed: readonly string[] = []): FormRead {
  return read('anthropometry', { weight: first, 'weight-again': second }, confirmed)
}

t.test('keypad: the second measurement must be there, and near the first', async (t) => {
  t.strictSame(codes(read('anthropometry', { weight: '12.4' })), ['weight-again: missing'])
  t.strictSame(codes(read('anthropometry', { 'weight-again': '12.4' })), ['weight: missing'])
  t.strictSame(codes(weights('12', 'x')), ['weight-again: not-a-number'])
  t.strictSame(codes(weights('72.51', '72.4')), ['weight-again: differ?'])
  t.match(saidOf(weights('72.5', '72.4')), [
    { values: [{ value: 72.45 }], qualifiers: { first: '72.5', second: '72.4' } },
  ])
  t.match(saidOf(weights('72.51', '72.4', ['weight-again'])), [
    { qualifiers: { differ: 'MDC_MASS_BODY_ACTUAL', confirmed: 'MDC_MASS_BODY_ACTUAL' } },
  ])
  t.strictSame(codes(weights('350', '350')), ['weight: implausible?', 'weight-again: implausible?'])
})

t.test('keypad: the largest difference is the one of the field', async (t) => {
  const tolerances = forms
    .flatMap(({ fields }) => fields)
    .flatMap((field) =>
      field.kind === 'number' && field.repeats !== null
        ? [[field.repeats.field, field.repeats.tolerance]]
        : [],
    )
  t.strictSame(Object.fromEntries(tolerances), {
    weight: 0.1,
    height: 0.7,
    length: 0.7,
    head: 0.5,
    'upper-arm': 0.5,
    waist: 1,
  })
})

t.test('keypad: a glucose says when it was taken, and each strip its lot', async (t) => {
  t.strictSame(codes(read('point-of-care', { glucose: '104' })), ['glucose-timing: not-chosen'])
  t.strictSame(codes(read('point-of-care', { 'glucose-timing': 'casual' })), ['glucose: missing'])
  t.strictSame(codes(read('point-of-care', { glucose: '104', 'glucose-timing': 'noon' })), [
    'glucose-timing: not-a-choice',
  ])
  const texts = {
    glucose: '104',
    'glucose-timing': 'after-2h',
    'glucose-lot': ' GK21-07 ',
    'uric-acid': '6,8',
  }
  t.strictSame(saidOf(read('point-of-care', texts)), [
    {
      kind: 'measurement',
      values: [{ code: 'MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD', value: 104, unit: 'mg/dL' }],
      qualifiers: { meal: 'after-2h', stripLot: 'GK21-07' },
    },
    { kind: 'measurement', values: [{ code: 'LOINC_3084-1', value: 6.8, unit: 'mg/dL' }] },
  ])
})

t.test('keypad: a label is a label, and no number of a person', async (t) => {
  const lot = (text: string) =>
    codes(read('point-of-care', { haemoglobin: '11', 'haemoglobin-lot': text }))
  for (const text of ['A12', '21/07', 'LOT 4-B', 'é9']) t.strictSame(lot(text), [], text)
  for (const text of ['<b>', '\u0007', '=1+1', 'x'.repeat(25)]) {
    t.strictSame(lot(text), ['haemoglobin-lot: not-a-label'], text)
  }
  t.strictSame(lot('3602995708909999'), ['haemoglobin-lot: looks-like-identity'])
})

t.test('keypad: what is found in words has no number', async (t) => {
  const texts = { 'urine-protein': '2+', 'urine-nitrite': 'negative', 'urine-gravity': '1,015' }
  t.strictSame(saidOf(read('urine', texts)), [
    {
      kind: 'measurement',
      values: [
        { code: 'MDC_CONC_NITRITE_URINE', value: null, unit: '1', text: 'negative' },
        { code: 'MDC_CONC_PROTEIN_URINE', value: null, unit: '1', text: '2+' },
        { code: 'MDC_SPEC_GRAV_URINE', value: 1.015, unit: '1' },
      ],
    },
  ])
  t.strictSame(codes(read('urine', { 'urine-lot': 'U1' })), ['urine-lot: alone'])
  t.strictSame(codes(read('urine', { 'urine-gravity': '1015' })), ['urine-gravity: implausible?'])
})

t.test('keypad: an antenatal visit is several acts of measuring', async (t) => {
  const texts = {
    'gestational-age': '28',
    gravida: '2',
    para: '1',
    'mother-upper-arm': '23,5',
    presentation: 'cephalic',
    'fetal-heart-rate': '144',
    'fetal-heart-device': 'doppler',
  }
  t.match(saidOf(read('pregnancy', texts)), [
    { values: [{ code: 'LOINC_18185-9', value: 28, unit: 'wk' }] },
    {
      values: [
        { code: 'LOINC_11996-6', value: 2 },
        { code: 'LOINC_11977-6', value: 1 },
      ],
    },
    { values: [{ code: 'LOINC_56072-2', value: 23.5 }] },
    { values: [{ code: 'LOINC_72155-5', value: null, text: 'cephalic' }] },
    { values: [{ code: 'LOINC_55283-6', value: 144 }], qualifiers: { method: 'doppler' } },
  ])
})

t.test('keypad: a day is typed as day, month and year, and never guessed', async (t) => {
  t.strictSame(readDate('12-04-2026'), { kind: 'date', iso: '2026-04-12' })
  t.strictSame(readDate('1/4/2026'), { kind: 'date', iso: '2026-04-01' })
  t.strictSame(readDate('12042026'), { kind: 'date', iso: '2026-04-12' })
  t.strictSame(readDate('29.02.2024'), { kind: 'date', iso: '2024-02-29' })
  t.strictSame(readDate(' '), { kind: 'empty' })
  const wrong = ['29-02-2026', '31-04-2026', '04-13-2026', '00-01-2026', '12-04-26', '2026-04-12']
  for (const text of [...wrong, '12', '12-04', 'x', '120420266']) {
    t.strictSame(readDate(text), { kind: 'wrong', code: 'not-a-date' }, text)
  }
})

t.test('keypad: days are counted over months, years and leap days', async (t) => {
  t.equal(daysFrom('2026-11-24', '2026-11-24'), 0)
  t.equal(daysFrom('2026-02-28', '2026-03-01'), 1)
  t.equal(daysFrom('2024-02-28', '2024-03-01'), 2)
  t.equal(daysFrom('2025-12-31', '2026-01-01'), 1)
  t.equal(daysFrom('2026-11-24', '2026-11-23'), -1)
  t.equal(daysFrom('1999-12-31', '2026-11-24'), 9_825)
})

t.test('keypad: a last period ahead or long ago is asked about', async (t) => {
  const of = (text: string, confirmed: readonly string[] = []) =>
    read('pregnancy', { 'last-period': text }, confirmed)
  t.strictSame(saidOf(of('12-05-2026')), [
    {
      kind: 'measurement',
      values: [{ code: 'LOINC_8665-2', value: null, unit: '1', text: '2026-05-12' }],
    },
  ])
  t.strictSame(codes(of('12-05-2027')), ['last-period: date-ahead?'])
  t.strictSame(codes(of('12-05-2025')), ['last-period: date-long-ago?'])
  t.strictSame(codes(of('25-11-2026')), [], 'it is tomorrow already, further east')
  t.match(saidOf(of('12-05-2027', ['last-period'])), [
    { qualifiers: { confirmed: 'LOINC_8665-2', implausible: 'LOINC_8665-2' } },
  ])
  const undated = { form: 'pregnancy', confirmed: [], photo: null, today: null }
  t.equal(readForm({ ...undated, texts: { 'last-period': '12-05-2027' } }).kind, 'said')
})

t.test('keypad: a refrigerator is said with its place', async (t) => {
  t.strictSame(codes(read('cold-chain', { 'storage-temperature': '4,6' })), ['store: not-chosen'])
  t.strictSame(codes(read('cold-chain', { store: 'freezer' })), ['storage-temperature: missing'])
  const texts = { 'storage-temperature': '-18', store: 'freezer', 'store-label': 'TCW 2' }
  t.match(saidOf(read('cold-chain', texts)), [
    { values: [{ value: -18 }], qualifiers: { store: 'freezer', label: 'TCW 2' } },
  ])
})

t.test('keypad: every measurement of an entry names the photo of what was read', async (t) => {
  const photo = 'a'.repeat(64)
  const texts = { temperature: '36,7', saturation: '98' }
  const said = saidOf(readForm({ form: 'vital-signs', texts, confirmed: [], photo, today: null }))
  t.match(said, [{ qualifiers: { photo } }, { qualifiers: { photo } }])
})

t.test('keypad: speaks both languages, with comma and with point', async (t) => {
  t.strictSame(wordsOf('differ', { tolerance: 0.7, unit: { en: 'cm', id: 'sm' } }), {
    en: 'More than 0.7 cm from the first. Better measure again.',
    id: 'Selisih lebih dari 0,7 sm. Sebaiknya ukur ulang.',
  })
  t.match(wordsOf('too-many-decimals').en, /\{decimals\}/, 'what is not given stays as it is')
})

const numbers = forms.flatMap((form) =>
  form.fields.flatMap((field) => (field.kind === 'number' ? [{ form, field }] : [])),
)

/** A plausible number of a field as a person writes it, and what it is. */
const written = fc.constantFrom(...numbers).chain(({ form, field }) => {
  const steps = 10 ** field.decimals
  const { low, high } = field.plausible
  return fc
    .record({
      step: fc.integer({ min: Math.ceil(low * steps), max: Math.floor(high * steps) }),
      sign: fc.constantFrom('.', ','),
    })
    .map(({ step, sign }) => {
      const text = (step / steps).toFixed(field.decimals).replace('.', sign)
      return { form, field, text, value: step / steps }
    })
})

t.test('keypad: what is said is what was typed, to the last digit', async () => {
  fc.assert(
    fc.property(written, ({ form, field, text, value }) => {
      const filled: { [name: string]: string } = { [field.name]: text }
      // What makes sense only with others gets the same number, or a word.
      for (const other of form.fields) {
        const isNeeded = other.name === field.needs || (other.required && other.detailOf === null)
        const isAsked = other.required && other.detailOf === field.name
        if (other.name in filled || !(isNeeded || isAsked)) continue
        filled[other.name] = other.kind === 'choice' ? (other.choices[0]?.value ?? '') : text
      }
      const answer = read(form.id, filled, Object.keys(filled))
      if (answer.kind !== 'said') return codes(answer).every((code) => /not-below/.test(code))
      const values = answer.said.flatMap((said) => ('values' in said ? said.values : []))
      return values.some((one) => one.code === field.term.code && one.value === value)
    }),
    { numRuns: 2_000 },
  )
})

/** With a point, and without zeros before the number or a sign before nothing. */
function plainOf(typed: string): string {
  const pointed = typed.trim().replace(',', '.')
  return pointed.replace(/^(-?)0+(?=\d)/, '$1').replace(/^-(?=[0.]*$)/, '')
}

t.test('keypad: no text makes it throw, and none becomes another number', async () => {
  const anyText = fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[-0-9.,HILO ]{0,9}$/))
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 3 }), (typed, decimals) => {
      const found = readNumber(typed, { decimals, beyond: true })
      if (found.kind !== 'number') return true
      const digits = /[.,](\d+)/.exec(typed)?.[1]?.length ?? 0
      return found.value.toFixed(digits).replace(/^-(?=[0.]*$)/, '') === plainOf(typed)
    }),
    { numRuns: 5_000 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...forms),
      fc.array(anyText, { maxLength: 30 }),
      fc.boolean(),
      (form, typed, isConfirmed) => {
        const filled = Object.fromEntries(
          form.fields.map(({ name }, at) => [name, typed[at % Math.max(1, typed.length)] ?? '']),
        )
        const answer = read(form.id, filled, isConfirmed ? Object.keys(filled) : [])
        return ['said', 'asks', 'refused'].includes(answer.kind)
      },
    ),
    { numRuns: 2_000 },
  )
})

function othersOf(field: FormField): readonly string[] {
  const { needs, detailOf } = field
  const numbers = field.kind === 'number' ? [field.below, field.repeats?.field ?? null] : []
  return [needs, detailOf, ...numbers].filter((one) => one !== null)
}

t.test('keypad: the forms are in order', async (t) => {
  t.strictSame(new Set(forms.map(({ id }) => id)).size, forms.length)
  for (const form of forms) {
    const names = form.fields.map(({ name }) => name)
    t.strictSame(new Set(names).size, names.length, form.id)
    for (const field of form.fields) {
      const where = `${form.id} ${field.name}`
      t.ok(field.label.en !== '' && field.label.id !== '', where)
      for (const other of othersOf(field)) t.ok(names.includes(other), where)
      if (field.kind === 'number') {
        const { term, plausible } = field
        t.ok(isPlausible(term, plausible.low) && !isPlausible(term, plausible.high + 1), where)
      }
      if (field.kind === 'choice') t.ok(field.choices.length > 1, where)
    }
  }
  t.equal(forms[0]?.id, 'vital-signs')
})

/** What the driver makes of an object that the keypad hands over. */
function heard(object: Uint8Array): readonly string[] {
  const session = keypad.session()
  session.next()
  const said: string[] = []
  let step = session.next({ kind: 'bytes', bytes: object, atMs: 0 })
  while (step.done !== true && step.value.kind !== 'listen') {
    said.push(step.value.kind === 'noise' ? step.value.reason : step.value.kind)
    step = session.next()
  }
  return said
}

const plain = { confirmed: [], photo: null, today: null }

t.test('keypad: an entry is ASCII, and what is none is noise', async (t) => {
  const entry = encodeEntry({ form: 'vital-signs', texts: { pulse: '70', nämé: '😀' }, ...plain })
  t.ok(entry.every((byte) => byte < 0x80))
  t.strictSame(heard(entry), ['form refused: unknown-field'])
  const wrong = ['', 'null', '[]', '5', '{}', '{"form":1,"texts":{}}', '{"form":"a","texts":null}']
  const also = [
    '{"form":"a","texts":{"b":1}}',
    '{"form":"a"',
    '{"form":"a","texts":{},"photo":"x"}',
  ]
  for (const text of [...wrong, ...also, '{"form":"a","texts":{},"confirmed":[1]}']) {
    t.strictSame(heard(latin1Bytes(text)), ['no filled form'], text)
  }
  const good = encodeEntry({ form: 'vital-signs', texts: { temperature: '36,7' }, ...plain })
  t.match(latin1Text(good), /"36,7"/)
  t.strictSame(heard(good), ['packet', 'measurement'])
  const unusual = encodeEntry({ form: 'vital-signs', texts: { temperature: '52' }, ...plain })
  t.strictSame(heard(unusual), ['form not confirmed: implausible'])
})
