import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import { encodeIvy, ivyMessageLimitBytes, scanIvy, type IvyMessage } from './message.ts'

const samples = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const number = fc.option(fc.nat(300))
const celsius: fc.Arbitrary<number | null> = fc.option(fc.nat(450).map((tenths) => tenths / 10))
const pressure = { systolicMmHg: number, diastolicMmHg: number, meanMmHg: number }
const anyMessage: fc.Arbitrary<IvyMessage> = plain({
  ecg: samples(200),
  respiration: samples(50),
  pleth: samples(50),
  pressures: fc.tuple(samples(50), samples(50)),
  heartPerMinute: number,
  ecgLead: fc.constantFrom('I', 'II', 'III', null),
  breathsPerMinute: number,
  endTidalCo2: number,
  saturationPercent: number,
  pulsePerMinute: number,
  cuff: plain({ ...pressure, pulsePerMinute: number }),
  catheters: fc.tuple(plain(pressure), plain(pressure)),
  hasTransducer: fc.tuple(fc.boolean(), fc.boolean()),
  temperatures: fc.tuple(number, celsius),
})

holdsWhatScannersPromise('ivy-450c', {
  scan: scanIvy,
  encode: encodeIvy,
  packets: anyMessage,
  limitBytes: ivyMessageLimitBytes,
})

const message: IvyMessage = {
  ecg: new Uint8Array(200).fill(138),
  respiration: new Uint8Array(50),
  pleth: new Uint8Array(50),
  pressures: [new Uint8Array(50), new Uint8Array(50)],
  heartPerMinute: 80,
  ecgLead: 'II',
  breathsPerMinute: null,
  endTidalCo2: null,
  saturationPercent: null,
  pulsePerMinute: null,
  cuff: { systolicMmHg: null, diastolicMmHg: null, meanMmHg: null, pulsePerMinute: null },
  catheters: [
    { systolicMmHg: null, diastolicMmHg: null, meanMmHg: null },
    { systolicMmHg: null, diastolicMmHg: null, meanMmHg: null },
  ],
  hasTransducer: [true, false],
  temperatures: [null, null],
}

t.test('ivy-450c: a byte of the waves that is missing or one too many breaks it', async (t) => {
  const bytes = [...encodeIvy(message)]
  t.match(scanIvy(Uint8Array.from(bytes.toSpliced(100, 1))), { reason: 'no lines', length: 1 })
  t.match(scanIvy(Uint8Array.from(bytes.toSpliced(100, 0, 7))), { reason: 'no lines', length: 1 })
  t.match(scanIvy(Uint8Array.from(bytes.toSpliced(420, 1, 0x90))), { reason: 'no text' })
  t.match(scanIvy(latin1Bytes('ANSAR-B ')), { reason: 'no beginning', length: 8 })
  const endless = Uint8Array.from([...bytes.slice(0, -1), ...Array.from({ length: 512 }, () => 65)])
  t.match(scanIvy(endless), { reason: 'text without end', length: 1 })
})

t.test('ivy-450c: all 27 messages of a recording that begins inside of one', async (t) => {
  const path = join(import.meta.dirname, '../../../shared/samples/open/serial/ivy450c_ansarb.bin')
  const isThere = existsSync(path)
  const bytes = isThere ? new Uint8Array(readFileSync(path)) : encodeIvy(message)
  const framer = new Framer(scanIvy, ivyMessageLimitBytes)
  const found = [...framer.feed(bytes, 0), ...framer.pause()]
  const messages = found.flatMap((one) => (one.kind === 'packet' ? [one.packet] : []))
  t.equal(messages.length, isThere ? 27 : 1)
  t.match(messages[0], { heartPerMinute: 80, ecgLead: 'II', hasTransducer: [true, false] })
  if (!isThere) return
  const noise = found.flatMap((one) => (one.kind === 'noise' ? [one.bytes.length] : []))
  t.strictSame(noise, [252])
  for (const one of messages) {
    t.match(one, {
      heartPerMinute: 80,
      breathsPerMinute: 35,
      endTidalCo2: null,
      saturationPercent: 100,
      pulsePerMinute: 80,
      cuff: { systolicMmHg: 121, diastolicMmHg: 75, meanMmHg: 92, pulsePerMinute: 80 },
      temperatures: [null, null],
    })
    t.match(one.catheters[0], { systolicMmHg: /^11[01]$/, diastolicMmHg: 73, meanMmHg: 88 })
    t.notMatch(latin1Text(one.pressures[1]), /[^\u00fb]/, 'no transducer')
  }
  const [wave] = messages[0]?.pressures ?? []
  t.equal(Math.min(...(wave ?? [])), 73, 'one step of the wave is a mmHg')
  t.strictSame([...(messages[0]?.ecg ?? [])].slice(0, 4), [138, 134, 138, 142])
})
