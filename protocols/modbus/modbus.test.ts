import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, noBytes } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeModbus,
  encodeModbusQuestion,
  modbusExceptionWords,
  modbusLimitBytes,
  scanModbus,
  scanModbusQuestion,
  signedRegister,
  type ModbusAnswer,
  type ModbusException,
  type ModbusQuestion,
  type ModbusRegisters,
} from './rtu.ts'

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes
}

t.test('modbus: asks with the check sums that are published', async (t) => {
  const ask = (question: ModbusQuestion) => toHex(encodeModbusQuestion(question))
  t.equal(ask({ unit: 1, function: 4, address: 1, count: 2 }), '010400010002200b')
  t.equal(ask({ unit: 1, function: 4, address: 1, count: 1 }), '010400010001600a')
  t.equal(ask({ unit: 1, function: 3, address: 0x101, count: 2 }), '0103010100029437')
})

t.test('modbus: reads registers, below zero too, and exceptions', async (t) => {
  t.match(scanModbus(bytesOf('01 04 04 00 31 01 C2 2A 4A')), {
    packet: { kind: 'registers', unit: 1, function: 4, registers: [49, 450] },
    length: 9,
  })
  const below = scanModbus(bytesOf('01 04 04 FF E7 02 26 FB 1D'))
  t.match(below, { packet: { registers: [0xffe7, 550] } })
  t.equal(signedRegister(0xffe7), -25)
  t.equal(signedRegister(0x7fff), 32_767)
  t.match(scanModbus(bytesOf('01 84 02 C2 C1')), {
    packet: { kind: 'exception', unit: 1, function: 4, code: 2 },
    length: 5,
  })
  t.equal(modbusExceptionWords(2), 'address-unknown')
  t.equal(modbusExceptionWords(99), null)
})

t.test('modbus: refuses what cannot be an answer', async (t) => {
  t.match(scanModbus(bytesOf('01 04 04 00 31 01 C2 2A 4B')), { reason: 'wrong check sum' })
  t.match(scanModbus(bytesOf('01 06 00 01')), { reason: 'no function that we ask for', length: 1 })
  t.match(scanModbus(bytesOf('01 04 03')), { reason: 'no number of registers' })
  t.match(scanModbus(bytesOf('01 04 FC')), { reason: 'no number of registers' })
  t.match(scanModbus(bytesOf('00')), { reason: 'no unit' })
  t.match(scanModbus(bytesOf('F8')), { reason: 'no unit' })
  t.match(scanModbusQuestion(bytesOf('01 06 00 01')), { kind: 'noise', length: 1 })
})

t.test('modbus: an adapter that echoes the question does not hide the answer', async (t) => {
  const answer = { kind: 'registers', unit: 1, function: 4, registers: [49, 450] } as const
  for (const address of [0x0000, 0x0001, 0x0101, 0x0400, 0x0600]) {
    const question = encodeModbusQuestion({ unit: 1, function: 4, address, count: 2 })
    const framer = new Framer(scanModbus, modbusLimitBytes)
    const heard = [...framer.feed(joinBytes(question, encodeModbus(answer)), 0), ...framer.pause()]
    const packets = heard.flatMap((one) => (one.kind === 'packet' ? [one.packet] : []))
    t.strictSame(packets, [answer], `address ${address}`)
  }
})

const unit = fc.integer({ min: 1, max: 247 })
const fn = fc.constantFrom(3 as const, 4 as const)
const registers: fc.Arbitrary<ModbusRegisters> = plain({
  kind: fc.constant('registers' as const),
  unit,
  function: fn,
  registers: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 125 }),
})
const exception: fc.Arbitrary<ModbusException> = plain({
  kind: fc.constant('exception' as const),
  unit,
  function: fn,
  code: fc.nat(255),
})
holdsWhatScannersPromise<ModbusAnswer>('modbus', {
  scan: scanModbus,
  encode: encodeModbus,
  packets: fc.oneof(registers, exception),
  limitBytes: modbusLimitBytes,
})
holdsWhatScannersPromise<ModbusQuestion>('modbus question', {
  scan: scanModbusQuestion,
  encode: encodeModbusQuestion,
  packets: plain({
    unit,
    function: fn,
    address: fc.nat(0xffff),
    count: fc.integer({ min: 1, max: 125 }),
  }),
  limitBytes: 8,
})
