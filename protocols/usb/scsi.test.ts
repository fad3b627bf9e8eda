import t from 'tap'
import * as fc from 'fast-check'
import { latin1Bytes } from '../bytes/bytes.ts'
import { toHex } from '../packet/hex.ts'
import {
  decodeInquiry,
  decodeScsiAnswer,
  decodeScsiRequest,
  encodeScsiAnswer,
  encodeScsiRequest,
  scsiDataLimitBytes,
  scsiInquiry,
  scsiRead,
  scsiWrite,
} from './scsi.ts'

t.test('scsi: the blocks of the commands', async (t) => {
  t.equal(toHex(scsiInquiry().block), '120000002400')
  t.equal(toHex(scsiRead(3, 1).block), '28000000000300000100')
  t.equal(scsiRead(3, 2).wantedBytes, 1_024)
  const write = scsiWrite(0x01020304, new Uint8Array(512))
  t.equal(toHex(write.block), '2a000102030400000100')
  t.equal(write.wantedBytes, 0)
})

t.test('scsi: who the device is', async (t) => {
  const data = new Uint8Array(36)
  data.set(latin1Bytes('LifeScanOneTouch Verio  0100'), 8)
  const value = { vendor: 'LifeScan', product: 'OneTouch Verio', revision: '0100' }
  t.strictSame(decodeInquiry(data), { ok: true, value })
  t.equal(decodeInquiry(data.subarray(1)).ok, false)
})

t.test('scsi: requests and answers go there and back', async (t) => {
  const block = fc.uint8Array({ minLength: 1, maxLength: 16 })
  const data = fc.uint8Array({ maxLength: 600 })
  fc.assert(
    fc.property(block, data, fc.boolean(), (block, data, isIn) => {
      const request = isIn
        ? { block, wantedBytes: data.length, data: new Uint8Array() }
        : { block, wantedBytes: 0, data }
      t.strictSame(decodeScsiRequest(encodeScsiRequest(request)), { ok: true, value: request })
      const answer = { isGood: isIn, data }
      t.strictSame(decodeScsiAnswer(encodeScsiAnswer(answer)), { ok: true, value: answer })
    }),
    { numRuns: 300 },
  )
})

t.test('scsi: what is no request or answer is none', async (t) => {
  const whole = encodeScsiRequest(scsiRead(1, 1))
  for (let cut = 0; cut < whole.length; cut++) {
    t.equal(decodeScsiRequest(whole.subarray(0, cut)).ok, false)
  }
  const long = {
    block: Uint8Array.of(1),
    wantedBytes: scsiDataLimitBytes + 1,
    data: new Uint8Array(),
  }
  const both = { block: Uint8Array.of(1), wantedBytes: 1, data: Uint8Array.of(1) }
  for (const wrong of [long, both]) t.equal(decodeScsiRequest(encodeScsiRequest(wrong)).ok, false)
  t.equal(decodeScsiRequest(Uint8Array.of(17, ...new Uint8Array(40))).ok, false)
  t.equal(decodeScsiAnswer(new Uint8Array()).ok, false)
  t.equal(decodeScsiAnswer(Uint8Array.of(2)).ok, false)
})
