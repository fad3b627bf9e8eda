import t from 'tap'
import * as fc from 'fast-check'
import { fromHex } from '../packet/hex.ts'
import { findEndpoint, findInterface, parseDescriptors, usbClasses } from './descriptors.ts'

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, '')) ?? new Uint8Array()

const device = '12 01 00 02 00 00 00 40 3a 17 d5 21 00 01 01 02 03 01'

/** A meter of the personal healthcare class, as the sheet of the class lays it out. */
const phdc = hex(
  `${device} 09 02 30 00 01 01 00 c0 32
    09 04 00 00 02 0f 00 00 00  04 20 02 00  06 30 00 01 11 10
    07 05 01 02 40 00 00  04 21 01 08  07 05 82 02 40 00 00  04 21 01 08`,
)

/** A bridge: one HID interface with two interrupt endpoints. */
const hid = hex(
  `${device} 09 02 29 00 01 01 00 80 32
    09 04 00 00 02 03 00 00 00  09 21 11 01 00 01 22 9c 01
    07 05 81 03 40 00 01  07 05 02 03 40 00 01`,
)

t.test('usb descriptors: an interface of the healthcare class', async (t) => {
  const found = parseDescriptors(phdc)
  t.strictSame(found, [
    {
      number: 0,
      alternate: 0,
      class: usbClasses.personalHealthcare,
      subclass: 0,
      protocol: 0,
      reportDescriptorBytes: null,
      endpoints: [
        { number: 1, direction: 'out', type: 'bulk', packetBytes: 64 },
        { number: 2, direction: 'in', type: 'bulk', packetBytes: 64 },
      ],
    },
  ])
  const [only] = found
  t.match(only && findEndpoint(only, 'bulk', 'in'), { number: 2 })
  t.equal(only && findEndpoint(only, 'interrupt', 'in'), null)
})

t.test(
  'usb descriptors: a HID interface says how long the description of its reports is',
  async (t) => {
    t.match(parseDescriptors(hid), [
      {
        class: usbClasses.hid,
        reportDescriptorBytes: 0x19c,
        endpoints: [
          { number: 1, direction: 'in', type: 'interrupt' },
          { number: 2, direction: 'out', type: 'interrupt' },
        ],
      },
    ])
  },
)

t.test('usb descriptors: the first interface that fits, not an alternate of it', async (t) => {
  const alternates = hex(
    `${device} 09 02 00 00 01 01 00 80 32 09 04 00 01 00 ff 00 00 00 09 04 01 00 00 03 00 00 00`,
  )
  const found = parseDescriptors(alternates)
  t.equal(found.length, 2)
  t.match(
    findInterface(found, () => true),
    { number: 1 },
  )
  t.equal(
    findInterface(found, ({ class: of }) => of === 0xff),
    null,
  )
})

t.test('usb descriptors: only the first configuration counts', async (t) => {
  const second = hex('09 02 12 00 01 02 00 80 32 09 04 07 00 00 03 00 00 00')
  const found = parseDescriptors(Uint8Array.of(...hid, ...second))
  t.strictSame(
    found.map(({ number }) => number),
    [0],
  )
})

t.test('usb descriptors: nonsense is passed over', async (t) => {
  t.strictSame(parseDescriptors(new Uint8Array()), [])
  t.strictSame(parseDescriptors(hex('00 04 01')), [], 'no length')
  t.strictSame(parseDescriptors(hex('07 05 81 03 40 00 01')), [], 'an endpoint of nothing')
  t.match(parseDescriptors(hex('09 04 00 00 00 03 00 00 00 09 21 11 01 00 01 23 01 00')), [
    { reportDescriptorBytes: null },
  ])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(hid.length), (bytes, cut) => {
      parseDescriptors(bytes)
      parseDescriptors(hid.subarray(0, cut))
      parseDescriptors(Uint8Array.of(...hid.subarray(0, cut), ...bytes))
    }),
    { numRuns: 2_000 },
  )
  t.pass('and never an exception')
})
