import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex } from '../packet/hex.ts'
import {
  dinamapBlockBytes,
  encodeDinamapBlock,
  heartRateIn,
  scanDinamapBlock,
  unwovenEcg,
  type DinamapBlock,
} from './native.ts'

/** The first block of the capture. */
const real = fromHex('000e600006019c7f1fc7f1fc000000f609ff') ?? noBytes

t.test('dinamap native: the first block of a capture', async (t) => {
  const found = scanDinamapBlock(real)
  t.strictSame(found, {
    kind: 'packet',
    packet: {
      sequence: 0,
      status: 0x0e,
      respiration: 412,
      ecg: [508, 508, 508, 508],
      record: Uint8Array.of(0, 0, 0),
    },
    length: 18,
  })
  if (found.kind === 'packet') t.strictSame(encodeDinamapBlock(found.packet), real)
})

t.test('dinamap native: refuses a block that any of its three checks denies', async (t) => {
  t.match(scanDinamapBlock(real.with(8, 0x1e)), { kind: 'noise', reason: 'wrong CRC', length: 1 })
  t.match(scanDinamapBlock(real.with(16, 0x08)), { reason: 'no block' })
  t.match(scanDinamapBlock(real.with(0, 1)), { reason: 'no block' })
  t.match(scanDinamapBlock(real.with(0, 200)), { reason: 'no sequence', length: 1 })
})

t.test('dinamap native: the ECG is woven over four blocks', async (t) => {
  const rows = [
    [509, 498, 586, 510],
    [506, 518, 579, 497],
    [499, 537, 552, 491],
    [493, 556, 538, null],
  ]
  const blocks = rows.map((ecg, sequence): DinamapBlock => ({
    sequence,
    status: 0,
    respiration: 0,
    ecg,
    record: noBytes,
  }))
  t.strictSame(unwovenEcg(blocks), [
    509,
    506,
    499,
    493,
    498,
    518,
    537,
    556,
    586,
    579,
    552,
    538,
    510,
    497,
    491,
    null,
  ])
})

t.test('dinamap native: a heart rate only where the record says so', async (t) => {
  const record = new Uint8Array(150)
  record.set([0x14, 0x01, 0x0c])
  record.set([0, 1, 0, 60], 128)
  t.equal(heartRateIn(record), 60)
  t.equal(heartRateIn(record.with(131, 0)), null)
  t.equal(heartRateIn(record.with(130, 0xff)), null)
  t.equal(heartRateIn(record.with(129, 0)), null)
  t.equal(heartRateIn(record.with(0, 0)), null)
  t.equal(heartRateIn(noBytes), null)
})

holdsWhatScannersPromise('dinamap native', {
  scan: scanDinamapBlock,
  encode: encodeDinamapBlock,
  packets: plain<DinamapBlock>({
    sequence: fc.nat(199),
    status: fc.nat(255),
    respiration: fc.nat(1_023),
    ecg: fc.array(
      fc.oneof(
        fc.constant(null),
        fc.nat(1_023).filter((sample) => sample !== 0x3fe),
      ),
      { minLength: 4, maxLength: 4 },
    ),
    record: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  }),
  limitBytes: dinamapBlockBytes,
})
