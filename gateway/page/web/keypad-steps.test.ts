import t from 'tap'
import { forms } from '../../../drivers/keypad/forms.ts'
import { formViewOf } from '../rows.ts'
import type { Texts } from '../view.ts'
import type { FormView } from '../wire.ts'
import { afterTap, fieldsOf, lookAt, pressed, type Step } from './keypad-steps.ts'
import { sayIn } from './words.ts'

function formOf(id: string): FormView {
  const form = forms.find((one) => one.id === id)
  if (form === undefined) throw new Error(`no form ${id}`)
  return formViewOf(form)
}

const names = (form: FormView, step: Step, texts: Texts) =>
  fieldsOf(form, step, texts).map(({ name }) => name)

const look = (form: FormView, step: Step, texts: Texts, asked = new Map()) =>
  lookAt(form, step, { texts, asked }, sayIn('id'), 'id')

t.test('steps: the second step asks for what was measured in the first', async (t) => {
  const form = formOf('anthropometry')
  t.match(names(form, 'first', {}), ['weight', 'height', 'length', 'head', 'upper-arm', 'waist'])
  t.strictSame(names(form, 'second', {}), [])
  t.strictSame(names(form, 'second', { weight: '12,4', head: 'x' }), ['weight-again'])
  t.match(look(form, 'first', { weight: '12,4' }), { isBetween: true, isReady: true })
  t.match(look(form, 'second', { weight: '12,4' }), { isBetween: false, isReady: true })
})

t.test('steps: details come with their field', async (t) => {
  const form = formOf('point-of-care')
  t.strictSame(names(form, 'first', {}), ['glucose', 'cholesterol', 'uric-acid', 'haemoglobin'])
  t.match(names(form, 'first', { glucose: '104' }), [
    'glucose',
    'glucose-timing',
    'glucose-lot',
    'cholesterol',
  ])
})

t.test('steps: a tap on a choice leads on, but never to the keyboard of the phone', async (t) => {
  const fields = fieldsOf(formOf('urine'), 'first', {})
  const after = (name: string) => {
    const field = fields.find((one) => one.name === name)
    return field === undefined ? undefined : (afterTap(fields, field)?.name ?? null)
  }
  t.equal(after('urine-leukocytes'), 'urine-nitrite')
  t.equal(after('urine-protein'), 'urine-acidity')
  t.equal(after('urine-glucose'), null, 'the lot is a text')
  t.equal(after('urine-lot'), null)
})

t.test('steps: what is unusual is asked about, as it was typed', async (t) => {
  const form = formOf('vital-signs')
  t.match(look(form, 'first', { temperature: '36,7' }), { isUnusual: false, doubts: [] })
  t.match(look(form, 'first', { temperature: '52,0' }), {
    isUnusual: true,
    doubts: [
      {
        field: 'temperature',
        label: 'Suhu tubuh',
        typed: '52,0 °C',
        words: /Di luar 25 sampai 45/,
      },
    ],
  })
  const asked = new Map([['pulse', { id: 'Benarkah?', en: 'Is it?' }]])
  t.match(look(form, 'first', { pulse: '70' }, asked), {
    isUnusual: false,
    doubts: [{ field: 'pulse', typed: '70 x/menit', words: 'Benarkah?' }],
  })
  const twice = formOf('anthropometry')
  t.match(look(twice, 'second', { weight: '12,4', 'weight-again': '12,9' }), {
    doubts: [{ field: 'weight-again', words: /Selisih 0,50 kg, batas 0,1 kg/ }],
  })
})

t.test('steps: keys of the pad write, delete, and set the words of a meter alone', async (t) => {
  t.equal(pressed(undefined, '1'), '1')
  t.equal(pressed('12', ','), '12,')
  t.equal(pressed('12', 'delete'), '1')
  t.equal(pressed('12', 'HI'), 'HI')
  t.equal(pressed('HI', '1'), '1')
  t.equal(pressed('LO', 'delete'), '')
  t.equal(pressed('1234567890', '1'), '1234567890')
})
