/** Laboratory analysers that speak ASTM: chemistry, HbA1c, urine, blood counts. */
import { astmHost } from './astm-host.ts'
import { astmLinks } from './astm-links.ts'
import { astmMessages, astmSender } from './astm-results.ts'

export const astmAnalyser = astmHost({
  id: 'astm-analyser',
  label: 'Laboratory analyser, ASTM: Afinion, DCA, Sysmex, Horiba, cobas c',
  source:
    'CLSI LIS01-A2 and LIS02-A2; transmissions of Afinion 2, DCA Vantage, Sysmex XP-100, Pentra ' +
    'XLR, cobas c111 and c311, each decoded to values checked by hand',
  evidence: 'captured',
  confidence: 'high',
  links: astmLinks,
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,
  isOurs: (header) => ![null, 'genexpert'].includes(astmSender(header)?.name ?? null),
  begin: astmMessages,
})
