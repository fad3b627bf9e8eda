import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import {
  encodeNmea,
  nmeaLimitBytes,
  scanNmea,
  type NmeaFix,
  type NmeaMinimum,
  type NmeaSentence,
} from './sentence.ts'

function read(line: string): NmeaSentence | string {
  const found = scanNmea(latin1Bytes(`${line}\r\n`))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('nmea: reads where the van is, south and east', async (t) => {
  t.strictSame(read('$GPRMC,024512.00,A,0612.3456,S,10648.7654,E,18.4,092.1,140325,,,A*7F'), {
    kind: 'minimum',
    talker: 'GP',
    timeMs: 9_912_000,
    isValid: true,
    position: { latitudeDeg: -6.20576, longitudeDeg: 106.8127567 },
    speedKnots: 18.4,
    courseDeg: 92.1,
    date: { year: 2025, month: 3, day: 14 },
    mode: 'A',
  })
  t.strictSame(read('$GPGGA,024512.00,0612.3456,S,10648.7654,E,1,09,0.9,12.3,M,2.1,M,,*78'), {
    kind: 'fix',
    talker: 'GP',
    timeMs: 9_912_000,
    position: { latitudeDeg: -6.20576, longitudeDeg: 106.8127567 },
    quality: 1,
    satellites: 9,
    dilution: 0.9,
    altitudeM: 12.3,
  })
})

t.test('nmea: what the receiver does not know is null', async (t) => {
  t.match(read('$GNRMC,024512.00,V,,,,,,,140325,,,N*62'), {
    isValid: false,
    position: null,
    speedKnots: null,
    courseDeg: null,
    mode: 'N',
  })
  t.match(read('$GPRMC,225652.01,V,,,,,,,100316,,,N*7D'), { position: null, timeMs: 82_612_010 })
  t.match(read('$GPGGA,,,,,,,,,,M,,M,,*56'), { timeMs: null, quality: 0, altitudeM: null })
  const none: NmeaSentence = {
    kind: 'minimum',
    talker: 'GP',
    timeMs: 0,
    isValid: true,
    position: null,
    speedKnots: 0,
    courseDeg: 999.9,
    date: null,
    mode: null,
  }
  t.match(scanNmea(encodeNmea(none)), { packet: { courseDeg: null, mode: null } })
})

t.test('nmea: sixty minutes of an angle and the 31st of February are unknown', async (t) => {
  const one = { kind: 'other', text: 'GPRMC,024512,A,0660.0000,S,10648.7654,E,,,310225,,' } as const
  t.match(scanNmea(encodeNmea(one)), { packet: { kind: 'minimum', position: null, date: null } })
  const pole = {
    kind: 'other',
    text: 'GPRMC,246000,A,9000.0001,N,00000.0000,E,,,010125,,',
  } as const
  t.match(scanNmea(encodeNmea(pole)), { packet: { position: null, timeMs: null } })
  const equator = {
    kind: 'other',
    text: 'GPRMC,000000,A,0000.0000,S,00000.0000,W,,,010125,,',
  } as const
  t.match(scanNmea(encodeNmea(equator)), {
    packet: { position: { latitudeDeg: 0, longitudeDeg: 0 } },
  })
})

t.test('nmea: without its check sum a sentence says nothing', async (t) => {
  t.equal(read('$ADVER,3080,2.4P'), 'no sentence')
  t.equal(
    read('$GPRMC,024512.00,A,0612.3456,S,10648.7654,E,18.4,092.1,140325,,,A*7E'),
    'wrong check sum',
  )
  t.equal(read('$GPRMC,024512.00,A,0612.34$GPGSA,A,3*00'), 'no sentence')
  const half = latin1Bytes('$GPRMC,0245$GNRMC,024512.00,V,,,,,,,140325,,,N*62\r\n')
  t.match(scanNmea(half), { kind: 'noise', length: 11 }, 'the next beginning is not thrown away')
})

t.test('nmea: the log of a car logger', async (t) => {
  const folder = join(import.meta.dirname, '../../../shared/samples/local/serial')
  const path = join(folder, 'nmea-amod-agl3080-excerpt.txt')
  const known = '$GPRMC,134730.361,A,5540.3220,N,01231.2858,E,1.06,86.57,041112,,,A*55'
  const lines = existsSync(path)
    ? readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
    : [known]
  for (const line of lines) t.type(read(line), Object, line)
  t.match(read(known), {
    position: { latitudeDeg: 55.6720333, longitudeDeg: 12.52143 },
    date: { year: 2012, month: 11, day: 4 },
  })
})

const timeMs = fc.option(fc.nat(86_399_999))
const position = fc.option(
  plain({
    latitudeDeg: fc.integer({ min: -899_999_999, max: 899_999_999 }).map((one) => one / 1e7 + 0),
    longitudeDeg: fc
      .integer({ min: -1_799_999_999, max: 1_799_999_999 })
      .map((one) => one / 1e7 + 0),
  }),
)
const tenths = (limit: number) => fc.option(fc.nat(limit).map((one) => one / 10))
const date = fc.option(
  plain({
    year: fc.integer({ min: 2_000, max: 2_099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  }),
)
const mode = fc.option(fc.constantFrom('A', 'D', 'N'))
const talker = fc.constantFrom('GP', 'GN', 'GL')
const minimum: fc.Arbitrary<NmeaMinimum> = plain({
  kind: fc.constant('minimum' as const),
  talker,
  timeMs,
  isValid: fc.boolean(),
  position,
  speedKnots: tenths(999),
  courseDeg: tenths(3_600),
  date,
  mode,
})
const fix: fc.Arbitrary<NmeaFix> = plain({
  kind: fc.constant('fix' as const),
  talker,
  timeMs,
  position,
  quality: fc.nat(8),
  satellites: fc.option(fc.nat(40)),
  dilution: tenths(990),
  altitudeM: tenths(50_000),
})
const other: fc.Arbitrary<NmeaSentence> = plain({
  kind: fc.constant('other' as const),
  text: fc.constantFrom('GPGSA,A,3,03,22,06,,,1.8,0.8,1.6', 'PTNL,VHD,023031.00,093098'),
})
holdsWhatScannersPromise<NmeaSentence>('nmea', {
  scan: scanNmea,
  encode: encodeNmea,
  packets: fc.oneof(minimum, fix, other),
  limitBytes: nmeaLimitBytes,
})
