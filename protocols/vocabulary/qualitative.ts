/**
 * What is answered in words: detected or not, positive or negative. No number and no range belongs
 * to it. LOINC numbers are for the laboratory to assign: those in circulation differ by method.
 */
import type { Term } from './term.ts'

function answer(code: string, en: string, id: string): Term {
  return {
    code: `SIMPUL_${code}`,
    mdc: null,
    loinc: null,
    unit: '1',
    name: { en, id },
    plausible: null,
    decimals: 0,
  }
}

export const qualitative = {
  tuberculosis: answer('MTB', 'Tuberculosis (molecular test)', 'Tuberkulosis (TCM)'),
  tuberculosisTrace: answer('MTB_TRACE', 'Tuberculosis, trace', 'Tuberkulosis, jejak (trace)'),
  rifampicinResistance: answer(
    'MTB_RIF_RESISTANCE',
    'Rifampicin resistance',
    'Resistansi rifampisin',
  ),
} as const
