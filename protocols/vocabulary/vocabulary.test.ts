import t from 'tap'
import { allTerms, isPlausible, termOf, unitOf } from './lookup.ts'
import { terms } from './terms.ts'

t.test('vocabulary: no code stands for two things', async (t) => {
  const codes = allTerms.map((term) => term.code)
  t.strictSame([...new Set(codes)], codes)
  const numbers = allTerms.flatMap((term) => (term.mdc === null ? [] : [term.mdc]))
  t.strictSame([...new Set(numbers)], numbers)
})

t.test('vocabulary: a code says which system it is from', async (t) => {
  for (const term of allTerms) {
    t.equal(term.code.startsWith('MDC_'), term.mdc !== null, term.code)
    if (term.mdc === null) t.equal(term.code, `LOINC_${term.loinc}`)
    else t.ok(term.mdc >> 16 === 2, `${term.code} is in the partition of measurements`)
  }
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

t.test('vocabulary: every measured quantity has names, a range, and a LOINC number if any', async (t) => {
  for (const term of Object.values(terms)) {
    if (term.loinc !== null) t.match(term.loinc, /^\d+-\d$/, term.code)
    t.ok(term.name.en.length > 0 && term.name.id.length > 0)
    t.ok(term.plausible.from < term.plausible.to, term.code)
    t.not(unitOf(term.unit), null)
  }
})

t.test('vocabulary: answers null for what it does not know', async (t) => {
  t.equal(termOf('MDC_PRESS_BLD_NONINV_SYS'), terms.systolic)
  t.equal(termOf('MDC_NOTHING'), null)
  t.equal(unitOf('mm[Hg]')?.mdc, 266_016)
  t.equal(unitOf('furlong'), null)
})

t.test('vocabulary: a range asks, both ends included, and absent is plausible', async (t) => {
  t.ok(isPlausible(terms.systolic, 40))
  t.ok(isPlausible(terms.systolic, 300))
  t.notOk(isPlausible(terms.systolic, 301))
  t.notOk(isPlausible(terms.systolic, 39.9))
  t.ok(isPlausible(terms.systolic, null))
  t.ok(isPlausible({ ...terms.systolic, plausible: null }, 9_999))
})
