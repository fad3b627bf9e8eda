import t from 'tap'
import { allTerms, isPlausible, termOf, termOfMdc, ucumOfMdc, unitOf } from './lookup.ts'
import { subjects, terms } from './terms.ts'
import { foreignUnits, units } from './units.ts'

t.test('vocabulary: no code stands for two things', async (t) => {
  const codes = allTerms.map((term) => term.code)
  t.strictSame([...new Set(codes)], codes)
  const numbers = allTerms.flatMap((term) => (term.mdc === null ? [] : [term.mdc]))
  t.strictSame([...new Set(numbers)], numbers)
})

t.test('vocabulary: a code says which system it is from', async (t) => {
  for (const term of allTerms) {
    if (term.mdc !== null) {
      t.ok(term.mdc >> 16 === 2, `${term.code} is in the partition of measurements`)
      t.match(term.code, /^MDC_/)
    } else if (term.code.startsWith('LOINC_')) t.equal(term.code, `LOINC_${term.loinc}`)
    else t.match(term.code, /^(SIMPUL_|MDC_ECG_ELEC_POTL_V9$)/)
  }
})

t.test('vocabulary: no subject hides the term of another under the same name', async (t) => {
  const names = Object.values(subjects).flatMap((table) => Object.keys(table))
  t.strictSame([...new Set(names)], names)
  t.equal(Object.keys(terms).length, names.length)
})

/** The check digit of LOINC: Mod 10, doubling every second digit from the right. */
function loincCheck(digits: string): number {
  const sum = digits
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
      return total + (value > 9 ? value - 9 : value)
    }, 0)
  return (10 - (sum % 10)) % 10
}

t.test('vocabulary: LOINC numbers carry their check digit', async (t) => {
  for (const { loinc } of allTerms) {
    if (loinc === null) continue
    const [digits = '', check = ''] = loinc.split('-')
    t.equal(loincCheck(digits), Number(check), loinc)
  }
})

t.test('vocabulary: every measured quantity has names, a unit and a range', async (t) => {
  for (const term of allTerms) {
    t.ok(term.name.en.length > 0 && term.name.id.length > 0, term.code)
    t.not(unitOf(term.unit), null)
  }
  for (const { code, plausible, decimals } of Object.values(terms)) {
    if (plausible === null) continue
    t.ok(plausible.from < plausible.to, code)
    const ends = [plausible.from, plausible.to]
    t.ok(
      ends.every((end) => Number(end.toFixed(decimals)) === end),
      `${code} has a range in its own steps`,
    )
  }
})

t.test('vocabulary: what people read stands for one thing only', async (t) => {
  for (const language of ['en', 'id'] as const) {
    const names = Object.values(terms).map(({ name }) => name[language])
    t.strictSame([...new Set(names)], names)
  }
})

t.test('vocabulary: answers null for what it does not know', async (t) => {
  t.equal(termOf('MDC_PRESS_BLD_NONINV_SYS'), terms.systolic)
  t.equal(termOf('MDC_NOTHING'), null)
  t.equal(unitOf('mm[Hg]')?.mdc, 266_016)
  t.equal(unitOf('furlong'), null)
  t.equal(unitOf('[degF]'), null, 'no value travels in degrees Fahrenheit')
})

t.test('vocabulary: finds terms and units by their 11073 numbers', async (t) => {
  t.equal(termOfMdc(150_456), terms.saturation)
  t.equal(termOfMdc(150_301), null, 'a cuff has one set of codes')
  t.equal(ucumOfMdc(266_016), 'mm[Hg]')
  t.equal(ucumOfMdc(266_560), '[degF]')
  t.equal(ucumOfMdc(264_928), '/min', 'breaths')
  t.equal(ucumOfMdc(264_864), '/min', 'beats')
  t.equal(ucumOfMdc(1), null)
})

t.test('vocabulary: no number stands for two units, and all are dimensions', async (t) => {
  const all = Object.values({ ...units, ...foreignUnits })
  const numbers = all.flatMap(({ mdc }) => (mdc === null ? [] : [mdc]))
  t.strictSame([...new Set(numbers)], numbers)
  for (const number of numbers) t.equal(number >> 16, 4)
  t.strictSame(
    Object.keys(units).filter((ucum) => ucum in foreignUnits),
    [],
  )
})

t.test('vocabulary: a range asks, both ends included, and absent is plausible', async (t) => {
  t.ok(isPlausible(terms.systolic, 40))
  t.ok(isPlausible(terms.systolic, 300))
  t.notOk(isPlausible(terms.systolic, 301))
  t.notOk(isPlausible(terms.systolic, 39.9))
  t.ok(isPlausible(terms.systolic, null))
  t.ok(isPlausible({ ...terms.systolic, plausible: null }, 9_999))
})
