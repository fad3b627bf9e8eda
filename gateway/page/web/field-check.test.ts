import t from 'tap'
import { forms } from '../../../drivers/keypad-forms.ts'
import { readForm } from '../../../drivers/keypad-read.ts'
import { formViewOf } from '../rows.ts'
import type { FieldView } from '../wire.ts'
import { checkForm, checkText, checkWords, twice, twiceWords } from './field-check.ts'
import { sayIn } from './words.ts'

function field(change: Partial<FieldView> = {}): FieldView {
  return {
    name: 'temperature',
    label: { id: 'Suhu tubuh', en: 'Temperature' },
    unit: { id: '°C', en: '°C' },
    decimals: 1,
    plausible: { low: 25, high: 45 },
    required: true,
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

t.test('field: what is no number is said, not mended', async (t) => {
  const wrong = ['3 6', '36,', ',5', '36,7,1', '1.000,5', '36.7.1', 'HI', '3O', '--3', '1e3', '٣٦']
  for (const text of wrong) t.strictSame(checkText(field(), text), { kind: 'not-a-number' }, text)
})

t.test('field: more decimals than the device shows are a slip of the comma', async (t) => {
  t.strictSame(checkText(field(), '3,67'), { kind: 'too-fine' })
  t.strictSame(checkText(field({ decimals: 0 }), '12,0'), { kind: 'too-fine' })
})

t.test('field: an unusual value is kept as it is', async (t) => {
  t.strictSame(checkText(field(), '45'), { kind: 'good', value: 45 })
  t.strictSame(checkText(field(), '45,1'), { kind: 'implausible', value: 45.1 })
  t.strictSame(checkText(field(), '-1'), { kind: 'implausible', value: -1 })
})

t.test('field: HI and LO are results of a meter that can say them', async (t) => {
  const glucose = field({ beyond: true })
  for (const text of ['HI', 'lo', 'Hi']) t.strictSame(checkText(glucose, text), { kind: 'beyond' })
  t.strictSame(checkText(glucose, 'HIGH'), { kind: 'not-a-number' })
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
  t.strictSame(checkForm(both, {}), { isReady: false, isUnusual: false })
  t.strictSame(checkForm(both, { pulse: '40' }), { isReady: false, isUnusual: false })
  t.strictSame(checkForm(both, { temperature: '36' }), { isReady: true, isUnusual: false })
  t.strictSame(checkForm(both, { temperature: '50' }), { isReady: true, isUnusual: true })
  t.strictSame(checkForm(both, { temperature: '36', pulse: 'x' }), {
    isReady: false,
    isUnusual: false,
  })
  t.strictSame(checkForm([pulse], {}), { isReady: false, isUnusual: false }, 'nothing is no entry')
  t.strictSame(checkForm(pair, { weight: '70', again: '80' }), { isReady: true, isUnusual: true })
})

const words = (text: string, language: 'id' | 'en') =>
  checkWords(field(), checkText(field(), text), sayIn(language), language)

t.test('field: says what it sees in both languages', async (t) => {
  t.equal(words('36,7', 'id'), null)
  t.equal(words('', 'id'), null)
  t.equal(words('50,5', 'id'), 'Di luar 25–45 °C. Periksa lagi; angka tidak akan diubah.')
  t.equal(words('50,5', 'en'), 'Outside 25–45 °C. Look again; the number will not be changed.')
  t.equal(words('3,67', 'id'), 'Paling banyak 1 angka di belakang koma')
  t.equal(words('x', 'en'), 'Not a number')
  const far = { difference: 0.6, agrees: false }
  t.match(twiceWords(second, far, sayIn('id'), 'id'), /Selisih 0,60 °C, batas 0,1 °C/)
  t.match(twiceWords(second, { difference: 0, agrees: true }, sayIn('en'), 'en'), /they agree/)
})

t.test('field: the page and the keypad driver agree on what may be stored', async (t) => {
  const tries = [
    '',
    '0',
    '1',
    '36,7',
    '36.75',
    '120',
    '99999',
    '123456',
    '-5',
    'HI',
    'lo',
    '1,',
    'x',
  ]
  for (const form of forms) {
    const view = formViewOf(form)
    for (const one of view.fields) {
      for (const text of tries) {
        const check = checkText(one, text)
        const read = readForm(form.id, { [one.name]: text })
        const findings = read.ok ? read.warnings : read.findings
        const codes = findings.filter((each) => each.field === one.name).map((each) => each.code)
        const expected = {
          good: [],
          beyond: [],
          empty: codes.includes('missing') ? ['missing'] : [],
          implausible: read.ok ? ['implausible'] : [],
          'not-a-number': ['not-a-number'],
          'too-fine': ['too-many-decimals'],
        }[check.kind]
        t.strictSame(codes, expected, `${form.id} ${one.name} ${text}`)
      }
    }
  }
})
