import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import {
  encodeScaleLine,
  kilogramsOf,
  scaleLineLimitBytes,
  scanScale,
  type ScaleAmount,
  type ScaleLine,
  type ScalePacket,
  type ScaleUnit,
} from './line.ts'

function read(text: string): ScalePacket | string {
  const found = scanScale(latin1Bytes(text))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

function shown(value: number, decimals: number, unit: ScaleUnit): ScaleAmount {
  return { value, decimals, unit }
}

const stable: ScaleLine = {
  kind: 'line',
  state: 'stable',
  load: null,
  comparator: null,
  amount: { value: 72.45, decimals: 2, unit: 'kg' },
  parityInData: null,
}

t.test('st-gs-scale: reads every example of the manuals', async (t) => {
  t.strictSame(read('ST,+00072.45 kg\r\n'), stable)
  t.match(read('ST,+0001.234 kg\r\n'), { state: 'stable', amount: shown(1.234, 3, 'kg') })
  t.match(read('ST,NT,+0012.34kg'), { load: 'net', amount: shown(12.34, 2, 'kg') })
  t.match(read('US,GS,+  12.34kg'), { state: 'unstable', load: 'gross' })
  t.match(read('OL,+999999.9  g'), { state: 'overload', amount: null })
  t.match(read('ST,GS   1.000KG'), { load: 'gross', amount: shown(1, 3, 'kg') })
  t.match(read('QT,+00012345 PC'), { state: 'count', amount: shown(12_345, 0, 'pc') })
  t.match(read('ST,OK,-00000.20 lb'), { comparator: 'ok', amount: shown(-0.2, 2, 'lb') })
  t.strictSame(read('US,-00000.00 kg'), {
    ...stable,
    state: 'unstable',
    amount: shown(0, 2, 'kg'),
  })
})

t.test('st-gs-scale: an overload may be blank', async (t) => {
  t.match(read('OL,            \r'), { state: 'overload', amount: null })
  t.match(read('OL,          kg\r'), { state: 'overload', amount: null })
  t.match(read('OL,         US,+0'), { state: 'overload' }, 'the next line ends it')
  t.equal(read('ST,            \r'), 'no scale line')
  t.equal(read('ST,+00072.45\r'), 'no scale line', 'a weight without unit is no weight')
})

t.test('st-gs-scale: line ends say nothing and are no noise', async (t) => {
  t.strictSame(scanScale(latin1Bytes('\r\n\u0000\nST')), {
    kind: 'packet',
    packet: { kind: 'line-end' },
    length: 4,
  })
  t.strictSame(read('\u008d\n'), { kind: 'line-end' }, 'also with parity in bit 7')
})

t.test('st-gs-scale: reads seven bits and parity through a port set to eight', async (t) => {
  for (const parityInData of ['even', 'odd'] as const) {
    const bytes = encodeScaleLine({ ...stable, parityInData }, 'standard')
    t.ok(bytes.some((byte) => byte > 0x7f))
    t.match(scanScale(bytes), { packet: { ...stable, parityInData } })
  }
  const flipped = latin1Bytes('ST,+00072.45 kg')
  flipped[6] = (flipped[6] ?? 0) | 0x80
  t.match(scanScale(flipped), { kind: 'noise', reason: 'bit 7 is no parity', length: 15 })
})

t.test('st-gs-scale: finds the next line behind what is none', async (t) => {
  t.match(scanScale(latin1Bytes('xxST,+1kg')), { kind: 'noise', length: 2 })
  t.match(scanScale(latin1Bytes('hello\r\n')), { kind: 'noise', length: 5 })
  t.match(scanScale(latin1Bytes('STOP')), { kind: 'noise', length: 4 })
  t.match(scanScale(latin1Bytes('hello U')), { kind: 'noise', length: 6 })
  t.match(scanScale(latin1Bytes('ST,+000US,+1kg')), { kind: 'noise', length: 7 })
  t.match(scanScale(latin1Bytes(`ST,${'1'.repeat(60)}`)), { kind: 'noise' })
  t.equal(scanScale(new Uint8Array(0)).kind, 'incomplete')
})

t.test('st-gs-scale: converts to kilograms, and knows its step', async (t) => {
  t.strictSame(kilogramsOf({ value: 72.45, decimals: 2, unit: 'kg' }), {
    weightKg: 72.45,
    stepKg: 0.01,
  })
  t.match(kilogramsOf({ value: 3_456, decimals: 0, unit: 'g' }), { weightKg: 3.456, stepKg: 0.001 })
  t.match(kilogramsOf({ value: 160, decimals: 1, unit: 'lb' }), { weightKg: 72.575 })
  t.match(kilogramsOf({ value: 160, decimals: 0, unit: 'oz' }), { weightKg: 4.536 })
  t.match(kilogramsOf({ value: 0.07, decimals: 2, unit: 't' }), { weightKg: 70 })
  t.equal(kilogramsOf({ value: 7, decimals: 0, unit: 'pc' }), null)
})

/** Records as literals make them, so that they compare strictly. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true })
}

const amount = plain({
  digits: fc.integer({ min: -99_999, max: 99_999 }),
  decimals: fc.nat(3),
  unit: fc.constantFrom('kg' as const, 'g' as const, 'lb' as const, 'oz' as const, 't' as const),
}).map(({ digits, decimals, unit }) => ({ value: digits / 10 ** decimals, decimals, unit }))
const parityInData = fc.constantFrom(null, 'even' as const, 'odd' as const)
const anyLine: fc.Arbitrary<ScaleLine> = fc.oneof(
  plain({
    kind: fc.constant('line' as const),
    state: fc.constantFrom('stable' as const, 'unstable' as const),
    load: fc.constantFrom(
      ...([null, 'gross', 'net', 'tare', 'preset-tare'] satisfies ScaleLine['load'][]),
    ),
    comparator: fc.constant(null),
    amount,
    parityInData,
  }),
  plain({
    kind: fc.constant('line' as const),
    state: fc.constantFrom('stable' as const, 'unstable' as const),
    load: fc.constant(null),
    comparator: fc.constantFrom(
      ...([null, 'low', 'ok', 'high', 'none'] satisfies ScaleLine['comparator'][]),
    ),
    amount,
    parityInData,
  }),
)
const layout = fc.constantFrom('standard' as const, 'indicator' as const)

t.test('st-gs-scale: reads what it writes, and nothing from a part of it', async (t) => {
  fc.assert(
    fc.property(anyLine, layout, (line, layout) => {
      const bytes = encodeScaleLine(line, layout)
      t.ok(bytes.length <= scaleLineLimitBytes)
      t.strictSame(scanScale(bytes), { kind: 'packet', packet: line, length: bytes.length })
      for (let length = 0; length < bytes.length; length++) {
        if (scanScale(bytes.subarray(0, length)).kind !== 'incomplete') return false
      }
      return true
    }),
  )
  for (const layout of ['standard', 'indicator'] as const) {
    const overload: ScaleLine = { ...stable, state: 'overload', load: 'gross', amount: null }
    t.match(scanScale(joinBytes(encodeScaleLine(overload, layout), [13])), { packet: overload })
  }
})

t.test('st-gs-scale: whole lines without ends are the same as a stream with them', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyLine, layout), { maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('\r', '\n', '\r\n'),
      (lines, size, end) => {
        const whole = lines.map(([line, layout]) => encodeScaleLine(line, layout))
        const stream = joinBytes(...whole.flatMap((line) => [line, latin1Bytes(end)]))
        const pieces: Uint8Array[] = []
        for (let at = 0; at < stream.length; at += size) pieces.push(stream.slice(at, at + size))
        t.strictSame(
          linesIn(pieces),
          lines.map(([line]) => line),
        )
        t.strictSame(
          linesIn(whole),
          lines.map(([line]) => line),
        )
      },
    ),
  )
})

function linesIn(pieces: readonly Uint8Array[]): ScalePacket[] {
  const framer = new Framer(scanScale, 80)
  const found = pieces.flatMap((piece) => [...framer.feed(piece, 0)])
  return [...found, ...framer.pause()].flatMap((one) => {
    if (one.kind === 'noise') throw new Error(`noise: ${latin1Text(one.bytes)}`)
    return one.packet.kind === 'line' ? [one.packet] : []
  })
}

t.test('st-gs-scale: random bytes never throw and always advance', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom(...'STUSOLQT,, +-.0123456789kglbGNOKHI\r\n'.split('')),
    fc.string({ maxLength: 1, unit: 'binary-ascii' }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const bytes = latin1Bytes(pieces.join(''))
      const found = scanScale(bytes)
      return found.kind === 'incomplete' || (found.length > 0 && found.length <= bytes.length)
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
