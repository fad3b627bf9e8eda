/**
 * Results in words: what travels is the same in every language, what is shown is not. Forms offer
 * them, and the page shows what was chosen.
 */
import type { Names } from '../../protocols/vocabulary/names.ts'

export type Choices = Readonly<{ [value: string]: Names }>

/** The steps of a colour chart, short enough for a row of six. */
export const colourSteps = {
  negative: { en: 'neg', id: 'neg' },
  trace: { en: '±', id: '±' },
  '1+': { en: '1+', id: '1+' },
  '2+': { en: '2+', id: '2+' },
  '3+': { en: '3+', id: '3+' },
  '4+': { en: '4+', id: '4+' },
} as const satisfies Choices

export const foundOrNot = {
  negative: { en: 'negative', id: 'negatif' },
  positive: { en: 'positive', id: 'positif' },
} as const satisfies Choices

export const urobilinogenSteps = {
  normal: { en: 'normal', id: 'normal' },
  '1+': colourSteps['1+'],
  '2+': colourSteps['2+'],
  '3+': colourSteps['3+'],
  '4+': colourSteps['4+'],
} as const satisfies Choices

/** documented: AVPU, with the words of the national vital-sign map. */
export const consciousnessSteps = {
  alert: { en: 'alert', id: 'sadar (A)' },
  voice: { en: 'to voice', id: 'suara (V)' },
  pain: { en: 'to pain', id: 'nyeri (P)' },
  unresponsive: { en: 'unresponsive', id: 'tidak respons (U)' },
} as const satisfies Choices

export const presentations = {
  cephalic: { en: 'head', id: 'kepala' },
  breech: { en: 'breech', id: 'sungsang (bokong)' },
  transverse: { en: 'transverse', id: 'lintang' },
  undetermined: { en: 'not yet clear', id: 'belum jelas' },
} as const satisfies Choices

const results: ReadonlyMap<string, Names> = new Map(
  Object.entries<Names>({
    ...colourSteps,
    ...foundOrNot,
    ...urobilinogenSteps,
    ...consciousnessSteps,
    ...presentations,
  }),
)

/** How a result in words is shown; null for what no form offers. */
export function resultNames(text: string): Names | null {
  return results.get(text) ?? null
}
