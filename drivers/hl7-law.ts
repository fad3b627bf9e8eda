/** Analysers that send IHE LAW (LAB-29, OUL^R22), and those that send ORU^R01. */
import { hl7Host } from './hl7-host.ts'
import { lawMessages } from './hl7-law-results.ts'

export const hl7Law = hl7Host({
  id: 'hl7-law',
  label: 'Laboratory analyser, HL7 IHE LAW (cobas pure)',
  source:
    'IHE laboratory technical framework, LAB-29; HL7 2.5.1; a message of a Roche cobas pure, cut ' +
    'behind its reagents, decoded to values checked by hand. Orders are not sent to it',
  evidence: 'captured',
  confidence: 'medium',
  links: [
    { kind: 'tcp', weAre: 'server', port: null, splits: 'bytes' },
    { kind: 'tcp', weAre: 'client', port: null, splits: 'bytes' },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,
  begin: lawMessages,
})
