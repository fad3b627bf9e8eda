/** Cepheid GeneXpert: molecular tests in cartridges, tuberculosis with its resistance first. */
import { astmHost } from './astm-host.ts'
import { astmLinks } from './astm-links.ts'
import { astmMessages, astmSender } from './astm-results.ts'

export const genexpert = astmHost({
  id: 'genexpert',
  label: 'Cepheid GeneXpert (host interface ASTM)',
  source:
    'Cepheid GeneXpert LIS interface specification 302-2261; one transmission of an Xpert MTB/RIF ' +
    'Ultra seen in a public repository, whose shape the captures here follow',
  evidence: 'documented',
  confidence: 'high',
  links: astmLinks,
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,
  isOurs: (header) => astmSender(header)?.name === 'genexpert',
  begin: astmMessages,
})
