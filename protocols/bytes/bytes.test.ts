/** The helpers, and the framer over a tiny invented format: `<` length bytes `>`. */
import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, latin1Bytes, latin1Text } from './bytes.ts'
import {
  crc16Ccitt,
  crc16Modbus,
  crc16X25,
  crc16Xmodem,
  crc8Smbus,
  isOdd,
  sumOf,
  xorOf,
} from './checksum.ts'
import { Framer, type Framed } from './framer.ts'
import { incomplete, noise, packet, type Scan } from './scan.ts'

const scan = (bytes: Uint8Array): Scan<string> => {
  if (bytes.length === 0) return incomplete
  if (bytes[0] !== 0x3c) {
    const next = bytes.indexOf(0x3c)
    return noise('no beginning', next === -1 ? bytes.length : next)
  }
  const length = bytes[1]
  const end = bytes[2 + (length ?? 0)]
  if (length === undefined || end === undefined) return incomplete
  if (end !== 0x3e) return noise('no end', 1)
  return packet(latin1Text(bytes.subarray(2, 2 + length)), 3 + length)
}

function made(text: string): Uint8Array {
  return joinBytes([0x3c, text.length], latin1Bytes(text), [0x3e])
}

function told(framed: Iterable<Framed<string>>): string[] {
  return Array.from(framed, (one) =>
    one.kind === 'packet'
      ? `${one.packet} at ${one.atMs}`
      : `${one.bytes.length} ${one.reason}: ${latin1Text(one.bytes)}`,
  )
}

t.test('bytes: are joined, and are text one a character', async (t) => {
  t.strictSame(joinBytes([1], new Uint8Array([2, 3]), []), new Uint8Array([1, 2, 3]))
  t.equal(latin1Text(latin1Bytes('SpO\u00b2')), 'SpO\u00b2')
  t.throws(() => latin1Bytes('Ω'), RangeError)
  t.throws(() => latin1Bytes('😀'), RangeError)
})

t.test('checksum: exclusive or, sum and parity of bytes', async (t) => {
  t.equal(xorOf(latin1Bytes('ST')), 0x07, 'the start command of the A&D sheet')
  t.equal(sumOf(new Uint8Array([0xff, 0x02])), 0x01)
  t.equal(crc8Smbus(latin1Bytes('123456789')), 0xf4, 'the check value of the catalogue')
  t.equal(crc16X25(latin1Bytes('123456789')), 0x906e)
  t.equal(crc16Modbus(latin1Bytes('123456789')), 0x4b37)
  t.equal(crc16Ccitt(latin1Bytes('123456789')), 0x29b1)
  t.equal(crc16Xmodem(latin1Bytes('123456789')), 0x31c3)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), (byte) => {
      const ones = byte.toString(2).replaceAll('0', '').length
      return isOdd(byte) === (ones % 2 === 1)
    }),
  )
})

t.test(
  'framer: finds packets however they are cut, each with the time of its first byte',
  async (t) => {
    const bytes = joinBytes(made('one'), made(''), made('three'))
    for (let size = 1; size <= bytes.length; size++) {
      const framer = new Framer(scan, 16)
      const found: string[] = []
      for (let at = 0; at < bytes.length; at += size) {
        found.push(...told(framer.feed(bytes.subarray(at, at + size), at)))
      }
      const heardAt = (offset: number): number => offset - (offset % size)
      t.strictSame(found, [`one at ${heardAt(0)}`, ` at ${heardAt(6)}`, `three at ${heardAt(9)}`])
      t.notOk(framer.isWaiting)
    }
  },
)

t.test('framer: joins neighbouring noise and tells it before the next packet', async (t) => {
  const framer = new Framer(scan, 100)
  t.strictSame(told(framer.feed(latin1Bytes('ab'), 1)), [])
  t.strictSame(told(framer.feed(latin1Bytes('cd'), 2)), [])
  t.strictSame(told(framer.feed(latin1Bytes('e<\u0001x!'), 3)), [])
  t.strictSame(told(framer.feed(joinBytes(made('ok'), latin1Bytes('z')), 4)), [
    '9 no beginning: abcde<\u0001x!',
    'ok at 4',
  ])
  t.ok(framer.isWaiting, 'the last byte was not told yet')
  t.strictSame(told(framer.pause()), ['1 no beginning: z'])
  t.notOk(framer.isWaiting)
  t.strictSame(told(framer.pause()), [])
  t.strictSame(told(framer.feed(new Uint8Array(0), 5)), [])
})

t.test('framer: never keeps more than its limit', async (t) => {
  const framer = new Framer(scan, 8)
  const endless = new Uint8Array(40).fill(0x41)
  t.strictSame(told(framer.feed(endless, 0)), [`40 no beginning: ${'A'.repeat(40)}`])
  t.strictSame(told(framer.feed(latin1Bytes('<\u00ffaaaaaa'), 0)), [], 'waits for 255 bytes')
  t.strictSame(told(framer.feed(latin1Bytes('a'), 1)), ['9 cut short: <\u00ffaaaaaaa'])
  t.notOk(framer.isWaiting)
})

t.test('framer: finds the packet behind a false beginning when the stream pauses', async (t) => {
  const framer = new Framer(scan, 300)
  t.strictSame(told(framer.feed(joinBytes(latin1Bytes('<\u00f0'), made('real')), 7)), [])
  t.strictSame(told(framer.pause()), ['2 cut short: <\u00f0', 'real at 7'])
})

t.test('framer: a scanner that consumes nothing cannot stop it', async (t) => {
  const framer = new Framer(() => noise('nothing', 0), 4)
  t.strictSame(told(framer.feed(latin1Bytes('abcde'), 0)), ['4 nothing: abcd'])
  t.strictSame(told(framer.pause()), ['1 nothing: e'])
})

t.test('framer: every byte is in a packet or in noise, once and in order', async (t) => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5, unit: 'grapheme-ascii' }).map(made),
    fc.uint8Array({ maxLength: 5 }),
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (pieces, size) => {
        const bytes = joinBytes(...pieces)
        const framer = new Framer(scan, 300)
        const found: Framed<string>[] = []
        for (let at = 0; at < bytes.length; at += size) {
          found.push(...framer.feed(bytes.subarray(at, at + size), at))
        }
        found.push(...framer.pause())
        const again = found.map((one) => (one.kind === 'packet' ? made(one.packet) : one.bytes))
        return latin1Text(joinBytes(...again)) === latin1Text(bytes)
      },
    ),
  )
  t.pass('for any pieces and any cut')
})
