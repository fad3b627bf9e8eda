/** Arkray SPOTCHEM EL: electrolytes, sent as they are printed. */
import {
  scanSpotchem,
  spotchemFrameLimitBytes,
  type SpotchemResult,
} from '../protocols/spotchem/frame.ts'
import type { Said } from './driver.ts'
import { enquiryHost } from './enquiry-host.ts'
import { laboratoryValue, textWord } from './laboratory.ts'
import { measured } from './measured.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

export const spotchem = enquiryHost<SpotchemResult>({
  id: 'spotchem',
  label: 'Arkray SPOTCHEM EL electrolyte analyser',
  source:
    'A transmission of a real instrument, decoded to values checked by hand. It has no check sum, ' +
    'and the line setting is a guess: look in its menu',
  evidence: 'captured',
  confidence: 'medium',
  links: [
    { kind: 'serial', lines: [{ baud: 9_600, ...eight }], usb: [], splits: 'bytes' },
    { kind: 'tcp', weAre: 'server', port: null, splits: 'bytes' },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanSpotchem,
  frameLimitBytes: spotchemFrameLimitBytes,
  read: resultsOf,
})

function resultsOf({ time, specimenId, specimenType, tests }: SpotchemResult): readonly Said[] {
  const values = tests.map(({ name, text, unit }) =>
    laboratoryValue('spotchem', {
      test: name,
      term: null,
      loinc: '',
      text,
      unit,
      isDoubtful: false,
    }),
  )
  const qualifiers = textWord('specimen', specimenType)
  const identifiers = textWord('specimenId', specimenId)
  return [measured(values, { deviceTime: time, qualifiers, identifiers })]
}
