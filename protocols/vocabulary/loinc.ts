/** LOINC numbers as instruments send them, some of which are none. */

/** The check digit: Mod 10, doubling every second digit from the right (LOINC users' guide). */
export function loincCheckDigit(digits: string): number {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
      return total + (value > 9 ? value - 9 : value)
    }, 0)
  return (10 - (sum % 10)) % 10
}

/** Whether it can be a LOINC number: Horiba sends `717-9`, which looks like one and is none. */
export function isLoinc(text: string): boolean {
  const [, digits = '', check = ''] = /^(\d{1,7})-(\d)$/.exec(text) ?? []
  return digits !== '' && loincCheckDigit(digits) === Number(check)
}
