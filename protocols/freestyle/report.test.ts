import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  encodeFreestyleAnswer,
  encodeFreestyleReport,
  freestyleQuestion,
  freestyleReportBytes,
  freestyleReportDataMax,
  isFreestyleAnswerWhole,
  readFreestyleAnswer,
  readFreestyleResults,
  scanFreestyleReport,
  type FreestyleReport,
} from './report.ts'

function listOf(...lines: readonly string[]): string {
  const records = lines.map((line) => `${line}\r\n`).join('')
  const sum = [...latin1Bytes(records)].reduce((total, byte) => total + byte, 0)
  const check = sum.toString(16).toUpperCase().padStart(8, '0')
  return `${records}${lines.length},${check}\r\n`
}

t.test('freestyle reports: a question is text in a report', async (t) => {
  const report = freestyleQuestion('$date?')
  t.equal(report.length, 64)
  t.strictSame(report.subarray(0, 2), Uint8Array.of(0x60, 8))
  t.equal(latin1Text(report.subarray(2, 10)), '$date?\r\n')
  t.match(scanFreestyleReport(report.with(1, 63)), { kind: 'noise', length: 64 })
})

t.test('freestyle reports: an answer is whole and summed, or none', async (t) => {
  const answer = encodeFreestyleAnswer('3,14,25\r\n')
  t.ok(isFreestyleAnswerWhole(answer))
  t.notOk(isFreestyleAnswerWhole(answer.slice(0, -1)))
  t.strictSame(readFreestyleAnswer(answer), { ok: true, value: '3,14,25\r\n' })
  t.match(readFreestyleAnswer(answer.replace('14', '15')), { ok: false, reason: 'check sum' })
  t.match(readFreestyleAnswer('CKSM:00000000\r\nCMD Fail!\r\n'), { ok: false, reason: 'refused' })
})

t.test('freestyle reports: glucose and ketone are results, the rest is not', async (t) => {
  const read = readFreestyleResults(
    listOf(
      '7,12,3,14,25,9,41,1,118,0,1,0,0,0,0,0,0,0,0',
      '10,13,3,14,25,9,40,1,0,12,0,0,0',
      '9,14,3,14,25,9,39,1,27,1',
      '7,15,3,14,25,9,38,1,99,0,0,0,0,0,0,0,0,0,0',
      '7,16,255,255,255,255,255,1,HI,0,1,0,0,0,0,0,0,0,0',
      '6,17,3,14,25,9,41,1,3,14,25,9,40',
    ),
  )
  const time = { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: null }
  const plainResult = { isControl: false, isClockLost: false }
  t.strictSame(read, {
    ok: true,
    value: [
      { shown: '118', time, kind: 'G', ...plainResult },
      { shown: '27', time: { ...time, minute: 39 }, kind: 'K', ...plainResult },
      {
        shown: '99',
        time: { ...time, minute: 38 },
        kind: 'G',
        isControl: true,
        isClockLost: false,
      },
      { shown: 'HI', time: null, kind: 'G', ...plainResult },
    ],
  })
})

t.test('freestyle reports: a list that is not whole is none', async (t) => {
  const list = listOf('7,12,3,14,25,9,41,1,118,0,1,0,0,0,0,0,0,0,0')
  t.match(readFreestyleResults(list.replace('118', '119')), { reason: 'check sum of records' })
  t.match(readFreestyleResults(list.replace('\n1,', '\n2,')), {
    reason: 'another number of records',
  })
  t.match(readFreestyleResults('7,12\r\n'), { reason: 'no number of records' })
  t.strictSame(readFreestyleResults('Log Empty\r\n'), { ok: true, value: [] })
  t.strictSame(readFreestyleResults(listOf('toString,1')), { ok: true, value: [] })
})

holdsWhatScannersPromise<FreestyleReport>('freestyle report', {
  scan: scanFreestyleReport,
  encode: encodeFreestyleReport,
  packets: plain({
    type: fc.nat(0xff),
    data: fc.uint8Array({ maxLength: freestyleReportDataMax }),
  }),
  limitBytes: freestyleReportBytes,
})
