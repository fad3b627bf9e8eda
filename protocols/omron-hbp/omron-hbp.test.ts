import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import { encodeHbp, hbpLimitBytes, scanHbp, type HbpPacket } from './line.ts'

const good = '2025,03,14,09,41,00000000000000000000,0,128,079,066,0\r\n'
const bp = 'bp,99999999999999999999,2025/03/14,10:02,138,096,075,070,2\r\n'
const terumo = '\u0002R1,000000000,250314,100230,126,095,080,082,0000,0000,00000,000\u0003'

function scanned(text: string) {
  return scanHbp(latin1Bytes(text))
}

t.test('omron-hbp: reads format 5 of the HBP-9030', async (t) => {
  t.equal(good.length, 55)
  t.strictSame(scanned(good), {
    kind: 'packet',
    packet: {
      kind: 'result',
      format: 'hbp-9030',
      deviceTime: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: null },
      errorCode: null,
      systolicMmHg: 128,
      diastolicMmHg: 79,
      pulsePerMinute: 66,
      bodyMovement: '0',
      isCheckKnown: null,
    },
    length: 55,
  })
  const failed = '2025,03,14,09,45,00000000000000000000,2,   ,   ,   ,0\r\n'
  t.match(scanned(failed), { packet: { errorCode: '2', systolicMmHg: null } })
})

t.test('omron-hbp: reads the other two lines, which say a mean', async (t) => {
  t.match(scanned(bp), {
    packet: { systolicMmHg: 138, meanMmHg: 96, diastolicMmHg: 75, pulsePerMinute: 70 },
  })
  const time = { year: 2025, month: 3, day: 14, hour: 10, minute: 2, second: 30 }
  t.match(scanned(`${terumo}?`), {
    packet: { systolicMmHg: 126, meanMmHg: 95, diastolicMmHg: 80, pulsePerMinute: 82 },
  })
  t.match(scanned(`${terumo}?`), { packet: { deviceTime: time, isCheckKnown: false } })
  t.equal(scanned(terumo).kind, 'incomplete', 'the check byte belongs to it')
})

t.test('omron-hbp: the lines that a program of a hospital quotes', async (t) => {
  const name = '../../../shared/samples/local/serial/omron-hbp9020-terumo-lines.txt'
  const path = join(import.meta.dirname, name)
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : []
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const isTerumo = line.includes('R1,')
    const text = isTerumo ? line : `${line.trim()}\r\n`
    t.match(scanned(text), { kind: 'packet', packet: { meanMmHg: isTerumo ? 97 : 98 } })
  }
})

t.test('omron-hbp: another format of the menu is recognised, never misread', async (t) => {
  t.match(scanned('MMBP203N12345,128,79\r\n'), { packet: { kind: 'unsupported' }, length: 22 })
  t.match(scanned('ID,12345\r\n'), { packet: { kind: 'unsupported', format: 'ID' } })
})

t.test('omron-hbp: refuses what is not exactly a line', async (t) => {
  const wrong = [
    good.replace(',128,', ',1 28,'),
    good.replace(',128,', ',   ,'),
    good.replace(',079,', ',000,'),
    good.replace('0,128', 'x,128'),
    good.replace('2025,03', '2025,3'),
    bp.replace('/03/', '-03-'),
    bp.replace(',075', ''),
    bp.replace(',070,2', ',070'),
    terumo.replace('R1,', 'R1').concat('?'),
    terumo.replace(',0000,', ',').concat('?'),
  ]
  for (const text of wrong) t.equal(scanned(text).kind, 'noise', text)
  t.match(scanned(good.replace(',03,14', ',00,00')), { packet: { deviceTime: null } })
  t.match(scanned('9'.repeat(5)), { kind: 'noise', length: 1 })
  t.match(scanned('bp,'.padEnd(hbpLimitBytes, 'x')), { reason: 'frame without end' })
})

t.test('omron-hbp: a whole line behind half of one is found', async (t) => {
  t.match(scanned(good.slice(0, 20) + good), { kind: 'noise', length: 20 })
  t.match(scanned(good.slice(17, 38) + good), { kind: 'noise' })
})

const number = fc.integer({ min: 1, max: 999 })
const maybe = fc.option(number)
const date = fc.tuple(
  fc.integer({ min: 2000, max: 2099 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
  fc.integer({ min: 0, max: 23 }),
  fc.integer({ min: 0, max: 59 }),
)
const anyPacket = fc
  .tuple(date, number, maybe, number, maybe, fc.constantFrom('hbp-9030', 'bp', 'terumo'))
  .chain(([date, systolicMmHg, meanMmHg, diastolicMmHg, pulsePerMinute, format]) =>
    fc.tuple(fc.constantFrom(null, '2'), fc.boolean()).map(([error, flag]): HbpPacket => {
      const isFormat5 = format === 'hbp-9030'
      return {
        kind: 'result',
        format,
        deviceTime: deviceTimeOf(...date, format === 'terumo' ? 59 : null),
        errorCode: isFormat5 ? error : null,
        systolicMmHg,
        ...(isFormat5 ? {} : { meanMmHg }),
        diastolicMmHg,
        pulsePerMinute,
        bodyMovement: isFormat5 ? '3' : null,
        isCheckKnown: format === 'terumo' ? flag : null,
      }
    }),
  )

holdsWhatScannersPromise('omron-hbp', {
  scan: scanHbp,
  encode: encodeHbp,
  packets: fc.oneof(
    anyPacket,
    plain({
      kind: fc.constant('unsupported' as const),
      format: fc.constantFrom('MMBP203N' as const, 'ID' as const),
    }),
  ),
  limitBytes: hbpLimitBytes,
})
