import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeMedibusConfigure,
  encodeMedibusCurves,
  encodeMedibusEnable,
  encodeMedibusRecord,
  medibusRecordLimitBytes,
  medibusSample,
  readMedibusCurves,
  scanMedibusRecord,
  type MedibusRecord,
} from './realtime.ts'

function scanned(hex: string) {
  return scanMedibusRecord(fromHex(hex.replaceAll(' ', '')) ?? noBytes)
}

const data = '00   16000-  10  10037006   16000-  20  100460'

t.test('medibus curves: the examples of the manual', async (t) => {
  const curves = readMedibusCurves(data)
  t.strictSame(curves, [
    { code: 0, intervalUs: 16_000, least: -10, greatest: 100, steps: 880 },
    { code: 6, intervalUs: 16_000, least: -20, greatest: 100, steps: 1_120 },
  ])
  t.equal(encodeMedibusCurves(curves ?? []), data)
  const [pressure, co2] = curves ?? []
  if (pressure === undefined || co2 === undefined) throw new Error('unreachable')
  t.match(scanned('d3 91 81 8d 83'), {
    packet: {
      commands: [],
      samples: [
        [0, 81],
        [1, 205],
      ],
    },
    length: 5,
  })
  t.equal(medibusSample(pressure, 81), 0.125)
  t.equal(medibusSample(co2, 205).toFixed(2), '1.96')
  t.match(scanned('d1 94 81'), { packet: { samples: [[0, 84]] } })
  t.match(scanned('d2 8e 83'), { packet: { samples: [[1, 206]] } })
  t.match(scanned('d3 c6 c0 90 81 8a 83'), {
    packet: {
      commands: [[6, 0]],
      samples: [
        [0, 80],
        [1, 202],
      ],
    },
  })
  t.equal(toHex(encodeMedibusEnable(2)), 'd0c1c3c0c0')
  t.equal(toHex(encodeMedibusConfigure([0x00, 0x06])).slice(0, 20), '1b543030303130363031')
})

t.test('medibus curves: what is cut or uneven is not read', async (t) => {
  t.match(scanned('d3 91 81 d1 94 81'), { reason: 'cut short', length: 3 })
  t.match(scanned('d3 91 d1 94 81'), { reason: 'cut short', length: 2 })
  t.match(scanned('d1 c6 91'), { reason: 'half a command' })
  t.match(scanned('91 81 d1'), { reason: 'no record', length: 2 })
  t.match(scanned(`d1${'c6c0'.repeat(20)}`), { reason: 'too many commands' })
  t.equal(readMedibusCurves(data.slice(1)), null)
  t.equal(readMedibusCurves(data.replace('370', '000')), null)
  t.equal(readMedibusCurves(data.replace('-  10', '     ')), null)
  t.strictSame(readMedibusCurves(''), [])
})

const step = fc.nat(4_095)
holdsWhatScannersPromise<MedibusRecord>('medibus record', {
  scan: scanMedibusRecord,
  encode: encodeMedibusRecord,
  packets: plain({
    commands: fc.array(fc.tuple(fc.nat(15), fc.nat(15)), { maxLength: 3 }),
    samples: fc
      .tuple(fc.integer({ min: 1, max: 15 }), step, step, step, step)
      .map(([mask, ...steps]) =>
        steps.flatMap((value, curve): [number, number][] =>
          (mask & (1 << curve)) === 0 ? [] : [[curve, value]],
        ),
      ),
  }),
  limitBytes: medibusRecordLimitBytes,
})
