import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import type { DeviceTime } from '../packet/record.ts'
import {
  encodeFreestyle,
  freestyleLimitBytes,
  scanFreestyle,
  type FreestyleDump,
  type FreestyleResult,
} from './dump.ts'

function summed(text: string, end = '  END'): string {
  const sum = [...latin1Bytes(text)].reduce((total, byte) => total + byte, 0) & 0xffff
  return `${text}0x${sum.toString(16).toUpperCase().padStart(4, '0')}${end}`
}

function read(text: string): unknown {
  const found = scanFreestyle(latin1Bytes(text))
  return found.kind === 'packet' ? found.packet : found
}

const head = '\r\nABCD123-E4567\r\n0.22\r\nApr  22 2014 02:20:37\r\n'

t.test('freestyle: reads a memory with its months of four letters', async (t) => {
  const results =
    '003\r\n105  Apr  22 2014 02:14 G 0x00\r\n' +
    'HI   June 21 2014 20:05 K 0x01\r\n003  July 01 2013 20:05 K 0x02\r\n'
  t.strictSame(read(summed(head + results)), {
    serialNumber: 'ABCD123-E4567',
    software: '0.22',
    clock: { year: 2014, month: 4, day: 22, hour: 2, minute: 20, second: 37 },
    results: [
      {
        shown: '105',
        time: { year: 2014, month: 4, day: 22, hour: 2, minute: 14, second: null },
        kind: 'G',
        isControl: false,
        isClockLost: false,
      },
      {
        shown: 'HI',
        time: { year: 2014, month: 6, day: 21, hour: 20, minute: 5, second: null },
        kind: 'K',
        isControl: true,
        isClockLost: false,
      },
      {
        shown: '003',
        time: { year: 2013, month: 7, day: 1, hour: 20, minute: 5, second: null },
        kind: 'K',
        isControl: false,
        isClockLost: true,
      },
    ],
    unread: 0,
  })
})

t.test(
  'freestyle: a Lite puts an empty line behind the count, and no blanks before END',
  async (t) => {
    const dump = `${head.replace('0.22', '1.43       -P')}001\r\n\n105  Apr  22 2014 02:14 17 0x00\r\n`
    t.match(read(summed(dump, 'END')), { software: '1.43       -P', results: [{ kind: '17' }] })
    t.match(read(`${head}Log Empty END`), { results: [], unread: 0 })
  },
)

t.test('freestyle: what is not whole is not believed', async (t) => {
  const one = `${head}001\r\n105  Apr  22 2014 02:14 G 0x00\r\n`
  t.match(read(summed(one).replace('105', '106')), { kind: 'noise', reason: 'check sum' })
  t.match(read(summed(one.replace('001', '002'))), { reason: 'another number of results' })
  t.match(read(`${one}END`), { kind: 'noise', reason: 'no check sum' })
  t.match(read(summed(one.replace(' G ', ' X '))), { results: [], unread: 1 })
  t.match(read(summed(one.replace('22 2014 02:14', '32 2014 02:14'))), {
    results: [{ time: null }],
  })
})

t.test('freestyle: a dump behind half of one is found', async (t) => {
  const whole = summed(`${head}001\r\n105  Apr  22 2014 02:14 G 0x00\r\n`)
  let bytes = latin1Bytes(`${head}001\r\n105  Ap${whole}`)
  let found = scanFreestyle(bytes)
  for (let step = 0; step < 10 && found.kind === 'noise'; step++) {
    bytes = bytes.subarray(found.length)
    found = scanFreestyle(bytes)
  }
  t.match(found, { kind: 'packet', length: whole.length })
  t.equal(latin1Text(bytes), whole)
})

const times = (second: fc.Arbitrary<number | null>): fc.Arbitrary<DeviceTime | null> =>
  fc.option(
    plain<DeviceTime>({
      year: fc.integer({ min: 2000, max: 2099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.nat(23),
      minute: fc.nat(59),
      second,
    }),
  )

const results: fc.Arbitrary<FreestyleResult> = plain({
  shown: fc.oneof(
    fc.constantFrom('HI', 'LO'),
    fc.nat(999).map((number) => String(number).padStart(3, '0')),
  ),
  time: times(fc.constant(null)).filter((time) => time !== null),
  kind: fc.constantFrom('G', 'K', '17'),
  isControl: fc.boolean(),
  isClockLost: fc.boolean(),
})

holdsWhatScannersPromise<FreestyleDump>('freestyle', {
  scan: scanFreestyle,
  encode: encodeFreestyle,
  packets: plain({
    serialNumber: fc.stringMatching(/^[A-Z]{4}\d{3}-[A-Z]\d{4}$/),
    software: fc.constant('0.22'),
    clock: times(fc.nat(59)),
    results: fc.array(results, { maxLength: 3 }),
    unread: fc.constant(0),
  }),
  limitBytes: freestyleLimitBytes,
})
