import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, noBytes } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import { basicPart, readBasic, type DriBasic } from './basic.ts'
import { driPacketLimitBytes, encodeDri, scanDri, type DriRecord } from './frame.ts'
import { encodeNumbersRequest, encodeWavesRequest } from './request.ts'
import { readWave, wavePart, waveTypes } from './wave.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const flagRich = fc.oneof(fc.nat(255), fc.constantFrom(0x7e, 0x7d, 0x5e, 0x5d))
const anyRecord: fc.Arbitrary<DriRecord> = plain({
  number: fc.nat(255),
  level: fc.nat(11),
  plugId: fc.nat(0xffff),
  unixSeconds: fc.nat(0xffffffff),
  mainType: fc.constantFrom(0, 1, 4, 5),
  parts: fc.array(
    plain({
      type: fc.nat(254),
      bytes: fc.array(flagRich, { maxLength: 40 }).map((values) => Uint8Array.from(values)),
    }),
    { maxLength: 8 },
  ),
})

holdsWhatScannersPromise('ge-dri', {
  scan: scanDri,
  encode: encodeDri,
  packets: anyRecord,
  limitBytes: driPacketLimitBytes,
})

t.test('ge-dri: requests are as clients send them', async (t) => {
  const numbers =
    '7E 31 00 00 09 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 FF 00 00 00 00 00 00 00 00 ' +
    '00 00 00 00 00 00 00 00 00 00 01 0A 00 0E 00 00 00 00 00 52 7E'
  t.equal(toHex(encodeNumbersRequest(9, 10)), toHex(bytes(numbers)))
  const waves =
    '7E 48 00 00 09 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 FF 00 00 00 00 00 00 00 00 ' +
    '00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 08 FF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ' +
    '00 00 00 00 00 00 00 00 00 00 00 59 7E'
  t.equal(toHex(encodeWavesRequest(9, [waveTypes.ecg1, waveTypes.pleth])), toHex(bytes(waves)))
})

t.test('ge-dri: two flags between frames, or one', async (t) => {
  const one = encodeNumbersRequest(9, 10)
  const shared = joinBytes(one, one.subarray(1), [0x7e], one)
  const framer = new Framer(scanDri, driPacketLimitBytes)
  const found = [...framer.feed(shared, 0), ...framer.pause()]
  t.strictSame(
    found.map((each) => each.kind),
    ['packet', 'packet', 'noise', 'packet'],
  )
  const broken = joinBytes(one.subarray(0, 20), one)
  t.strictSame(
    [...new Framer(scanDri, driPacketLimitBytes).feed(broken, 0)].map((each) => each.kind),
    ['noise', 'packet'],
  )
  t.match(scanDri(bytes('7E 31 00 7D 7E')), { reason: 'escape at the end', length: 4 })
})

function basic(status: number, values: readonly (number | null)[]): DriBasic {
  const found = readBasic({ type: 1, bytes: new Uint8Array(278) })
  if (found === null) throw new Error('unreachable')
  const [heart = null, breaths = null] = values
  return {
    ...found,
    kind: 'displayed',
    groups: {
      ...found.groups,
      ecg: {
        isActive: true,
        status,
        label: 0x1200,
        values: {
          heartPerMinute: heart,
          st1Mm: 0.12,
          st2Mm: null,
          st3Mm: null,
          breathsPerMinute: breaths,
        },
      },
    },
  }
}

t.test('ge-dri: groups are read as they are written', async (t) => {
  const written = basic(0x12, [80, null])
  t.strictSame(readBasic(basicPart(written, 10)), written)
  const trend: DriBasic = { ...written, kind: 'trend' }
  t.strictSame(readBasic(basicPart(trend, 10)), trend)
  const off = basicPart(written, 10)
  off.bytes[4] = 0x01
  t.match(readBasic(off)?.groups.ecg, { isActive: false, values: { heartPerMinute: null } })
  off.bytes[277] = 1
  t.equal(readBasic(off), null, 'the word says which class it is')
  t.equal(readBasic({ type: 1, bytes: noBytes }), null)
})

t.test('ge-dri: waves are read as they are written', async (t) => {
  const wave = { type: 8, isAfterGap: true, counter: 59, samples: [0, -154, null, 32_767] }
  t.strictSame(readWave(wavePart(wave)), wave)
  t.equal(readWave({ type: 8, bytes: bytes('02 00 00 00 00 00 01 00') }), null, 'cut short')
  t.equal(readWave({ type: 8, bytes: noBytes }), null)
})

const recordings = [
  ['ge_dri_db02.bin', { 0: 107, 1: 106 }],
  ['ge_dri_db00_60s.bin', { 0: 60, 1: 60 }],
] as const

t.test('ge-dri: recordings of a CARESCAPE monitor, every frame of them', async (t) => {
  for (const [name, counts] of recordings) {
    const path = join(import.meta.dirname, '../../../shared/samples/open/serial', name)
    if (!existsSync(path)) continue
    const framer = new Framer(scanDri, driPacketLimitBytes)
    const found = [...framer.feed(readFileSync(path), 0), ...framer.pause()]
    const records = found.flatMap((one) => (one.kind === 'packet' ? [one.packet] : []))
    for (const [mainType, count] of Object.entries(counts)) {
      const some = records.filter((record) => record.mainType === Number(mainType))
      t.equal(some.length, count, `${name}: main type ${mainType}`)
    }
    let counter: number | null = null
    for (const record of records.filter(({ mainType }) => mainType === 1)) {
      const [pleth] = record.parts.map(readWave)
      t.match(pleth?.samples.length, /^(99|100|101)$/)
      if (counter !== null) t.equal(pleth?.counter, (counter + 1) % 60)
      counter = pleth?.counter ?? null
    }
  }
  t.equal(recordings.length, 2)
})

t.test('ge-dri: values of the first record of a recording', async (t) => {
  const path = join(import.meta.dirname, '../../drivers/captures/ge-dri/numbers.cap')
  const hex = /^< (7e(?: [0-9a-f]{2})+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
  const found = scanDri(bytes(hex))
  if (found.kind !== 'packet') throw new Error('no record')
  t.match(found.packet, { level: 10, number: 2, unixSeconds: 1_532_624_765, mainType: 0 })
  const groups = found.packet.parts.map(readBasic)[0]?.groups
  t.match(groups?.ecg.values, { heartPerMinute: 80, st1Mm: 0, st2Mm: null, breathsPerMinute: 15 })
  t.match(groups?.cuff.values, { systolicMmHg: 93, diastolicMmHg: 48, meanMmHg: 69 })
  t.match(groups?.oximeter.values, { saturationPercent: 96.65, pulsePerMinute: 83 })
  t.match(groups?.co2.values, {
    expiredPercent: 4.87,
    inspiredPercent: 0.26,
    breathsPerMinute: 15,
    ambientMmHg: 759.8,
  })
  t.equal(found.packet.parts.map(readBasic).filter((one) => one !== null).length, 1)
})
