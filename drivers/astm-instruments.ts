/**
 * What is particular of each kind of ASTM instrument: its name of the tests, and where in its
 * records it puts what. Taken from transmissions of each, as far as not said otherwise.
 */
import type { AstmOrder } from '../protocols/astm/transmission.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { qualitative } from '../protocols/vocabulary/qualitative.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { bloodCountTests } from './laboratory.ts'

export interface AstmInstrument {
  /** In the codes of tests that no table knows: `LOCAL_dca_Alb`. */
  readonly name: string
  /** Looks at the components of H-5. */
  readonly isSender: (sender: readonly string[]) => boolean
  /** Places in H-5, counted from 0. */
  readonly model: number
  readonly firmware: number | null
  readonly serialNumber: number | null
  readonly tests: Readonly<{ [test: string]: Term }>
  readonly specimenId: (order: AstmOrder) => string
  /** Its comments are words of the instrument. Elsewhere a person may have typed a name. */
  readonly hasCodedComments: boolean
  /** Tests that are files or curves, not results. */
  readonly isLeftOut: (test: string) => boolean
}

const usual = {
  model: 0,
  firmware: 1,
  serialNumber: 2,
  tests: {},
  specimenId: (order: AstmOrder) => whole(order.specimen),
  hasCodedComments: false,
  isLeftOut: () => false,
} as const

/** `113`, `5^1`: components as they stand, without the empty ones at the end. */
function whole(components: readonly string[]): string {
  return components.join('^').replace(/\^+$/, '')
}

function begins(...names: readonly string[]): AstmInstrument['isSender'] {
  return ([name = '']) => names.some((one) => name.toUpperCase().startsWith(one))
}

const afinion: AstmInstrument = {
  ...usual,
  name: 'afinion',
  isSender: begins('AFINION'),
  tests: { HbA1c: terms.glycatedHaemoglobin },
}

const dca: AstmInstrument = {
  ...usual,
  name: 'dca',
  isSender: begins('DCA'),
  tests: { HbA1c: terms.glycatedHaemoglobin },
}

const sysmex: AstmInstrument = {
  ...usual,
  name: 'sysmex',
  isSender: begins('XP-', 'XN-', 'XS-', 'KX-', 'POCH-'),
  serialNumber: 6,
  tests: bloodCountTests,
  // Rack and position stand before it.
  specimenId: ({ specimen, instrumentSpecimen }) =>
    whole(specimen) || (instrumentSpecimen[2] ?? ''),
  isLeftOut: (test) => /^(SCAT|DIST)_/.test(test),
}

const horiba: AstmInstrument = {
  ...usual,
  name: 'horiba',
  isSender: begins('ABX', 'H500', 'H550', 'YUMIZEN', 'PENTRA'),
  firmware: 2,
  serialNumber: 1,
  tests: { ...bloodCountTests, RDW: terms.redCellWidth },
  // Rack and position follow.
  specimenId: ({ specimen }) => specimen[0] ?? '',
  hasCodedComments: true,
}

const cobasC111: AstmInstrument = {
  ...usual,
  name: 'cobas-c111',
  isSender: (sender) => sender.includes('c111'),
  model: 2,
  firmware: 3,
  serialNumber: 5,
  specimenId: ({ specimen, instrumentSpecimen }) =>
    whole(specimen) || (instrumentSpecimen[0] ?? ''),
  hasCodedComments: true,
}

const cobasC311: AstmInstrument = {
  ...usual,
  name: 'cobas-c311',
  isSender: begins('C311'),
  firmware: null,
  serialNumber: null,
  // The first is a running number.
  specimenId: ({ specimen }) => specimen[1] ?? '',
  hasCodedComments: true,
}

export const genexpertInstrument: AstmInstrument = {
  ...usual,
  name: 'genexpert',
  isSender: (sender) => sender.some((one) => /genexpert|cepheid/i.test(one)),
  model: 1,
  firmware: 2,
  serialNumber: null,
  tests: {
    MTB: qualitative.tuberculosis,
    'MTB Trace': qualitative.tuberculosisTrace,
    'RIF Resistance': qualitative.rifampicinResistance,
  },
}

/** Whatever else speaks ASTM. */
const other: AstmInstrument = { ...usual, name: 'astm', isSender: () => true }

const known = [afinion, dca, sysmex, horiba, cobasC111, cobasC311, genexpertInstrument]

export function instrumentOf(sender: readonly string[]): AstmInstrument {
  return known.find(({ isSender }) => isSender(sender)) ?? other
}
