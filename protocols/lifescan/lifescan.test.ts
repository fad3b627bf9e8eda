import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import { encodeLifescan, lifescanLimitBytes, scanLifescan, type LifescanFrame } from './frame.ts'
import {
  isLifescanAnswer,
  lifescanData,
  lifescanMessage,
  readLifescanRecord,
  readLifescanSerial,
  readLifescanTime,
  type LifescanModel,
  type LifescanQuestion,
} from './message.ts'

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex.replaceAll(' ', '').toLowerCase())
  if (bytes === null) throw new Error(hex)
  return bytes
}

function asked(model: LifescanModel, question: LifescanQuestion): string {
  return toHex(encodeLifescan({ control: 0, message: lifescanMessage(model, question) }))
}

t.test('lifescan: frames have the checks that the sources print', async (t) => {
  const message = new Uint8Array(0)
  t.equal(toHex(encodeLifescan({ control: 0x06, message })), '02060603cd41')
  t.equal(toHex(encodeLifescan({ control: 0x08, message })), '02060803c262')
})

t.test('lifescan: asks as the published drivers do', async (t) => {
  t.equal(asked('verio-iq', { kind: 'serial' }), '020a00030b0102032adc')
  t.equal(asked('verio-iq', { kind: 'clock' }), '02090003200203d492')
  t.equal(asked('verio-iq', { kind: 'count' }), '020900032700032671')
  t.equal(asked('verio', { kind: 'serial' }), '020a0003e6020003745e')
  t.equal(asked('verio', { kind: 'record', number: 0 }), '020c0003310200000003ed4c')
  t.match(asked('ultraeasy', { kind: 'count' }), /^020a00051ff50103/)
  t.match(asked('ultraeasy', { kind: 'record', number: 258 }), /^020a00051f020103/)
})

const verioRecord = '02 18 00 03 06 0C 00 00 59 01 2C B6 66 2F 76 00 01 00 00 0B 00 03 D2 C6'

t.test('lifescan: reads a record of a Verio', async (t) => {
  const found = scanLifescan(bytesOf(verioRecord))
  if (found.kind !== 'packet') throw new Error(found.kind)
  const data = lifescanData('verio', found.packet)
  if (data === null) throw new Error('no data')
  t.ok(isLifescanAnswer('verio', 'record', data))
  t.strictSame(readLifescanRecord('verio', data), {
    time: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: 0 },
    mgPerDl: 118,
    isControl: false,
    meal: 'before',
    lifeNumber: 345,
    unknown: '00000b00',
  })
  t.match(readLifescanRecord('verio', data.with(2, 1)), { isControl: true })
})

t.test('lifescan: each model counts seconds from its own beginning', async (t) => {
  const second = Uint8Array.of(1, 0, 0, 0)
  t.match(readLifescanTime('ultraeasy', second), { year: 1970, second: 1 })
  t.match(readLifescanTime('verio-iq', second), { year: 2000, month: 1, day: 1, second: 1 })
  t.equal(readLifescanTime('verio', new Uint8Array(4)), null, 'a clock that was never set')
})

t.test('lifescan: reads records of UltraEasy and Verio IQ', async (t) => {
  t.match(readLifescanRecord('ultraeasy', bytesOf('2c32d467 76000000')), {
    time: { year: 2025, month: 3, day: 14, hour: 13, minute: 42, second: 4 },
    mgPerDl: 118,
    isControl: null,
  })
  t.match(readLifescanRecord('verio-iq', bytesOf('2CB6662F 7600 01 02 0000')), {
    mgPerDl: 118,
    isControl: true,
    meal: 'after',
    lifeNumber: null,
  })
  t.equal(readLifescanRecord('verio-iq', new Uint8Array(8)), null, 'of another model')
})

t.test('lifescan: an error is no answer, and the length tells answers apart', async (t) => {
  const frame = (...message: readonly number[]): LifescanFrame => ({
    control: 0,
    message: Uint8Array.from(message),
  })
  t.equal(lifescanData('verio', frame(3, 9)), null)
  t.equal(lifescanData('verio', frame(5, 6, 1, 0)), null, 'of another family')
  t.ok(isLifescanAnswer('verio', 'count', Uint8Array.of(1, 0)))
  t.notOk(isLifescanAnswer('verio', 'clock', Uint8Array.of(1, 0)))
})

t.test('lifescan: serial numbers are text, of two bytes a letter in a Verio', async (t) => {
  t.equal(readLifescanSerial('ultraeasy', latin1Bytes('CGZ8FBC2Y')), 'CGZ8FBC2Y')
  t.equal(readLifescanSerial('verio-iq', latin1Bytes('ABC12345\0')), 'ABC12345')
  t.equal(readLifescanSerial('verio', latin1Bytes('Z\0F\0K\x002\x007\0\0\0')), 'ZFK27')
  t.equal(readLifescanSerial('verio', Uint8Array.of(1, 2, 3, 4)), null)
})

holdsWhatScannersPromise<LifescanFrame>('lifescan', {
  scan: scanLifescan,
  encode: encodeLifescan,
  packets: plain({ control: fc.nat(0xff), message: fc.uint8Array({ maxLength: 60 }) }),
  limitBytes: lifescanLimitBytes,
})
