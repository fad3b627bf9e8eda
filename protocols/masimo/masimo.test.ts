import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { encodeMasimo, masimoLineLimitBytes, scanMasimo, type MasimoLine } from './line.ts'

const tenths = fc.option(fc.nat(999).map((value) => value / 10))
const anyLine: fc.Arbitrary<MasimoLine> = plain({
  deviceTime: fc.option(
    plain({
      year: fc.integer({ min: 2_000, max: 2_099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.nat(23),
      minute: fc.nat(59),
      second: fc.nat(59),
    }),
  ),
  serialNumber: fc.option(fc.stringMatching(/^\d{10}$/)),
  numbers: fc.oneof(
    plain({ SPO2: fc.option(fc.nat(100)), BPM: fc.option(fc.nat(250)) }),
    plain({
      SPO2: fc.option(fc.nat(100)),
      BPM: fc.option(fc.nat(250)),
      PI: tenths,
      SPCO: tenths,
      PVI: fc.option(fc.nat(100)),
    }),
  ),
  exceptions: fc.nat(0xffffff),
})

holdsWhatScannersPromise('masimo', {
  scan: scanMasimo,
  encode: encodeMasimo,
  packets: anyLine,
  limitBytes: masimoLineLimitBytes,
})

function read(line: string): MasimoLine | string {
  const found = scanMasimo(latin1Bytes(`${line}\r\n`))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('masimo: is read by key, and dashes are no value', async (t) => {
  const rad8 =
    '02/24/18 04:48:53 SN=0000145838 SPO2=097% BPM=080 PI=04.96% SPCO=--.-% SPMET=--.-% DESAT=-- ' +
    'PIDELTA=+-- ALARM=0000 EXC=000800'
  t.match(read(rad8), {
    deviceTime: { year: 2018, month: 2, day: 24, hour: 4, minute: 48, second: 53 },
    serialNumber: '0000145838',
    numbers: { SPO2: 97, BPM: 80, PI: 4.96, SPCO: null, SPMET: null },
    exceptions: 0x800,
  })
  const radical7 =
    '03/17/16 19:19:36 SN=---------- SPO2=098% BPM=123 PI=00.55 SPCO=--% SPMET=--.-% SPHB=--.- ' +
    'SPOC=-- RESVD=--- DESAT=-- PIDELTA=+-- PVI=--- ALARM=000000 EXC=0000C00 EXC1=00000000'
  t.match(read(radical7), {
    serialNumber: null,
    numbers: { SPO2: 98, BPM: 123, PI: 0.55, SPHB: null, PVI: null },
    exceptions: 0xc00,
  })
  const noSensor =
    '03/19/16 13:37:12 SN=0000093112 SPO2=---% BPM=---% DESAT=-- PIDELTA=+-- ALARM=0000 EXC=000001'
  t.match(read(noSensor), { numbers: { SPO2: null, BPM: null }, exceptions: 1 })
})

t.test('masimo: what is no whole line is noise', async (t) => {
  t.equal(read('02/24/18 04:48:53 SN=0000145838 SPO2=097% BPM=080 PI=04.96%'), 'no EXC')
  t.equal(read('02/24/18 04:48:53 SPO2=097% EXC=000800'), 'no SPO2 or BPM')
  t.equal(read('02/24/18 04:48:53 SPO2=197% BPM=080 EXC=000800'), 'no saturation')
  t.equal(read('02/24/18 04:48:53 SPO2=09x% BPM=080 EXC=000800'), 'no number of SPO2')
  t.equal(read('02/24/18 04:48:53 SPO2=097% BPM=080 EXC'), 'no key and value')
})

t.test('masimo: lines of two Rad-8 and a Radical-7', async (t) => {
  const folder = join(import.meta.dirname, '../../../shared/samples/local/serial')
  for (const [name, count] of [
    ['masimo_rad8_ascii1.txt', 11],
    ['masimo_variants_ascii1.txt', 3],
  ] as const) {
    const path = join(folder, name)
    if (!existsSync(path)) continue
    const lines = readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => /^\d/.test(line))
    t.equal(lines.length, count)
    for (const line of lines) {
      t.match(read(line), { numbers: { BPM: line.includes('BPM=---') ? null : Number } })
    }
  }
  t.type(read('02/24/18 04:48:58 SPO2=097% BPM=080 PI=05.31% EXC=000800'), Object)
})
