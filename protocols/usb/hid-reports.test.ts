import t from 'tap'
import * as fc from 'fast-check'
import { fromHex } from '../packet/hex.ts'
import { parseHidReports } from './hid-reports.ts'

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(' ', '')) ?? new Uint8Array()

t.test('hid reports: eight bytes without a number', async (t) => {
  const description = hex(
    '06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 08 09 02 81 02 09 03 91 02 c0',
  )
  t.strictSame(parseHidReports(description), { isNumbered: false, inputBytes: new Map([[0, 8]]) })
})

t.test('hid reports: each of numbered ones, with its number', async (t) => {
  const description = hex(
    'a1 01 75 08 85 01 95 01 81 02 91 02 85 3f 95 3f 81 02 91 02 85 41 95 01 b1 02 c0',
  )
  t.strictSame(parseHidReports(description), {
    isNumbered: true,
    inputBytes: new Map([
      [1, 2],
      [0x3f, 64],
    ]),
  })
})

t.test('hid reports: parts of one report add up, bits too', async (t) => {
  const mouse = hex('05 01 09 02 a1 01 75 01 95 03 81 02 75 05 95 01 81 03 75 08 95 02 81 06 c0')
  t.strictSame(parseHidReports(mouse), { isNumbered: false, inputBytes: new Map([[0, 3]]) })
})

t.test('hid reports: pushed settings come back, long items are passed over', async (t) => {
  const pushed = hex('75 08 95 02 a4 75 10 95 7f b4 fe 02 00 aa bb 81 02 b4')
  t.strictSame(parseHidReports(pushed), { isNumbered: false, inputBytes: new Map([[0, 2]]) })
})

t.test('hid reports: no description is no report', async (t) => {
  t.strictSame(parseHidReports(new Uint8Array()), { isNumbered: false, inputBytes: new Map() })
})

t.test('hid reports: noise never throws, and no report is endless', async (t) => {
  t.equal(parseHidReports(hex('77 ff ff ff ff 97 ff ff ff ff 81 02')).inputBytes.get(0), 65_535)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { inputBytes } = parseHidReports(bytes)
      return [...inputBytes.values()].every((length) => length >= 0 && length <= 65_535)
    }),
    { numRuns: 3_000 },
  )
  t.pass()
})
