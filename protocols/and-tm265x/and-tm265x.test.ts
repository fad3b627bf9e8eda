import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { encodeAnd, encodeAndQuestion, scanAnd } from './frame.ts'
import type { AndPacket, AndResult } from './packet.ts'

/** The fields of a text with their ends, in a frame with the right check byte. */
function framed(...fields: readonly string[]): Uint8Array {
  return wrapped(fields.map((field) => `${field}\u001e`).join(''))
}

function wrapped(text: string): Uint8Array {
  const bytes = latin1Bytes(text)
  return joinBytes([0x16, 0x16, 0x01], latin1Bytes('00'), [0x02], bytes, [0x03, xorOf(bytes)])
}

const goodFields = 'TM2655|1910291429|RB|M|E00|S102|M 87|D 62|P 83|I17|L139'.split('|')
const good = framed(...goodFields)

const goodResult: AndResult = {
  kind: 'result',
  address: '00',
  model: 'TM2655',
  deviceTime: { year: 2019, month: 10, day: 29, hour: 14, minute: 29, second: null },
  format: 'RB',
  errorCode: '00',
  systolicMmHg: 102,
  meanMmHg: 87,
  diastolicMmHg: 62,
  pulsePerMinute: 83,
  tags: { I: '17', L: '139' },
}

function changed(index: number, field: string): Uint8Array {
  return framed(...goodFields.with(index, field))
}

function reasonOf(bytes: Uint8Array): string {
  const found = scanAnd(bytes)
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('and-tm265x: reads a result of the TM-2655', async (t) => {
  t.equal(good.at(-1), 0x36)
  t.strictSame(scanAnd(good), { kind: 'packet', packet: goodResult, length: 64 })
  t.strictSame(scanAnd(good.subarray(1)), { kind: 'packet', packet: goodResult, length: 63 })
})

t.test('and-tm265x: reads the tags of the TM-2657, where case matters', async (t) => {
  const tags = { I: '00', L: '232', p: '173', i: '0', m: '0', r: '0', t: '35', c: 'N' }
  const blanks = { l: '', d: '', h: '', s: '', w: '', f: '', e: '', b: '' }
  const result: AndResult = {
    ...goodResult,
    model: 'TM2657',
    format: 'RA',
    tags: { ...tags, ...blanks },
  }
  const bytes = encodeAnd(result)
  t.equal(bytes.length, 138, 'as long as the frame of a real TM-2657P')
  t.strictSame(scanAnd(bytes), { kind: 'packet', packet: result, length: 138 })
})

t.test('and-tm265x: a frame of a real TM-2657P and values of real TM-2655s', async (t) => {
  const samples = join(import.meta.dirname, '../../../shared/samples/local/serial')
  const names = ['and-tm2657-ra-frame.bin', 'and-tm2655-rb-frame.bin', 'and-tm2655-rp-frame.bin']
  for (const path of names.map((name) => join(samples, name)).filter(existsSync)) {
    const bytes = new Uint8Array(readFileSync(path))
    const found = scanAnd(bytes)
    t.match(found, { kind: 'packet', length: bytes.length })
    if (found.kind !== 'packet' || found.packet.kind === 'command') continue
    t.strictSame(encodeAnd(found.packet), bytes, 'and says it again byte for byte')
  }
  const korean = framed(...'TM2655|2606041532|AB|M|E00|S116|M 86|D 60|P 89'.split('|'))
  t.match(scanAnd(korean), { packet: { format: 'AB', systolicMmHg: 116, diastolicMmHg: 60 } })
})

t.test('and-tm265x: blank and hyphens are no value, never 0', async (t) => {
  const failed = framed('TM2657', '2501020304', 'RA', 'M', 'E05', 'S   ', 'M---', 'D', 'P   ')
  t.match(scanAnd(failed), {
    packet: {
      errorCode: '05',
      systolicMmHg: null,
      meanMmHg: null,
      diastolicMmHg: null,
      pulsePerMinute: null,
    },
  })
  t.match(scanAnd(changed(1, '0000000000')), { packet: { deviceTime: null } })
  t.match(scanAnd(changed(1, '2502312460')), { packet: { deviceTime: null } })
})

t.test('and-tm265x: refuses a text that is not what it should be', async (t) => {
  t.equal(reasonOf(changed(0, 'UA767')), 'unknown model')
  t.equal(reasonOf(changed(1, '191029')), 'no date')
  t.equal(reasonOf(changed(2, 'ra')), 'unknown format')
  t.equal(reasonOf(changed(3, 'X')), 'unknown format')
  t.equal(reasonOf(changed(4, 'E')), 'no error code')
  t.equal(reasonOf(changed(5, 'S1 2')), 'no number where a result belongs')
  t.equal(reasonOf(changed(5, 'S1')), 'no number where a result belongs', 'two zeros were lost')
  t.equal(reasonOf(changed(6, 'D 87')), 'no number where a result belongs', 'tag and place differ')
  t.equal(reasonOf(changed(9, 'S999')), 'tag in the wrong place')
  t.equal(reasonOf(changed(9, 'L1')), 'tag in the wrong place', 'L comes twice')
  t.equal(reasonOf(changed(9, '17')), 'field without tag')
  t.equal(reasonOf(wrapped('TM2655')), 'last field without its end')
  t.equal(
    reasonOf(framed('TM2655', '1303111616', 'RP', 'N  2', '157, 13')),
    'wrong count of pulses',
  )
  t.equal(
    reasonOf(framed('TM2655', '1303111616', 'RP', 'N  1', '157')),
    'pulse without its numbers',
  )
})

t.test('and-tm265x: resynchronises behind what broke off', async (t) => {
  const lost = good.subarray(0, 30)
  t.strictSame(scanAnd(joinBytes(lost, good)), {
    kind: 'noise',
    reason: 'text broken off',
    length: 30,
  })
  const withoutCheck = joinBytes(good.subarray(0, -1), good)
  t.strictSame(
    scanAnd(withoutCheck),
    { kind: 'noise', reason: 'wrong check byte', length: 63 },
    'the next frame keeps both its SYN',
  )
  t.strictSame(scanAnd(latin1Bytes('xy\u0016')), { kind: 'noise', reason: 'no SYN', length: 2 })
  t.strictSame(scanAnd(latin1Bytes('xyz')), { kind: 'noise', reason: 'no SYN', length: 3 })
  t.equal(reasonOf(latin1Bytes('\u0016\u0016\u0002')), 'no frame after SYN')
  t.equal(reasonOf(latin1Bytes('\u0016\u0001\u0016')), 'no address after SOH')
  t.equal(reasonOf(latin1Bytes('\u0016\u000100\u0003')), 'neither data nor answer')
  t.match(scanAnd(new Uint8Array(12).fill(0x16)), { reason: 'filling', length: 4 })
  t.equal(reasonOf(wrapped('A'.repeat(1_100))), 'text without end')
  t.equal(scanAnd(new Uint8Array(0)).kind, 'incomplete')
})

t.test(
  'and-tm265x: asks only for what was measured, and knows every command it hears',
  async (t) => {
    t.strictSame(encodeAndQuestion('last-result'), wrapped('RB'))
    t.equal(encodeAndQuestion('last-result').at(-1), 0x10)
    t.equal(encodeAndQuestion('last-pulses').at(-1), 0x02)
    const start = joinBytes([0x16, 0x16, 0x01, 0x30, 0x20, 0x02], latin1Bytes('ST'), [0x03, 0x07])
    t.strictSame(scanAnd(start), {
      kind: 'packet',
      packet: { kind: 'command', address: '0 ', command: 'ST' },
      length: 10,
    })
  },
)

/** Records as literals make them, so that they compare strictly. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true })
}

const number = fc.option(fc.integer({ min: 0, max: 999 }))
const two = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'))
const deviceTime = fc.option(
  plain({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.constant(null),
  }),
)
const head = {
  address: two,
  model: fc.constantFrom('TM2655', 'TM2655P', 'TM2657', 'TM-2657P'),
  deviceTime,
}
const anyPacket = fc.oneof(
  plain({
    kind: fc.constant('result' as const),
    ...head,
    format: fc.constantFrom('RA', 'RB', 'AB'),
    errorCode: two,
    systolicMmHg: number,
    meanMmHg: number,
    diastolicMmHg: number,
    pulsePerMinute: number,
    tags: fc.dictionary(
      fc.constantFrom(...'ILpimrtcldhswfeb'.split('')),
      fc.constantFrom('', '0', 'N', '35', '173'),
      { noNullPrototype: true },
    ),
  }),
  plain({
    kind: fc.constant('pulses' as const),
    ...head,
    pulses: fc.array(
      plain({
        pressureMmHg: fc.integer({ min: 0, max: 300 }),
        amplitude: fc.integer({ min: 0, max: 999 }),
      }),
      { maxLength: 40 },
    ),
  }),
  plain({
    kind: fc.constant('answer' as const),
    address: two,
    accepted: fc.boolean(),
  }),
)

t.test('and-tm265x: reads what it writes, and nothing from a part of it', async (t) => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const bytes = encodeAnd(packet)
      const found = scanAnd(bytes)
      t.strictSame(found, {
        kind: 'packet',
        packet: packet satisfies AndPacket,
        length: bytes.length,
      })
      for (let length = 0; length < bytes.length; length++) {
        if (scanAnd(bytes.subarray(0, length)).kind !== 'incomplete') return false
      }
      return true
    }),
  )
})

t.test('and-tm265x: a flipped bit never changes a value', async (t) => {
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bytes = good.slice()
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const found = scanAnd(bytes)
    // STX can become the ACK of an answer. The values are noise then.
    if (found.kind !== 'packet' || found.packet.kind !== 'result') continue
    // The two characters of the address are the only ones that no check byte covers.
    t.strictSame(found.packet, { ...goodResult, address: found.packet.address })
  }
})

t.test('and-tm265x: random bytes never throw and always advance', async (t) => {
  const special = fc.constantFrom(0x16, 0x01, 0x02, 0x03, 0x06, 0x15, 0x1e, 0x30, 0x4d, 0x54)
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.nat(255)), { maxLength: 80 }), (values) => {
      const found = scanAnd(Uint8Array.from(values))
      return found.kind === 'incomplete' || (found.length > 0 && found.length <= values.length)
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
