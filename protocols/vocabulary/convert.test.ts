import t from 'tap'
import { converted, mgPerDlOf } from './convert.ts'

t.test('convert: by the factors of UCUM, without a binary tail', async (t) => {
  t.equal(converted(98.6, '[degF]', 'Cel'), 37)
  t.equal(converted(310.15, 'K', 'Cel'), 37)
  t.equal(converted(150, '[lb_av]', 'kg'), 68.038_855_5)
  t.equal(converted(70, '[in_i]', 'cm'), 177.8)
  t.equal(converted(16, 'kPa', 'mm[Hg]'), 120.009_852_135)
  t.equal(converted(20, 'mbar', 'cm[H2O]'), 20.394_324_259_6)
  t.equal(converted(0.45, 'L', 'mL'), 450)
  t.equal(converted(0.3, 'mV', 'uV'), 300)
  t.equal(converted(1_695_000, 'cal', 'kcal'), 1_695)
  t.equal(converted(130, 'g/L', 'g/dL'), 13)
  t.equal(converted(10, '[kn_i]', 'km/h'), 18.52)
})

t.test('convert: the same unit keeps the number as it is', async (t) => {
  t.equal(converted(36.66, 'Cel', 'Cel'), 36.66)
  t.equal(converted(5, '%', '%'), 5)
})

t.test('convert: nothing stays nothing, and kinds are not mixed', async (t) => {
  t.equal(converted(null, '[degF]', 'Cel'), null)
  t.equal(converted(5, 'mmol/L', 'mg/dL'), null)
  t.equal(converted(5, '%', 'kPa'), null)
})

t.test('convert: moles become grams with the substance', async (t) => {
  t.equal(mgPerDlOf(5.5, 'glucose'), 99.085_8)
  t.equal(mgPerDlOf(5.2, 'cholesterol'), 201.058)
  t.equal(mgPerDlOf(0.4, 'urate'), 6.724_4)
  t.equal(mgPerDlOf(null, 'glucose'), null)
})
