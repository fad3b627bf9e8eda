import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, latin1Text, noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeHemAnswer,
  encodeHemQuestion,
  encodeHemReading,
  isHemAnswerWhole,
  readHemAnswer,
  readHemCount,
  readHemReading,
  type HemReading,
} from './message.ts'
import { encodeHemReport, hemReportBytes, hemReportsOf, scanHemReport } from './report.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes
}

function joined(...reports: readonly string[]): Uint8Array {
  const parts = reports.map((report) => {
    const found = scanHemReport(bytes(report))
    return found.kind === 'packet' && found.packet.kind === 'part' ? found.packet.bytes : noBytes
  })
  return joinBytes(...parts)
}

t.test('omron-hem: a reading in three reports, as the vendor program heard it', async (t) => {
  const answer = joined(
    '07 4F 4B 00 07 01 01 00',
    '07 06 26 00 00 7B 4E 57',
    '03 00 00 45 00 7B 4E 57',
  )
  const content = readHemAnswer(answer, 'reading')
  if (!content.ok) throw new Error(content.reason)
  t.match(readHemReading(content.value), {
    value: {
      deviceTime: { year: 2007, month: 1, day: 1, hour: 0, minute: 6, second: 38 },
      systolicMmHg: 123,
      diastolicMmHg: 78,
      pulsePerMinute: 87,
      seriesMember: null,
    },
  })
  const version = joined(
    '07 4F 4B 00 4D 37 30 38',
    '07 30 49 54 20 32 30 37',
    '01 4A 49 00 20 32 30 37',
  )
  t.match(readHemAnswer(version, 'version'), { ok: true })
})

t.test('omron-hem: every answer of two real traces has the right check byte', async (t) => {
  const folder = join(import.meta.dirname, '../../../shared/samples/open/serial')
  const counts = { '790it_cleared': [0, 15], '790it_onereading': [1, 16] }
  for (const [name, [readings, counter]] of Object.entries(counts)) {
    const path = join(folder, `omron-hem790it-${name}.txt`)
    if (!existsSync(path)) continue
    const told = answersIn(readFileSync(path, 'utf8'))
    t.ok(told.length > 20)
    const count = told.findLast(({ question }) => question.startsWith('GDC'))
    const content = readHemAnswer(count?.answer ?? noBytes, 'count')
    t.match(content.ok ? readHemCount(content.value) : null, { readings, counter })
    for (const { question, answer } of told) {
      const kind = { VER: 'version', SRL: 'serial', GME: 'reading' }[question.slice(0, 3)]
      if (kind === undefined) continue
      t.match(readHemAnswer(answer, kind as 'version'), { ok: true }, `${name} ${question}`)
    }
  }
})

/** Whole messages of a trace, each question with its answer. */
function answersIn(trace: string) {
  const told: { question: string; answer: Uint8Array }[] = []
  let question: Uint8Array = noBytes
  let answer: Uint8Array = noBytes
  let isAnswering = false
  for (const line of trace.split('\n')) {
    const found = /^\S+ (OUT|IN) +REPORT +(.*)$/.exec(line)
    const report = scanHemReport(bytes(found?.[2] ?? ''))
    if (found === null || report.kind !== 'packet' || report.packet.kind !== 'part') continue
    if (found[1] === 'IN') {
      answer = joinBytes(answer, report.packet.bytes)
      isAnswering = true
      continue
    }
    if (isAnswering) {
      told.push({ question: latin1Text(question), answer })
      question = noBytes
      answer = noBytes
      isAnswering = false
    }
    question = joinBytes(question, report.packet.bytes)
  }
  return told.filter((one) => /^[A-Z]{3}/.test(one.question))
}

t.test('omron-hem: asks in the bytes of the trace', async (t) => {
  const asked = encodeHemQuestion({ kind: 'reading', bank: 0, index: 1 })
  t.strictSame(hemReportsOf(asked).map(toHex), ['07474d4500000001', '0101000000000000'])
  t.equal(latin1Text(encodeHemQuestion({ kind: 'version' })), 'VER00')
  t.equal(toHex(encodeHemQuestion({ kind: 'end' })), '454e44ffff')
  const count = encodeHemQuestion({ kind: 'count', bank: 1 })
  t.strictSame(count, bytes('47 44 43 00 01 00 00 01'))
})

t.test('omron-hem: busy, broken and empty answers are none', async (t) => {
  const good = encodeHemAnswer(bytes('00 10 00 01'))
  t.ok(isHemAnswerWhole(good, 'count'))
  t.notOk(isHemAnswerWhole(good.subarray(0, -1), 'count'))
  t.notOk(isHemAnswerWhole(bytes('4f'), null))
  t.ok(isHemAnswerWhole(encodeHemAnswer('busy'), 'count'))
  t.ok(isHemAnswerWhole(encodeHemAnswer('done'), null))
  t.match(readHemAnswer(encodeHemAnswer('busy'), 'count'), { reason: 'busy' })
  t.match(readHemAnswer(bytes('48 49'), 'count'), { reason: 'neither OK nor NO' })
  t.match(readHemAnswer(good.subarray(0, -1), 'count'), { reason: 'wrong length' })
  t.match(readHemAnswer(bytes('4f4b 010010000111'), 'count'), { reason: 'no 00 behind OK' })
  t.match(readHemAnswer(bytes('4f4b 000010000112'), 'count'), { reason: 'wrong check byte' })
  t.match(readHemReading(new Uint8Array(13)), { ok: false })
  t.match(readHemReading(bytes('00 00 00 00 00 00 00 00 7b 4e 57 00 20')), {
    value: { deviceTime: null, seriesMember: 2 },
  })
})

const byte = fc.integer({ min: 1, max: 255 })
t.test('omron-hem: a reading comes back as it was written', async (t) => {
  const deviceTime = { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: 7 }
  fc.assert(
    fc.property(byte, byte, byte, fc.constantFrom(null, 1, 2, 3), (one, two, three, member) => {
      const value: HemReading = {
        deviceTime: member === null ? null : deviceTime,
        systolicMmHg: one,
        diastolicMmHg: two,
        pulsePerMinute: three,
        seriesMember: member,
      }
      const answer = encodeHemAnswer(encodeHemReading(value))
      const content = readHemAnswer(answer, 'reading')
      t.strictSame(readHemReading(content.ok ? content.value : noBytes), { ok: true, value })
    }),
  )
})

holdsWhatScannersPromise('omron-hem', {
  scan: scanHemReport,
  encode: encodeHemReport,
  packets: fc.oneof(
    plain({ kind: fc.constant('part' as const), bytes: fc.uint8Array({ maxLength: 7 }) }),
    plain({ kind: fc.constant('not-ready' as const) }),
  ),
  limitBytes: hemReportBytes,
})
