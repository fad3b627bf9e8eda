/**
 * Reads a number as a person types it. Comma and point both mean the decimal sign; there is no sign
 * for thousands, because 1.000 would be one to some and a thousand to others. Nothing is guessed or
 * rounded.
 */

export interface NumberRules {
  /** More digits after the point than this are a mistake. */
  readonly decimals: number
  /** `HI` and `LO` are results too: the meter says that the value is beyond what it can measure. */
  readonly beyond: boolean
}

export type NumberProblem = 'not-a-number' | 'no-decimals' | 'too-many-decimals' | 'thousands'

export type NumberRead =
  | { readonly kind: 'empty' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'beyond'; readonly beyond: 'above' | 'below' }
  | { readonly kind: 'wrong'; readonly code: NumberProblem }

/** What a meter shows when a value is beyond what it can measure. */
export const meterWords: Readonly<{ [word: string]: 'above' | 'below' }> = {
  HI: 'above',
  LO: 'below',
}

const numberPattern = /^-?\d{1,5}(?:[.,](\d{1,6}))?$/
/** Groups of three, as thousands are written: 1.000 and 12,000 and 1.000,5. */
const thousandsPattern = /^-?[1-9]\d{0,2}(?:[., ]\d{3})+(?:[.,]\d+)?$/
const digitsOfThousands = 3

export function readNumber(text: string, { decimals, beyond }: NumberRules): NumberRead {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'empty' }
  const word = meterWords[trimmed.toUpperCase()]
  if (beyond && word !== undefined) return { kind: 'beyond', beyond: word }
  // Where three decimals are usual, as in a specific gravity of 1,015, three are no thousands.
  const looksLikeThousands = thousandsPattern.test(trimmed) && decimals < digitsOfThousands
  if (looksLikeThousands) return { kind: 'wrong', code: 'thousands' }
  const found = numberPattern.exec(trimmed)
  if (found === null) return { kind: 'wrong', code: 'not-a-number' }
  if ((found[1] ?? '').length > decimals) {
    return { kind: 'wrong', code: decimals === 0 ? 'no-decimals' : 'too-many-decimals' }
  }
  return { kind: 'number', value: Number(trimmed.replace(',', '.')) }
}

/**
 * Whether a second measurement lies too far from the first; decimal figures, whatever binary says.
 */
export function isTooFar(
  first: number,
  second: number,
  { decimals, tolerance }: { readonly decimals: number; readonly tolerance: number },
): boolean {
  return Number(Math.abs(second - first).toFixed(decimals)) > tolerance
}

/** In whole steps, so that the mean of two typed numbers has no binary tail. */
export function meanOf(first: number, second: number, decimals: number): number {
  const steps = 10 ** decimals
  return (Math.round(first * steps) + Math.round(second * steps)) / (2 * steps)
}
