import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import type { DeviceTime } from '../packet/record.ts'
import {
  encodeUltra2,
  scanUltra2,
  ultra2LimitBytes,
  ultra2Question,
  type Ultra2Line,
} from './line.ts'

/** Of a meter, as the Tidepool uploader prints them. */
const header = 'P 003,"GMF600DCY","MG/DL " 05A6\r\n'
const result = 'P "SAT","03/21/15","16:42:11   ","  105 ","B","02", 00 099F\r\n'

function read(line: string): unknown {
  const found = scanUltra2(latin1Bytes(line))
  return found.kind === 'packet' ? found.packet : found
}

t.test('onetouch-ultra2: reads lines of a real meter', async (t) => {
  t.strictSame(read(header), { kind: 'header', count: 3, serialNumber: 'GMF600DCY' })
  t.strictSame(read(result), {
    kind: 'result',
    time: { year: 2015, month: 3, day: 21, hour: 16, minute: 42, second: 11 },
    isControl: false,
    shown: '105',
    isDoubtful: false,
    meal: 'B',
    comment: 2,
  })
})

t.test('onetouch-ultra2: a line whose sum is wrong is noise', async (t) => {
  t.match(read(result.replace('105', '106')), { kind: 'noise', reason: 'check sum' })
  t.match(read(result.replace('"B"', '"C"')), { kind: 'noise' })
  t.match(read('P 003\r\n'), { kind: 'noise', reason: 'no check sum' })
})

function summed(text: string): string {
  const sum = [...latin1Bytes(text)].reduce((total, byte) => total + byte, 0)
  return `${text} ${sum.toString(16).toUpperCase().padStart(4, '0')}\r\n`
}

t.test('onetouch-ultra2: control solution, HI, LO and doubt are marks', async (t) => {
  const line = (value: string) =>
    read(summed(`P "SAT","03/21/15","16:42:11   ","${value}","N","00", 00`))
  t.match(line('C 105 '), { isControl: true, shown: '105' })
  t.match(line('   HI '), { isControl: false, shown: 'HI' })
  t.match(line('   LO '), { shown: 'LO' })
  t.match(line('  105?'), { shown: '105', isDoubtful: true })
  t.match(line('  1.5 '), { kind: 'noise', reason: 'no line that is known' })
})

t.test('onetouch-ultra2: reads the serial number and the clock', async (t) => {
  t.strictSame(read(summed('@ "GMF600DCY"')), { kind: 'serial', serialNumber: 'GMF600DCY' })
  t.match(read(summed('F "SAT","08/03/13","22:12:00   "')), {
    time: { year: 2013, month: 8, day: 3, hour: 22, minute: 12, second: 0 },
  })
  t.match(read(summed('F "SAT","13/03/13","22:12:00   "')), { kind: 'clock', time: null })
})

t.test('onetouch-ultra2: asks in its own form', async (t) => {
  t.strictSame(ultra2Question('DMP'), Uint8Array.of(0x11, 0x0d, 0x44, 0x4d, 0x50, 0x0d))
})

const serialNumbers = fc.stringMatching(/^[A-Z0-9]{1,16}$/)
const times = fc.option(
  plain<DeviceTime>({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    hour: fc.nat(23),
    minute: fc.nat(59),
    second: fc.nat(59),
  }),
)

holdsWhatScannersPromise<Ultra2Line>('onetouch-ultra2', {
  scan: scanUltra2,
  encode: encodeUltra2,
  packets: fc.oneof(
    plain({ kind: fc.constant('serial' as const), serialNumber: serialNumbers }),
    plain({ kind: fc.constant('clock' as const), time: times }),
    plain({
      kind: fc.constant('header' as const),
      count: fc.nat(999),
      serialNumber: serialNumbers,
    }),
    plain({
      kind: fc.constant('result' as const),
      time: times,
      isControl: fc.boolean(),
      shown: fc.oneof(fc.constantFrom('HI', 'LO'), fc.nat(999).map(String)),
      isDoubtful: fc.boolean(),
      meal: fc.constantFrom('N' as const, 'B' as const, 'A' as const),
      comment: fc.nat(11),
    }),
  ),
  limitBytes: ultra2LimitBytes,
})
