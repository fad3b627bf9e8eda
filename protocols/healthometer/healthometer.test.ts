import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import {
  encodeHealthometer,
  healthometerLimitBytes,
  scanHealthometer,
  type HealthometerPacket,
} from './packet.ts'

const packet: HealthometerPacket = {
  format: 'escape',
  units: 'metric',
  weight: 90.98,
  isOutOfRange: false,
  height: 178.7,
  tare: 5.7,
  bodyMassIndex: 28.5,
  load: null,
}
const esc = '\u001b'
const example = `${esc}R${esc}I1234567890${esc}W090.98${esc}H178.70${esc}T005.70${esc}B028.5${esc}Nm${esc}E`

function scanned(text: string) {
  return scanHealthometer(latin1Bytes(text))
}

t.test('healthometer: reads the values of the manual, in any order', async (t) => {
  t.strictSame(scanned(example), { kind: 'packet', packet, length: example.length })
  const other = `${esc}R${esc}Nm${esc}D20250314094${esc}B028.5${esc}T005.70${esc}H178.70${esc}W090.98${esc}E`
  t.match(scanned(other), { packet })
})

t.test('healthometer: nines are out of range, zeros are not measured', async (t) => {
  t.match(scanned(example.replace('090.98', '999.99')), {
    packet: { weight: null, isOutOfRange: true, height: 178.7 },
  })
  t.match(scanned(example.replace('178.70', '000.00')), { packet: { height: null } })
  t.match(scanned(`${esc}R${esc}W02000${esc}Nc${esc}E`), {
    packet: { weight: 200, units: 'us', height: null, tare: null },
  })
})

t.test('healthometer: reads the printed line of Rice Lake', async (t) => {
  t.match(scanned('     10.0 lb Gross \r\n'), {
    packet: { format: 'printed', units: 'us', weight: 10, load: 'gross' },
    length: 21,
  })
  t.match(scanned('     72.5 kg Net   \r\n'), { packet: { weight: 72.5, load: 'net' } })
  t.match(scanned('     -0.5 kg Net   \r\n'), { packet: { weight: null } })
  t.match(scanned('    172.5 kg Nett  \r\n'), { kind: 'noise' })
  t.match(scanned('   172.5 kg Gross \r\n'), { kind: 'noise' })
})

t.test('healthometer: refuses a packet without unit, and one that ran into the next', async (t) => {
  t.match(scanned(example.replace(`${esc}Nm`, '')), { kind: 'noise', reason: 'no unit' })
  t.match(scanned(example.replace('090.98', '9O.98')), { reason: 'no number in an element' })
  t.match(scanned(example.slice(0, 30) + example), { reason: 'element comes twice', length: 30 })
})

const number = fc.option(fc.integer({ min: 1, max: 9_998 }).map((value) => value / 10))
const units = fc.constantFrom('metric' as const, 'us' as const)
const anyPacket = fc.oneof(
  fc
    .tuple(units, number, number, number, number, fc.boolean())
    .map(([units, weight, height, tare, bodyMassIndex, isOutOfRange]): HealthometerPacket => ({
      format: 'escape',
      units,
      weight: isOutOfRange ? null : weight,
      isOutOfRange,
      height,
      tare,
      bodyMassIndex,
      load: null,
    })),
  fc
    .tuple(units, number, fc.constantFrom('gross' as const, 'net' as const))
    .map(([units, weight, load]): HealthometerPacket => ({
      ...packet,
      format: 'printed',
      units,
      weight,
      height: null,
      tare: null,
      bodyMassIndex: null,
      load,
    })),
)

holdsWhatScannersPromise('healthometer', {
  scan: scanHealthometer,
  encode: encodeHealthometer,
  packets: anyPacket,
  limitBytes: healthometerLimitBytes,
})
