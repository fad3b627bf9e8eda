import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { encodeKiosk, kioskLimitBytes, scanKiosk, type KioskResult } from './text.ts'

const standard = '\u0002165.2,058.40,57.60,101.4,21.4\u0003'
const printer =
  '\0\r\nGENDER   ---- FEMALE\r\nWEIGHT   ---- 70.20 kg\r\nSTANDARD ---- 61.00 kg\r\n' +
  'HEIGHT   ---- 171.0 cm\r\nB  M  I  ----  24.0   \r\nFATNESS  ---- 115.1 % \r\n' +
  'MARKS    ---- NORMAL\r\n\u001bT\0'

function scanned(text: string) {
  return scanKiosk(latin1Bytes(text))
}

t.test('height-weight-kiosk: reads the three forms', async (t) => {
  t.strictSame(scanned(standard), {
    kind: 'packet',
    packet: { format: 'standard', heightCm: 165.2, weightKg: 58.4, bodyMassIndex: 21.4 },
    length: standard.length,
  })
  t.match(scanned(printer), { packet: { heightCm: 171, weightKg: 70.2, bodyMassIndex: 24 } })
  t.match(scanned('W:062.5 H:170.0\r'), {
    packet: { format: 'short', heightCm: 170, weightKg: 62.5, bodyMassIndex: null },
  })
})

t.test('height-weight-kiosk: the text of a real GL-310', async (t) => {
  const name = '../../../shared/samples/local/serial/gtech-gl310-f4-1.txt'
  const path = join(import.meta.dirname, name)
  if (existsSync(path)) {
    const text = readFileSync(path, 'latin1')
    const found = scanned(text.slice(text.indexOf('\0')))
    t.match(found, { packet: { heightCm: 188.6, weightKg: 90.05, bodyMassIndex: 25.3 } })
  }
})

t.test('height-weight-kiosk: zero and hyphens are not measured', async (t) => {
  t.match(scanned('W:--- H:170.0\r'), { packet: { weightKg: null, heightCm: 170 } })
  t.match(scanned('W:062.5 H:000.0\r'), { packet: { weightKg: 62.5, heightCm: null } })
})

t.test('height-weight-kiosk: refuses numbers that do not agree or cannot be', async (t) => {
  const reason = 'body mass index does not agree'
  t.match(scanned(standard.replace('058.40', '068.40')), { kind: 'noise', reason })
  t.match(scanned(standard.replace('165.2', '065.2')), { reason })
  t.match(scanned(printer.replace('70.20', '80.20')), { reason })
  t.match(scanned(standard.replace('058.40', '358.40')), {
    reason: 'height or weight out of range',
  })
  t.match(scanned('W:462.5 H:170.0\r'), { reason: 'height or weight out of range' })
  t.match(scanned('W:062.5 H:270.0\r'), { reason: 'height or weight out of range' })
  t.match(scanned('W:062.5 H170.0\r'), { reason: 'no W and H' })
  t.match(scanned(printer.replace('HEIGHT', 'HEIGTH')), { reason: 'no height, weight and index' })
  t.match(scanned('\u0002165.2,058.40\u0003'), { reason: 'no height, weight and index' })
  t.match(scanned(standard.slice(0, 12) + standard), { kind: 'noise', length: 12 })
})

const anyResult: fc.Arbitrary<KioskResult> = fc
  .tuple(
    fc.constantFrom('standard' as const, 'printer' as const, 'short' as const),
    fc.integer({ min: 1_000, max: 2_300 }).map((value) => value / 10),
    fc.integer({ min: 120, max: 900 }).map((value) => value / 10),
    fc.boolean(),
  )
  .map(([format, heightCm, index, isHeightOnly]) => {
    const weightKg = Math.round(index * (heightCm / 100) ** 2 * 10) / 10
    if (format !== 'short') return { format, heightCm, weightKg, bodyMassIndex: index }
    return { format, heightCm, weightKg: isHeightOnly ? null : weightKg, bodyMassIndex: null }
  })
  .filter(({ weightKg }) => weightKg === null || weightKg <= 300)

holdsWhatScannersPromise('height-weight-kiosk', {
  scan: scanKiosk,
  encode: encodeKiosk,
  packets: anyResult,
  limitBytes: kioskLimitBytes,
})
