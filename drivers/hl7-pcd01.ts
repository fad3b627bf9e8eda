/** Monitors and pumps that send IHE PCD-01 (ORU^R01): whatever the maker. */
import { hl7Host } from './hl7-host.ts'
import { Monitor, pcdRules } from './hl7-monitor.ts'

export const hl7Pcd01 = hl7Host({
  id: 'hl7-pcd01',
  label: 'Monitor or infusion pump, HL7 IHE PCD-01',
  source:
    'IHE PCD technical framework, transaction PCD-01; HL7 2.6; a message of a Mindray VS900 in its ' +
    'demo mode, decoded to values checked by hand',
  evidence: 'captured',
  confidence: 'high',
  links: [
    { kind: 'tcp', weAre: 'server', port: null, splits: 'bytes' },
    { kind: 'tcp', weAre: 'client', port: null, splits: 'bytes' },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'numerics', 'event'],
  silentAfterMs: null,
  begin: () => {
    const monitor = new Monitor(pcdRules)
    return (message, isSound) => monitor.read(message, isSound)
  },
})
