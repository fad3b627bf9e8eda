import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { kilogramsOfPounds } from '../vocabulary/body-units.ts'
import { encodeTanita, scanTanita, tanitaLimitBytes, type TanitaResult } from './line.ts'

/** In the form of the SC-240. */
const sample =
  '{0,16,~0,1,~1,1,~2,1,MO,"SC-240",SN,"00000417",Bt,0,GE,2,AG,41,Hm,158,Pt,0.5,Wk,64.3,FW,' +
  '31.2,fW,20.1,MW,44.2,mW,41.9,sW,11,bW,2.3,wW,32.6,ww,50.7,MI,25.8,Sw,54.9,OV,17.1,IF,7,r' +
  'b,5540,rB,1324,rJ,9,rA,44,ZF,541.7,CS,BC\r\n'

function scanned(text: string) {
  return scanTanita(latin1Bytes(text))
}

t.test('tanita: reads a line of the SC-240', async (t) => {
  t.strictSame(scanned(sample), {
    kind: 'packet',
    packet: {
      model: 'SC-240',
      serialNumber: '00000417',
      weightKg: 64.3,
      shownPounds: null,
      enteredHeightCm: 158,
      presetTareKg: 0.5,
      bodyMassIndex: 25.8,
      fatPercent: 31.2,
      fatMassKg: 20.1,
      fatFreeMassKg: 44.2,
      muscleMassKg: 41.9,
      boneMassKg: 2.3,
      waterMassKg: 32.6,
      waterPercent: 50.7,
      visceralFatRating: 7,
      basalKilojoules: 5540,
      impedanceOhm: 541.7,
    },
    length: sample.length,
  })
})

t.test('tanita: the sample of the manual of the SC-240, whose check sum is right', async (t) => {
  const path = join(
    import.meta.dirname,
    '../../../shared/samples/local/serial/tanita-sc240-sample.txt',
  )
  if (existsSync(path)) {
    const line = `${readFileSync(path, 'latin1').trim()}\r\n`
    t.match(scanned(line), { packet: { model: 'SC-240', weightKg: 82.7, bodyMassIndex: 28.6 } })
  }
})

t.test('tanita: a baby scale says grams and no check sum, which no other scale may', async (t) => {
  const baby = '{0,16,~0,1,MO,"BD-815",Wg,4215\r\n'
  t.match(scanned(baby), { packet: { model: 'BD-815', weightKg: 4.215, fatPercent: null } })
  t.match(scanned(sample.replace(/,CS,../, '')), { kind: 'noise', reason: 'no check sum' })
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
  t.match(scanned(sample.replace('64.3', '63.4')), { kind: 'packet' }, 'a sum cannot see this')
  t.match(scanned(sample.replace('64.3', '74.3')), { reason: 'wrong check sum' })
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
