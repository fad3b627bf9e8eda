/** How awake a person is, as an observer finds it. */
import type { TermTable } from '../term.ts'

export const consciousnesses = {
  /** In words, by the AVPU scale: no number. */
  consciousness: {
    code: 'LOINC_67775-7',
    mdc: null,
    loinc: '67775-7',
    unit: '1',
    name: { en: 'Consciousness', id: 'Kesadaran' },
    plausible: null,
    decimals: 0,
  },
  comaScale: {
    code: 'LOINC_9269-2',
    mdc: null,
    loinc: '9269-2',
    unit: '1',
    name: { en: 'Glasgow coma scale', id: 'Skala koma Glasgow (GCS)' },
    plausible: { from: 3, to: 15 },
    decimals: 0,
  },
} as const satisfies TermTable
