import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeIsens,
  isensLimitBytes,
  isensQuestion,
  isensResultsQuestion,
  readIsensCount,
  readIsensResults,
  readIsensSerial,
  readIsensTime,
  scanIsens,
  type IsensPacket,
} from './packet.ts'

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array(0)
}

t.test('isens: asks as the published driver does', async (t) => {
  t.equal(toHex(isensQuestion('RSNB')), '02695350630752534e42b14c03')
  t.equal(toHex(isensQuestion('RTIM')), '0269535063075254494d75cf03')
  t.equal(toHex(isensQuestion('NCOT')), '0269535063074e434f54bb7f03')
  t.equal(toHex(isensResultsQuestion(1, 3)), '02695350630a474c554500010360eb03')
})

t.test('isens: results come without a right check, and nothing else may', async (t) => {
  const results = encodeIsens({ command: 'GLUE', data: bytesOf('1903 0e09 2900 2000 76') })
  const broken = results.with(19, 0).with(20, 0)
  t.match(scanIsens(broken), { kind: 'packet', packet: { command: 'GLUE' } })
  const count = encodeIsens({ command: 'NCOT', data: Uint8Array.of(0, 3) })
  t.match(scanIsens(count), { kind: 'packet' })
  t.match(scanIsens(count.with(13, 0)), { kind: 'noise', reason: 'wrong check' })
  t.match(scanIsens(results.with(21, 0)), { kind: 'noise', reason: 'no end' })
})

t.test('isens: reads a result with its flags', async (t) => {
  const read = (flags: string, value = '0076') =>
    readIsensResults(bytesOf(`19 03 0e 09 29 00 ${flags} ${value}`), 1)?.[0]
  t.strictSame(read('20'), {
    time: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: 0 },
    stored: 118,
    isKetone: false,
    isControl: false,
    meal: null,
    beyond: null,
  })
  t.match(read('01'), { isControl: true })
  t.match(read('02'), { meal: 'after' })
  t.match(read('10'), { meal: 'fasting' })
  t.match(read('88', '0258'), { beyond: 'above', stored: 600 })
  t.match(read('84', '0013'), { beyond: 'below' })
  t.match(read('40', '000f'), { isKetone: true, stored: 15 })
})

t.test('isens: a date that cannot be makes an answer doubtful', async (t) => {
  const good = bytesOf('19 03 0e 09 29 00 20 00 76')
  t.equal(readIsensResults(good, 2), null, 'of another length')
  t.equal(readIsensResults(good.with(1, 13), 1), null)
  t.equal(readIsensResults(good.with(0, 200), 1), null)
  t.match(readIsensResults(new Uint8Array(9).with(8, 99), 1), [{ time: null, stored: 99 }])
})

t.test('isens: reads serial number, count and clock', async (t) => {
  t.equal(readIsensSerial(latin1Bytes('M123A4567\0')), 'M123A4567')
  t.equal(readIsensSerial(latin1Bytes('\u0001\u0002')), null)
  t.equal(readIsensCount(Uint8Array.of(1, 0)), 256)
  t.equal(readIsensCount(Uint8Array.of(1)), null)
  t.match(readIsensTime(bytesOf('19030e093200')), { hour: 9, minute: 50, second: 0 })
  t.equal(readIsensTime(bytesOf('190d0e093200')), null)
})

holdsWhatScannersPromise<IsensPacket>('isens', {
  scan: scanIsens,
  encode: encodeIsens,
  packets: plain({
    command: fc.constantFrom('RSNB', 'RTIM', 'NCOT', 'GLUE', 'TOUT'),
    data: fc.uint8Array({ maxLength: 60 }),
  }),
  limitBytes: isensLimitBytes,
})
