import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { plain } from '../../test/scanner-properties.ts'
import { dice, mutated } from '../../test/mutated.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { readLoggerReport, type LoggerReport } from './report.ts'
import { formatTree, parseTree, type TreeLine } from './tree.ts'

const captures = join(import.meta.dirname, '../../drivers/captures/fridge-tag')
const samples = join(import.meta.dirname, '../../../shared/samples/open/serial')
const files = [
  join(captures, 'fridge-tag-2.txt'),
  join(captures, 'q-tag.txt'),
  join(samples, 'fridgetag2-130400191542.txt'),
  join(samples, 'fridgetagUL-100800001215.txt'),
].filter((path) => existsSync(path))

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path))
}

function reportOf(path: string): LoggerReport {
  const report = readLoggerReport(bytesOf(path))
  if (!report.ok) throw new Error(report.reason)
  return report.value
}

t.test('berlinger: files of loggers are written again byte by byte', async (t) => {
  t.ok(files.length >= 2)
  for (const path of files) {
    const tree = parseTree(bytesOf(path))
    if (!tree.ok) throw new Error(tree.reason)
    t.ok(Buffer.from(formatTree(tree.value)).equals(readFileSync(path)), path)
    t.match(reportOf(path), { model: /^Q-tag / })
  }
})

t.test('berlinger: a day of a Fridge-tag, without a zone', async (t) => {
  const { days, zoneHours, createdAt, run } = reportOf(join(captures, 'fridge-tag-2.txt'))
  t.equal(days.length, 4)
  t.equal(run, null)
  t.equal(zoneHours, null)
  t.match(createdAt, { year: 2023, month: 4, day: 20, hour: 15, minute: 14 })
  t.match(days[0], {
    date: { year: 2023, month: 4, day: 20, hour: 0, minute: 0 },
    lowestCel: 2,
    lowestAt: '13:30',
    highestCel: 8,
    highestAt: '14:33',
    meanCel: 4.6,
    low: { limitCel: -0.5, allowedMinutes: 60, minutesBeyond: 0, alarmAt: null },
    high: { limitCel: 8, allowedMinutes: 600, minutesBeyond: 0 },
    blindMinutes: 21,
    checkedAm: null,
    checkedPm: '15:13',
  })
  t.match(days[2]?.high, { minutesBeyond: 2, alarmAt: null }, 'beyond, and not long enough')
})

t.test('berlinger: the journey of a Q-tag, with empty values in a line', async (t) => {
  const { run, readings, days } = reportOf(join(captures, 'q-tag.txt'))
  t.equal(days.length, 0)
  t.match(run, {
    number: '2',
    lowestCel: 0.9,
    highestCel: 24.3,
    meanCel: 5.4,
    kineticMeanCel: 10.5,
  })
  t.equal(run?.breaches.length, 6)
  t.match(run?.breaches[0], { side: 'high', minutes: 219, until: null, worstCel: 24.5 })
  t.match(run?.breaches[3], {
    side: 'low',
    counts: 'consecutive',
    minutes: 145,
    since: { hour: 12, minute: 16 },
    until: { hour: 14, minute: 41 },
    worstCel: 0.9,
  })
  t.equal(readings.length, 124)
  t.match(readings[7], { temperatureCel: 1.6, isBeyond: true })
})

/** A small file of our own, with one thing changed. */
function small(from: RegExp, to: string): Uint8Array {
  return latin1Bytes(latin1Text(bytesOf(join(captures, 'fridge-tag-2.txt'))).replace(from, to))
}

t.test('berlinger: what is not whole or not in Celsius is not read', async (t) => {
  const reason = (bytes: Uint8Array) => {
    const report = readLoggerReport(bytes)
    return report.ok ? 'read' : report.reason
  }
  t.equal(reason(small(/Sig: [0-9a-f]+\r\n$/, '')), 'not finished')
  t.equal(reason(small(/Sig: [0-9a-f]+\r\n$/, 'Sig: 83847c')), 'not finished')
  t.equal(reason(small(/Temp unit: C/, 'Temp unit: F')), 'not in Celsius')
  t.equal(reason(small(/Device: /, 'Thing: ')), 'no logger')
  t.equal(reason(small(/Hist:/, 'Other:')), 'nothing was measured')
  t.equal(reason(latin1Bytes('\tx\r\n')), 'a row without a table')
  t.equal(reason(latin1Bytes('hello\r\n')), 'a line without a key')
  t.equal(reason(new Uint8Array(5_000_000)), 'larger than its limit')
})

t.test('berlinger: dashes are no temperature, and bare line feeds do', async (t) => {
  const blind = readLoggerReport(small(/Min T: \+2\.0, TS Min T: 13:30/, 'Min T: --.-, TS Min T:'))
  t.match(blind, { value: { days: [{ lowestCel: null, lowestAt: null }] } })
  const lines = readLoggerReport(small(/\r\n/g, '\n'))
  t.match(lines, { value: { days: { length: 4 } } })
  const rows = small(/Cert:/, 'Data:\r\n\ttime\tT\tx\r\n\t2023-04-20 10:00\t--.-\tx\r\nCert:')
  t.match(readLoggerReport(rows), { value: { readings: [{ temperatureCel: null }] } })
  const zoned = readLoggerReport(small(/Zone: 0\.00/, 'Zone: 7.00'))
  t.match(zoned, { value: { zoneHours: 7 } })
})

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ]{0,6}[A-Za-z0-9]$/)
const value = fc.oneof(fc.constant(''), fc.stringMatching(/^[-+0-9:.]{1,8}$/))
const pairs = fc.array(fc.tuple(word, value), { minLength: 1, maxLength: 3 })
const rows = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 2 })
const leaf: fc.Arbitrary<TreeLine> = plain({ pairs, below: fc.constant([]), rows })
const twig: fc.Arbitrary<TreeLine> = plain({ pairs, below: fc.array(leaf, { maxLength: 2 }), rows })
const branch: fc.Arbitrary<TreeLine> = plain({
  pairs,
  below: fc.array(twig, { maxLength: 2 }),
  rows,
})

t.test('berlinger: reads the tree that it writes, and bears any bytes', async (t) => {
  fc.assert(
    fc.property(fc.array(branch, { maxLength: 3 }), (lines) => {
      const read = parseTree(formatTree(lines))
      t.strictSame(read, { ok: true, value: lines })
    }),
    { numRuns: 200 },
  )
  const whole = files.map(bytesOf)
  for (let seed = 1; seed <= 200; seed++) {
    for (const file of whole) readLoggerReport(mutated(file, dice(seed)))
  }
})
