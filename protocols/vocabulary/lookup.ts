/**
 * Questions to the vocabulary. An unknown code is an ordinary answer: other versions know other
 * codes.
 */
import { units, type Term, type Unit } from './term.ts'
import { terms } from './terms.ts'
import { ecgLeads, otherWaves } from './waves.ts'

export const allTerms: readonly Term[] = [
  ...Object.values(terms),
  ...Object.values(ecgLeads),
  ...Object.values(otherWaves),
]

const byCode: ReadonlyMap<string, Term> = new Map(allTerms.map((term) => [term.code, term]))
const byUcum: ReadonlyMap<string, Unit> = new Map(Object.entries(units))

export function termOf(code: string): Term | null {
  return byCode.get(code) ?? null
}

export function unitOf(ucum: string): Unit | null {
  return byUcum.get(ucum) ?? null
}

/** True also for null, and for a quantity without limits. */
export function isPlausible(term: Term, value: number | null): boolean {
  if (value === null || term.plausible === null) return true
  return value >= term.plausible.from && value <= term.plausible.to
}
