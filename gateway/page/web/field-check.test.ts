import t from 'tap'
import { forms } from '../../../drivers/keypad/forms.ts'
import { readForm, type Finding } from '../../../drivers/keypad/read.ts'
import { formViewOf } from '../rows.ts'
import type { Texts } from '../view.ts'
import type { ChoiceFieldView, FieldView, NumberFieldView, TextFieldView } from '../wire.ts'
import {
  checkForm,
  checkText,
  checkWords,
  fieldWords,
  isAskedFor,
  twice,
  twiceWords,
} from './field-check.ts'
import { sayIn } from './words.ts'

function field(change: Partial<NumberFieldView> = {}): NumberFieldView {
  return {
    kind: 'number',
    name: 'temperature',
    label: { id: 'Suhu tubuh', en: 'Temperature' },
    unit: { id: '°C', en: '°C' },
    decimals: 1,
    plausible: { low: 25, high: 45 },
    required: true,
    detailOf: null,
    repeats: null,
    beyond: false,
    ...change,
  }
}

t.test('field: comma and point mean the same', async (t) => {
  t.strictSame(checkText(field(), '36,7'), { kind: 'good', value: 36.7 })
  t.strictSame(checkText(field(), '36.7'), { kind: 'good', value: 36.7 })
  t.strictSame(checkText(field(), ' 37 '), { kind: 'good', value: 37 })
})

t.test('field: empty is empty, and never 0', async (t) => {
  t.strictSame(checkText(field(), ''), { kind: 'empty' })
  t.strictSame(checkText(field(), '  '), { kind: 'empty' })
  t.strictSame(checkText(field({ plausible: { low: 0, high: 9 } }), '0'), {
    kind: 'good',
    value: 0,
  })
})

const notANumber = { kind: 'wrong', code: 'not-a-number' } as const

t.test('field: what is no number is said, not mended', async (t) => {
  const wrong = ['3 6', '36,', ',5', '36,7,1', '36.7.1', 'HI', '3O', '--3', '1e3', '٣٦']
  for (const text of wrong) t.strictSame(checkText(field(), text), notANumber, text)
  t.strictSame(checkText(field(), '1.000,5'), { kind: 'wrong', code: 'thousands' })
})

t.test('field: more decimals than the device shows are a slip of the comma', async (t) => {
  t.strictSame(checkText(field(), '3,67'), { kind: 'wrong', code: 'too-many-decimals' })
  t.strictSame(checkText(field({ decimals: 0 }), '12,0'), { kind: 'wrong', code: 'no-decimals' })
})

t.test('field: an unusual value is kept as it is', async (t) => {
  t.strictSame(checkText(field(), '45'), { kind: 'good', value: 45 })
  t.strictSame(checkText(field(), '45,1'), { kind: 'implausible', value: 45.1 })
  t.strictSame(checkText(field(), '-1'), { kind: 'implausible', value: -1 })
})

t.test('field: HI and LO are results of a meter that can say them', async (t) => {
  const glucose = field({ beyond: true })
  for (const text of ['HI', 'lo', 'Hi']) t.strictSame(checkText(glucose, text), { kind: 'beyond' })
  t.strictSame(checkText(glucose, 'HIGH'), notANumber)
})

const first = field({
  name: 'weight',
  decimals: 2,
  required: false,
  plausible: { low: 0, high: 300 },
})
const second = field({ ...first, name: 'again', repeats: { field: 'weight', tolerance: 0.1 } })
const pair = [first, second]

t.test('field: two measurements agree up to the tolerance, whatever binary says', async (t) => {
  const differ = (weight: string, again: string) => twice(pair, second, { weight, again })
  t.strictSame(differ('72,4', '72,5'), { difference: 0.1, agrees: true })
  t.strictSame(differ('72,50', '72.40'), { difference: 0.1, agrees: true })
  t.strictSame(differ('72,4', '72,51'), { difference: 0.11, agrees: false })
  t.equal(differ('72,4', ''), null)
  t.equal(differ('', '72,4'), null)
  t.equal(differ('7x', '72,4'), null)
  t.equal(twice(pair, first, { weight: '1', again: '1' }), null)
})

t.test('field: a form may be stored when nothing is wrong and something is there', async (t) => {
  const pulse = field({ name: 'pulse', required: false, decimals: 0 })
  const both = [field(), pulse]
  const look = (fields: readonly FieldView[], texts: Texts) => {
    const { isReady, unusual } = checkForm(fields, texts)
    return [isReady, ...unusual.map(({ name }) => name)]
  }
  t.strictSame(look(both, {}), [false])
  t.strictSame(look(both, { pulse: '40' }), [false])
  t.strictSame(look(both, { temperature: '36' }), [true])
  t.strictSame(look(both, { temperature: '50' }), [true, 'temperature'])
  t.strictSame(look(both, { temperature: '36', pulse: 'x' }), [false])
  t.strictSame(look([pulse], {}), [false], 'nothing is no entry')
  t.strictSame(look(pair, { weight: '70', again: '80' }), [true, 'again'])
})

const glucose = field({ name: 'glucose', required: false, plausible: { low: 10, high: 600 } })
const timing: ChoiceFieldView = {
  kind: 'choice',
  name: 'timing',
  label: { id: 'Diambil saat', en: 'Taken' },
  required: true,
  detailOf: 'glucose',
  choices: [
    { value: 'random', label: { id: 'sewaktu', en: 'at random' } },
    { value: 'fasting', label: { id: 'puasa', en: 'fasting' } },
  ],
}
const lot: TextFieldView = {
  kind: 'text',
  name: 'lot',
  label: { id: 'No. lot', en: 'Lot' },
  required: false,
  detailOf: 'glucose',
  lengthMax: 24,
}

t.test(
  'field: a detail is asked for when its field is filled, and stays with its text',
  async (t) => {
    t.equal(isAskedFor(glucose, {}), true)
    t.equal(isAskedFor(timing, {}), false)
    t.equal(isAskedFor(timing, { glucose: '104' }), true)
    t.equal(isAskedFor(lot, { glucose: '', lot: 'A1' }), true)
    const fields = [glucose, timing, lot]
    t.equal(checkForm(fields, { glucose: '104' }).isReady, false, 'when it was taken is not said')
    t.equal(checkForm(fields, { glucose: '104', timing: 'fasting' }).isReady, true)
  },
)

t.test('field: a choice is one of those offered, and a label no number of a person', async (t) => {
  t.strictSame(checkText(timing, 'fasting'), { kind: 'filled' })
  t.strictSame(checkText(timing, 'noon'), { kind: 'wrong', code: 'not-a-choice' })
  t.strictSame(checkText(lot, 'GK21-07'), { kind: 'filled' })
  t.strictSame(checkText(lot, '<b>'), { kind: 'wrong', code: 'not-a-label' })
  t.strictSame(checkText(lot, '3602995708909999'), { kind: 'wrong', code: 'looks-like-identity' })
})

const words = (text: string, language: 'id' | 'en') =>
  checkWords(field(), checkText(field(), text), language)

t.test('field: says what it sees in both languages', async (t) => {
  t.equal(words('36,7', 'id'), null)
  t.equal(words('', 'id'), null)
  t.equal(words('50,5', 'id'), 'Di luar 25 sampai 45 °C. Periksa lagi; angka tidak diubah.')
  t.equal(words('50,5', 'en'), 'Outside 25 to 45 °C. Look again; the number is kept as typed.')
  t.match(words('3,67', 'id'), /Paling banyak 1 angka di belakang koma/)
  t.match(words('x', 'en'), /Not a number/)
  t.match(words('1.000', 'id'), /pemisah ribuan/)
  const far = { difference: 0.6, agrees: false }
  t.match(twiceWords(second, far, sayIn('id'), 'id'), /Selisih 0,60 °C, batas 0,1 °C/)
  t.match(twiceWords(second, { difference: 0, agrees: true }, sayIn('en'), 'en'), /they agree/)
  const of = (texts: Texts) => fieldWords(pair, second, texts, sayIn('en'), 'en')
  t.equal(of({}), null)
  t.match(of({ weight: '7', again: '7' }), { isGood: true, words: /agree/ })
  t.match(of({ weight: '7', again: '8' }), { isGood: false, words: /limit/ })
  t.match(of({ weight: '7', again: 'x' }), { isGood: false, words: /Not a number/ })
})

t.test('field: the page and the keypad driver agree on what may be stored', async (t) => {
  const tries = [
    '',
    '0',
    '1',
    '36,7',
    '36.75',
    '120',
    '1.000',
    '123456',
    '-5',
    'HI',
    '1,',
    'x',
    '2+',
  ]
  for (const form of forms) {
    const view = formViewOf(form)
    for (const one of view.fields) {
      for (const text of tries) {
        const check = checkText(one, text)
        const read = readForm({
          form: form.id,
          texts: { [one.name]: text },
          confirmed: [],
          photo: null,
          today: null,
        })
        const findings: readonly Finding[] = read.kind === 'said' ? [] : read.findings
        const codes = findings.filter((each) => each.field === one.name).map((each) => each.code)
        const absent = codes.filter((code) => /^(missing|not-chosen|alone)$/.test(code))
        const expected = {
          good: [],
          filled: absent,
          beyond: [],
          empty: absent,
          implausible: read.kind === 'asks' ? ['implausible'] : [],
          wrong: check.kind === 'wrong' ? [check.code, ...absent] : [],
        }[check.kind]
        t.strictSame(codes, expected, `${form.id} ${one.name} ${text}`)
      }
    }
  }
})
