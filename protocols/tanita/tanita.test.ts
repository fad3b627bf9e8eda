import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { kilogramsOfPounds } from '../vocabulary/body-units.ts'
import { encodeTanita, scanTanita, tanitaLimitBytes, type TanitaResult } from './line.ts'

/** The sample line of the manual of the SC-240. */
const sample =
  '{0,16,~0,1,~1,1,~2,1,MO,"SC-240",SN,"00000002",Bt,0,GE,1,AG,30,Hm,170,Pt,0.0,Wk,82.7,FW,18.6,' +
  'fW,15.4,MW,67.3,mW,64.0,sW,19,bW,3.3,wW,48.0,ww,58.0,MI,28.6,Sw,63.6,OV,30.0,IF,6,rb,8255,' +
  'rB,1973,rJ,12,rA,28,ZF,369.4,CS,FD\r\n'

function scanned(text: string) {
  return scanTanita(latin1Bytes(text))
}

t.test('tanita: reads the sample of the SC-240, whose check sum is right', async (t) => {
  t.strictSame(scanned(sample), {
    kind: 'packet',
    packet: {
      model: 'SC-240',
      serialNumber: '00000002',
      weightKg: 82.7,
      shownPounds: null,
      enteredHeightCm: 170,
      presetTareKg: null,
      bodyMassIndex: 28.6,
      fatPercent: 18.6,
      fatMassKg: 15.4,
      fatFreeMassKg: 67.3,
      muscleMassKg: 64,
      boneMassKg: 3.3,
      waterMassKg: 48,
      waterPercent: 58,
      visceralFatRating: 6,
      basalKilojoules: 8255,
      impedanceOhm: 369.4,
    },
    length: sample.length,
  })
})

t.test('tanita: a baby scale says grams and no check sum, which no other scale may', async (t) => {
  const baby = '{0,16,~0,1,MO,"BD-815",Wg,3972\r\n'
  t.match(scanned(baby), { packet: { model: 'BD-815', weightKg: 3.972, fatPercent: null } })
  t.match(scanned(sample.replace(',CS,FD', '')), { kind: 'noise', reason: 'no check sum' })
})

t.test('tanita: tags differ in their case, and zero is not measured', async (t) => {
  t.match(summed('Wk,82.7,wW,48.0,ww,58.0,FW,0.0'), {
    packet: { waterMassKg: 48, waterPercent: 58, fatPercent: null },
  })
  t.match(summed('Wp,182.3,fW,15.4,FW,18.6'), {
    packet: { weightKg: 82.69, shownPounds: 182.3, fatMassKg: null, fatPercent: 18.6 },
  })
})

function summed(items: string) {
  const covered = `{0,16,${items},`
  const sum = [...latin1Bytes(covered)].reduce((total, byte) => total + byte, 0) & 0xff
  return scanned(`${covered}CS,${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`)
}

t.test('tanita: refuses a line that is not whole', async (t) => {
  t.match(scanned(sample.replace('82.7', '87.2')), { kind: 'packet' }, 'a sum cannot see this')
  t.match(scanned(sample.replace('82.7', '92.7')), { reason: 'wrong check sum' })
  t.match(scanned(sample.replace('Wk,', 'Wk')), { reason: 'tag without value' })
  t.match(summed('Wk,8x.7'), { reason: 'no number behind a tag' })
  t.match(summed('Wk,82.7,Wk,82.7'), { reason: 'no tag in its place' })
  t.match(summed('CS,00,Wk,82.7'), { reason: 'no tag in its place' })
  t.match(scanned('{0,16,CS,00,Wg,82\r\n'), { reason: 'check sum in the middle' })
  const half = sample.slice(0, 60)
  t.match(scanned(half + sample), { kind: 'noise', length: 60 }, 'the whole one behind is found')
})

const number = fc.option(fc.integer({ min: 1, max: 9_999 }).map((value) => value / 10))
const anyResult = plain<TanitaResult>({
  model: fc.constantFrom(null, 'SC-240', 'WB 3000'),
  serialNumber: fc.constantFrom(null, '00000002'),
  weightKg: number,
  shownPounds: number,
  enteredHeightCm: number,
  presetTareKg: number,
  bodyMassIndex: number,
  fatPercent: number,
  fatMassKg: number,
  fatFreeMassKg: number,
  muscleMassKg: number,
  boneMassKg: number,
  waterMassKg: number,
  waterPercent: number,
  visceralFatRating: number,
  basalKilojoules: number,
  impedanceOhm: number,
}).map((result): TanitaResult => {
  if (result.shownPounds === null) return result
  const masses = { fatMassKg: null, fatFreeMassKg: null, muscleMassKg: null, boneMassKg: null }
  const weightKg = kilogramsOfPounds(result.shownPounds)
  return { ...result, ...masses, waterMassKg: null, presetTareKg: null, weightKg }
})

holdsWhatScannersPromise('tanita', {
  scan: scanTanita,
  encode: encodeTanita,
  packets: anyResult,
  limitBytes: tanitaLimitBytes,
})

t.test('tanita: writes no number of a person', async (t) => {
  const found = scanned(sample)
  if (found.kind !== 'packet') throw new Error('unreachable')
  t.notMatch(latin1Text(encodeTanita(found.packet)), /ID,|GE,|AG,/)
})
