/**
 * Questions to the vocabulary. An unknown code is an ordinary answer: other versions know other
 * codes.
 */
import type { Term } from './term.ts'
import { qualitative } from './qualitative.ts'
import { terms } from './terms.ts'
import { foreignUnits, units, type ForeignUcum, type Ucum, type Unit } from './units.ts'
import { ecgLeads, otherWaves } from './waves.ts'

export const allTerms: readonly Term[] = [
  ...Object.values(terms),
  ...Object.values(qualitative),
  ...Object.values(ecgLeads),
  ...Object.values(otherWaves),
]

const byCode: ReadonlyMap<string, Term> = new Map(allTerms.map((term) => [term.code, term]))
const byMdc: ReadonlyMap<number, Term> = new Map(
  allTerms.flatMap((term) => (term.mdc === null ? [] : [[term.mdc, term] as const])),
)
const byUcum: ReadonlyMap<string, Unit> = new Map(Object.entries(units))

/** Numbers that stand for a unit which another number stands for already. */
const mdcUnitsToo: readonly (readonly [number, Ucum])[] = [
  // Breaths, pulses and events per minute: only beats have `/min` in the table.
  [264_928, '/min'],
  [264_896, '/min'],
  [264_672, '/min'],
  // Philips monitors count the kilogram's prefix in.
  [264_099, 'kg/m2'],
]

const unitByMdc: ReadonlyMap<number, Ucum | ForeignUcum> = new Map([
  ...Object.entries({ ...units, ...foreignUnits }).flatMap(([ucum, { mdc }]) =>
    mdc === null ? [] : [[mdc, ucum as Ucum | ForeignUcum] as const],
  ),
  ...mdcUnitsToo,
])

export function termOf(code: string): Term | null {
  return byCode.get(code) ?? null
}

/** By the 11073 number: partition * 65,536 + term. */
export function termOfMdc(mdc: number): Term | null {
  return byMdc.get(mdc) ?? null
}

export function unitOf(ucum: string): Unit | null {
  return byUcum.get(ucum) ?? null
}

/** The UCUM code by the 11073 number, 262,144 (partition 4) included. */
export function ucumOfMdc(mdc: number): Ucum | ForeignUcum | null {
  return unitByMdc.get(mdc) ?? null
}

/** True also for null, and for a quantity without limits. */
export function isPlausible(term: Term, value: number | null): boolean {
  if (value === null || term.plausible === null) return true
  return value >= term.plausible.from && value <= term.plausible.to
}
