import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  codefreeGoOn,
  codefreeLimitBytes,
  codefreeNext,
  encodeCodefree,
  scanCodefree,
  type CodefreeMessage,
} from './frame.ts'

function read(hex: string): unknown {
  const found = scanCodefree(fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array(0))
  return found.kind === 'packet' ? found.packet : found
}

t.test('sd-codefree: says what the study prints', async (t) => {
  t.equal(toHex(codefreeGoOn), '531004104050aa')
  t.equal(toHex(codefreeNext), '531004106070aa')
  t.strictSame(read('53 20 04 10 30 20 aa'), { kind: 'hello' })
  t.strictSame(read('53 20 04 10 70 60 aa'), { kind: 'finished' })
})

t.test('sd-codefree: reads a result, whose length is in its frame', async (t) => {
  const result = '53 20 13 13 00 19 03 0e 09 29 00 76 10 00 00 00 00 00 00 00 41 aa'
  t.strictSame(read(result), {
    kind: 'result',
    time: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: null },
    mgPerDl: 118,
    meal: 'before',
  })
  t.match(read(result.replace('76', '77')), { kind: 'noise', reason: 'wrong check' })
  t.match(read(result.replace('53 20', '53 10')), { kind: 'noise', reason: 'not from the meter' })
})

t.test('sd-codefree: the count is full of what ends a frame elsewhere', async (t) => {
  const count = encodeCodefree({ kind: 'count', count: 258 })
  t.equal(count.length, 27)
  t.equal(toHex(count.subarray(0, 8)), '532018300102aaaa')
  t.match(scanCodefree(count), { kind: 'packet', length: 27, packet: { count: 258 } })
})

t.test('sd-codefree: a meter whose clock was never set has no time', async (t) => {
  const bytes = encodeCodefree({ kind: 'result', time: null, mgPerDl: 99, meal: 'none' })
  t.match(scanCodefree(bytes), { packet: { time: null, mgPerDl: 99 } })
})

holdsWhatScannersPromise<CodefreeMessage>('sd-codefree', {
  scan: scanCodefree,
  encode: encodeCodefree,
  packets: fc.oneof(
    plain({ kind: fc.constantFrom('hello' as const, 'finished' as const) }),
    plain({ kind: fc.constant('count' as const), count: fc.nat(0xffff) }),
    plain({
      kind: fc.constant('result' as const),
      time: fc.option(
        plain({
          year: fc.integer({ min: 2000, max: 2099 }),
          month: fc.integer({ min: 1, max: 12 }),
          day: fc.integer({ min: 1, max: 28 }),
          hour: fc.nat(23),
          minute: fc.nat(59),
          second: fc.constant(null),
        }),
      ),
      mgPerDl: fc.nat(0xffff),
      meal: fc.constantFrom('none' as const, 'before' as const, 'after' as const),
    }),
  ),
  limitBytes: codefreeLimitBytes,
})
