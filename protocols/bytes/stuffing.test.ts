import * as fc from 'fast-check'
import t from 'tap'
import { fromBcd, toBcd } from './bcd.ts'
import { nextByte, noBytes, viewOf } from './bytes.ts'
import { stuff, unstuff } from './stuffing.ts'

t.test('stuffing: reserved bytes never occur, and all come back', async (t) => {
  const special = fc.constantFrom(0x7e, 0x7d, 0x5e, 0xc0, 0xc1)
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.nat(255))), (bytes) => {
      const stuffed = stuff(bytes, [0x7e, 0xc0, 0xc1])
      t.notOk(stuffed.some((byte) => byte === 0x7e || byte === 0xc0 || byte === 0xc1))
      t.strictSame(unstuff(Uint8Array.from(stuffed)), Uint8Array.from(bytes))
    }),
  )
  t.strictSame(stuff([0x7d, 0x7e], [0x7e]), [0x7d, 0x5d, 0x7d, 0x5e])
  t.equal(unstuff(Uint8Array.of(1, 0x7d)), null)
})

t.test('bcd: two digits, and NaN for what is none', async (t) => {
  for (let number = 0; number < 100; number++) t.equal(fromBcd(toBcd(number)), number)
  t.equal(toBcd(26), 0x26)
  t.ok(Number.isNaN(fromBcd(0x1a)))
  t.ok(Number.isNaN(fromBcd(0xff)))
})

t.test('bytes: the next place where something may begin', async (t) => {
  const isHigh = (byte: number): boolean => byte >= 0x80
  t.equal(nextByte(Uint8Array.of(0x80, 1, 0x81), isHigh), 2)
  t.equal(nextByte(Uint8Array.of(0x80, 1), isHigh), 2)
  t.equal(nextByte(noBytes, isHigh), 0)
  t.equal(viewOf(Uint8Array.of(9, 1, 2).subarray(1)).getUint16(0), 0x102)
})
