/** Weights and heights of devices that are set to the units of the United States. */

/** Rounded to a gram. */
export function kilogramsOfPounds(pounds: number): number {
  return Math.round(pounds * 0.45359237 * 1_000) / 1_000
}

/** Rounded to a tenth of a millimetre. */
export function centimetresOfInches(inches: number): number {
  return Math.round(inches * 2.54 * 100) / 100
}
