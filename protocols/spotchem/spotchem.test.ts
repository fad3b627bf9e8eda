import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import {
  encodeSpotchem,
  scanSpotchem,
  spotchemFrameLimitBytes,
  type SpotchemResult,
} from './frame.ts'

holdsWhatScannersPromise<SpotchemResult>('spotchem', {
  scan: scanSpotchem as never,
  encode: encodeSpotchem,
  packets: plain<SpotchemResult>({
    kind: fc.constant('frame'),
    time: plain<SpotchemResult['time']>({
      year: fc.integer({ min: 2_000, max: 2_099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.nat(23),
      minute: fc.nat(59),
      second: fc.constant(null),
    }),
    specimenId: fc.stringMatching(/^[A-Z0-9_-]{0,10}$/),
    specimenType: fc.constantFrom('B. Plasma', 'Serum'),
    tests: fc.array(
      plain<SpotchemResult['tests'][number]>({
        name: fc.constantFrom('Na', 'K', 'Cl'),
        text: fc.constantFrom('131', '9.7', '----'),
        unit: fc.constantFrom('mmol/L', 'mEq/L'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  limitBytes: spotchemFrameLimitBytes,
})

t.test('spotchem: what is not where it belongs is broken', async (t) => {
  const reason = (text: string) => {
    const found = scanSpotchem(latin1Bytes(text))
    return found.kind === 'packet' && found.packet.kind === 'broken' ? found.packet.reason : null
  }
  const head = '\x0224/10/29 13:08 ID# 1 [Serum]'
  t.equal(reason(`${head} Na 131 mmol/L\x03`), null)
  t.equal(reason(`${head} 131 Na mmol/L\x03`), 'no result')
  t.equal(reason(`${head} Na 131\x03`), 'no result')
  t.equal(reason(`${head} Na 131 17\x03`), 'no result')
  t.equal(reason(`${head}\x03`), 'no result')
  t.equal(reason('\x0224/13/29 13:08 ID# 1 [Serum] Na 131 mmol/L\x03'), 'no result')
  t.equal(reason(`${head}\x02`), 'frame cut short')
  t.equal(reason(`\x02${'x'.repeat(spotchemFrameLimitBytes)}`), 'frame without end')
})
