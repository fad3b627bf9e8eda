/** Many whole numbers in a text, without a string for each of them. */

const codes = { plus: 0x2b, minus: 0x2d, zero: 0x30, nine: 0x39 } as const
const largest = 2 ** 31 - 1

/**
 * Separated by spaces, tabs and line ends. null when one is no whole number of 32 bits, or when
 * there are more than `countMax`.
 */
export function integersIn(text: string, countMax: number): Int32Array | null {
  const count = countWords(text, countMax)
  if (count === null) return null
  const numbers = new Int32Array(count)
  let at = 0
  for (let index = 0; index < count; index++) {
    while (isSpace(text.charCodeAt(at))) at++
    const sign = text.charCodeAt(at)
    if (sign === codes.minus || sign === codes.plus) at++
    const from = at
    let number = 0
    for (; at < text.length && !isSpace(text.charCodeAt(at)); at++) {
      const code = text.charCodeAt(at)
      if (code < codes.zero || code > codes.nine) return null
      number = number * 10 + code - codes.zero
      if (number > largest) return null
    }
    if (at === from) return null
    numbers[index] = sign === codes.minus ? -number : number
  }
  return numbers
}

function countWords(text: string, countMax: number): number | null {
  let count = 0
  let wasSpace = true
  for (let at = 0; at < text.length; at++) {
    const isNow = isSpace(text.charCodeAt(at))
    if (wasSpace && !isNow && ++count > countMax) return null
    wasSpace = isNow
  }
  return count
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}
