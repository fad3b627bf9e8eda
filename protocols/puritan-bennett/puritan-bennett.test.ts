import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  encodePuritanBennett,
  encodePuritanBennettQuestion,
  fieldNumber,
  fieldText,
  puritanBennettLimitBytes,
  scanPuritanBennett,
  type PuritanBennettReport,
} from './report.ts'

const report: PuritanBennettReport = {
  name: 'MISCF',
  fields: [
    '10:15 ',
    '840 3510012345    ',
    'MAR 14 2025 ',
    'INVASIVE ',
    'A/C   ',
    '      ',
    '0.45  ',
    '------',
    'OFF   ',
  ],
}

t.test('puritan bennett: fields count from 5, and nothing is no number', async (t) => {
  t.equal(fieldText(report, 5), '10:15')
  t.equal(fieldText(report, 9), 'A/C')
  t.equal(fieldText(report, 10), null)
  t.equal(fieldNumber(report, 11), 0.45)
  t.equal(fieldNumber(report, 12), null)
  t.equal(fieldNumber(report, 13), null)
  t.equal(fieldText(report, 13), 'OFF')
  t.equal(fieldNumber(report, 14), null, 'beyond the last')
  t.equal(fieldNumber(report, 1), null, 'before the first')
})

t.test('puritan bennett: both counts must be right, since there is no check sum', async (t) => {
  const whole = latin1Text(encodePuritanBennett(report))
  t.equal(whole.slice(0, 22), 'MISCF,85,9   ,\u000210:15 ,')
  const reason = (text: string) => {
    const found = scanPuritanBennett(latin1Bytes(text))
    return found.kind === 'noise' ? found.reason : found.kind
  }
  t.equal(reason(whole), 'packet')
  t.equal(reason(whole.replace('0.45  ', '0.45 ')), 'wrong number of bytes')
  t.equal(reason(whole.replace('0.45  ', '0.45, ')), 'wrong number of fields')
  t.equal(reason(whole.replace('\u0003', '')), 'no report')
  t.equal(reason('MISCF,12'), 'incomplete')
  t.match(scanPuritanBennett(latin1Bytes(`UNKNOWN\r${whole}`)), { kind: 'noise', length: 8 })
  t.match(scanPuritanBennett(latin1Bytes(`MISCF,85,9${whole}`)), { kind: 'noise', length: 10 })
})

t.test('puritan bennett: two questions, and no others', async (t) => {
  t.equal(latin1Text(encodePuritanBennettQuestion('MISCF')), 'SNDF\r')
  t.equal(latin1Text(encodePuritanBennettQuestion('MISCA')), 'SNDA\r')
})

holdsWhatScannersPromise<PuritanBennettReport>('puritan bennett', {
  scan: scanPuritanBennett,
  encode: encodePuritanBennett,
  packets: plain({
    name: fc.constantFrom('MISCA' as const, 'MISCF' as const),
    fields: fc.array(fc.constantFrom('16.0  ', '      ', 'OFF   ', 'ON    ', 'A/C   '), {
      minLength: 1,
      maxLength: 169,
    }),
  }),
  limitBytes: puritanBennettLimitBytes,
})
