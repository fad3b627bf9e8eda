import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { encodeSeca, scanSeca, secaLimitBytes, type SecaBlock } from './block.ts'

const block: SecaBlock = {
  kind: 'A0',
  digits: '00724',
  displayType: 5,
  control: [1, 0],
  hasCheck: true,
}

function scanned(text: string) {
  return scanSeca(latin1Bytes(text))
}

t.test('seca: reads a block with its CRC, and one of a scale that has none', async (t) => {
  t.equal(latin1Text(encodeSeca(block)), '\u0002A000724501009A\r\n\u0003')
  t.match(scanned('\u0002A000724501009A\r\n\u0003'), { packet: block, length: 18 })
  t.match(scanned('\u0002A0007245010000\r\n\u0003'), { packet: { hasCheck: false } })
  t.match(scanned('\u0002A41650020100\r\n\u0003'), {
    packet: { kind: 'A4', digits: '1650', displayType: 2, control: [1] },
  })
})

t.test('seca: refuses a wrong CRC and what is no block', async (t) => {
  t.match(scanned('\u0002A000734501009A\r\n\u0003'), { kind: 'noise', reason: 'wrong CRC' })
  t.match(scanned('\u0002A0A0724501009A\r\n\u0003'), { reason: 'no seca block' })
  t.match(scanned('\u0002A000724\u0002A000724501009A\r\n\u0003'), { kind: 'noise', length: 8 })
})

const flag = fc.nat(255)
const anyBlock = fc
  .oneof(
    plain<SecaBlock>({
      kind: fc.constantFrom('A0', 'A1'),
      digits: fc.stringMatching(/^\d{5}$/),
      displayType: fc.nat(15),
      control: fc.tuple(flag, flag),
      hasCheck: fc.boolean(),
    }),
    plain<SecaBlock>({
      kind: fc.constant('A4'),
      digits: fc.stringMatching(/^\d{4}$/),
      displayType: fc.nat(255),
      control: fc.tuple(flag),
      hasCheck: fc.boolean(),
    }),
  )
  // A CRC of 00 is told as none.
  .filter((one) => !one.hasCheck || !latin1Text(encodeSeca(one)).endsWith('00\r\n\u0003'))

holdsWhatScannersPromise('seca', {
  scan: scanSeca,
  encode: encodeSeca,
  packets: anyBlock,
  limitBytes: secaLimitBytes,
})
