import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { toHex } from '../packet/hex.ts'
import {
  as50LimitBytes,
  as50Questions,
  encodeAs50,
  encodeAs50Question,
  scanAs50,
  type As50Frame,
} from './frame.ts'

t.test('as50: asks with the check sums that are published', async (t) => {
  t.equal(toHex(encodeAs50Question('device').subarray(-2)), '8b1c')
  t.equal(toHex(encodeAs50Question('status').subarray(-2)), 'c34b')
  t.equal(toHex(encodeAs50Question('rate').subarray(-2)), '3444')
  t.strictSame(Object.values(as50Questions), ['DEV', 'STATUS', 'PRIRATE'])
})

t.test('as50: reads values, and a check that looks like text', async (t) => {
  const rate: As50Frame = { name: 'PRIRATE', value: '5.0', isQuestion: false }
  t.match(scanAs50(encodeAs50(rate)), { packet: rate })
  t.match(scanAs50(encodeAs50({ name: 'ACK', value: null, isQuestion: false })), {
    packet: { name: 'ACK', value: null },
  })
  const broken = encodeAs50(rate).with(9, 0x36)
  t.match(scanAs50(broken), { reason: 'wrong check sum' })
  t.match(scanAs50(latin1Bytes('[prirate]xx')), { reason: 'no frame of the pump' })
  t.match(scanAs50(latin1Bytes('xx[ACK]')), { reason: 'no frame', length: 2 })
  t.equal(scanAs50(latin1Bytes('[ACK]x')).kind, 'incomplete')
})

const answer: fc.Arbitrary<As50Frame> = plain({
  name: fc.constantFrom('DEV', 'STATUS', 'PRIRATE', 'ACK'),
  value: fc.option(fc.stringMatching(/^[0-9A-Z., ]{0,20}$/)),
  isQuestion: fc.constant(false),
})
const question: fc.Arbitrary<As50Frame> = plain({
  name: fc.constantFrom('DEV', 'STATUS', 'PRIRATE'),
  value: fc.constant(null),
  isQuestion: fc.constant(true),
})
holdsWhatScannersPromise<As50Frame>('as50', {
  scan: scanAs50,
  encode: encodeAs50,
  packets: fc.oneof(answer, question),
  limitBytes: as50LimitBytes,
})
