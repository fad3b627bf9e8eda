import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { scanAstm } from '../astm/frame.ts'
import { parseAstm, type AstmMessage } from '../astm/records.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import {
  contourDataMax,
  contourReportBytes,
  encodeContourReport,
  scanContourReport,
} from './report.ts'
import { readContourHeader, readContourResult, type ContourResult } from './records.ts'

/** Of real meters, as glucometerutils and the Tidepool uploader print them. */
const header =
  '\u00021H|\\^&||7w3LBL|Bayer7390^01.24\\01.04\\09.02.20^7390-2336773^7403-|A=1^C=63^G=1^I=0200' +
  '^R=0^S=1^U=0^V=10600^X=070070070070180130150250^Y=360126090050099050300089^Z=1|1714||||||1|' +
  '201909221304\r\u0017D7\r\n'
const result = '\u00025R|3|^^^Glucose|93|mg/dL^P||A/M0/T1||201505261150\r\u001774\r\n'

function textOf(frame: string): string {
  const found = scanAstm(latin1Bytes(frame))
  if (found.kind !== 'packet' || found.packet.kind !== 'frame') throw new Error('no frame')
  return found.packet.text
}

function messageOf(...records: readonly string[]): AstmMessage {
  const message = parseAstm(`${textOf(header)}${records.join('\r')}\r`)
  if (!message.ok) throw new Error(message.reason)
  return message.value
}

function resultOf(record: string): ContourResult | null {
  const message = messageOf(record)
  const [, second] = message.records
  return second === undefined ? null : readContourResult(message, second)
}

t.test('contour: reads the header of a real meter', async (t) => {
  t.strictSame(readContourHeader(messageOf()), {
    product: 'Bayer7390',
    versions: '01.24 01.04 09.02.20',
    serialNumber: '7390-2336773',
    count: 1714,
    clock: { year: 2019, month: 9, day: 22, hour: 13, minute: 4, second: null },
  })
})

t.test('contour: reads a result of a real meter', async (t) => {
  t.strictSame(resultOf(textOf(result)), {
    time: { year: 2015, month: 5, day: 26, hour: 11, minute: 50, second: null },
    value: '93',
    unit: 'mg/dL',
    reference: 'plasma',
    beyond: null,
    isControl: false,
    meal: 'after',
    marks: 'A/M0/T1',
  })
})

t.test('contour: control solution, limits and specimens are told apart', async (t) => {
  const record = (measure: string, marks: string): ContourResult | null =>
    resultOf(`R|1|^^^Glucose|${measure}||${marks}||20250314094105`)
  t.match(record('101|mg/dL^P', 'C'), { isControl: true, meal: null })
  t.match(record('600|mg/dL^B', '>/B'), { beyond: 'above', reference: 'whole-blood' })
  t.match(record('10|mg/dL^D', '<'), { beyond: 'below', reference: 'deproteinised' })
  t.match(record('5.5|mmol/L', ''), { unit: 'mmol/L', value: '5.5', reference: 'not-said' })
  t.match(record('5.5|mmol/L^P', 'Z1'), { time: { second: 5 }, meal: null, marks: 'Z1' })
})

t.test('contour: what is not measured, or in no unit, is no result', async (t) => {
  t.equal(resultOf('R|1|^^^Carb|12|1^||||202503140941'), null)
  t.equal(resultOf('R|1|^^^Insulin|5|1^||||202503140941'), null)
  t.equal(resultOf('R|1|^^^Glucose|105|^P||||202503140941'), null)
  t.equal(resultOf('R|1|^^^Glucose|LO|mg/dL^P||||202503140941'), null)
  t.equal(resultOf('L|1||N'), null)
  t.match(resultOf('R|1|^^^Glucose|105|mg/dL^P||||202513140941'), { time: null })
})

t.test('contour: an analyser is no Contour', async (t) => {
  const message = parseAstm('H|\\^&|||M-0001^Device\rL|1|N\r')
  if (!message.ok) throw new Error(message.reason)
  t.equal(readContourHeader(message.value), null)
})

t.test('contour: some drivers leave the letters of a report 0', async (t) => {
  const report = new Uint8Array(contourReportBytes)
  report.set([0, 0, 0, 1, 0x15])
  t.match(scanContourReport(report), { kind: 'packet', packet: Uint8Array.of(0x15) })
  t.match(scanContourReport(report.with(0, 1)), { kind: 'noise', length: 64 })
  t.match(scanContourReport(report.with(3, 61)), { kind: 'noise', length: 64 })
})

holdsWhatScannersPromise<Uint8Array>('contour', {
  scan: scanContourReport,
  encode: encodeContourReport,
  packets: fc.uint8Array({ maxLength: contourDataMax }),
  limitBytes: contourReportBytes,
})

t.test('contour: an analyser that names itself in the same place is none', async (t) => {
  for (const header of [
    'H|\\^&|||DCA VANTAGE^04.04.00.00^S067001|||||||P||20260214151746\r',
    'H|\\^&|||Afinion 2 Analyzer^^AF20026001|||||||P|1|20260214101235\r',
  ]) {
    const message = parseAstm(header)
    t.equal(message.ok && readContourHeader(message.value), null)
  }
})
