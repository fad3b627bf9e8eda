import t from 'tap'
import * as fc from 'fast-check'
import { joinBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  cp2110DataMax,
  cp2110Enable,
  decodeCp2110,
  decodeCp2110Line,
  encodeCp2110,
  encodeCp2110Line,
  type Cp2110Line,
} from './cp2110.ts'

t.test('cp2110: the line of a meter, as its manual has it', async (t) => {
  const line = { baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 } as const
  t.equal(toHex(encodeCp2110Line(line)), '5000004b0000000300')
  t.equal(toHex(cp2110Enable), '4101')
})

t.test('cp2110: every line goes there and back', async (t) => {
  const line = fc.record<Cp2110Line>({
    baud: fc.integer({ min: 300, max: 1_000_000 }),
    dataBits: fc.constantFrom(5, 6, 7, 8),
    parity: fc.constantFrom('none', 'odd', 'even'),
    stopBits: fc.constantFrom(1, 2),
  })
  fc.assert(
    fc.property(line, (one) => {
      t.strictSame(decodeCp2110Line(encodeCp2110Line({ ...one })), { ok: true, value: { ...one } })
    }),
    { numRuns: 200 },
  )
  for (const report of [
    '50',
    '510000000000000000',
    '5000000000090000',
    '500000000009000000',
    '500000000000000900',
    '500000000000000009',
  ]) {
    t.equal(decodeCp2110Line(fromHex(report) ?? new Uint8Array()).ok, false, report)
  }
})

t.test('cp2110: bytes go in reports of at most 63, and come out as they were', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(64), (bytes, filler) => {
      const reports = encodeCp2110(bytes)
      t.ok(reports.every((report) => report.length <= cp2110DataMax + 1))
      const pieces = reports.map((report) => {
        const piece = decodeCp2110(joinBytes(report, new Uint8Array(filler)))
        return piece.ok ? piece.value : new Uint8Array()
      })
      t.strictSame(joinBytes(...pieces), bytes)
    }),
    { numRuns: 300 },
  )
})

t.test('cp2110: other reports carry nothing', async (t) => {
  for (const report of [[], [0], [64, 1], [0x41, 1], [3, 1, 2]]) {
    t.equal(decodeCp2110(Uint8Array.from(report)).ok, false, String(report))
  }
})
