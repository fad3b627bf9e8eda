/**
 * Modbus RTU, the two functions that read registers:
 *
 *   question   UNIT FN ADDRESS ADDRESS COUNT COUNT crc crc
 *   answer     UNIT FN BYTES register... crc crc             BYTES is twice the number of registers
 *   exception  UNIT FN+80 CODE crc crc
 *
 * FN is 03 for holding registers and 04 for input registers. Numbers have their high byte first,
 * the check (CRC-16/MODBUS over everything before it) its low byte. Functions that write cannot be
 * made here.
 *
 * Source: Modbus over serial line, V1.02; Modbus application protocol, V1.1b3, sections 6.3, 6.4
 * and 7.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { crc16Modbus } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export type ModbusFunction = 3 | 4

export interface ModbusQuestion {
  /** 1 to 247. */
  readonly unit: number
  readonly function: ModbusFunction
  /** Of the first register, counted from 0. */
  readonly address: number
  /** 1 to 125. */
  readonly count: number
}

export interface ModbusRegisters {
  readonly kind: 'registers'
  readonly unit: number
  readonly function: ModbusFunction
  /** Each 0 to 65,535. */
  readonly registers: readonly number[]
}

export interface ModbusException {
  readonly kind: 'exception'
  readonly unit: number
  readonly function: ModbusFunction
  readonly code: number
}

export type ModbusAnswer = ModbusRegisters | ModbusException

export const modbusRegistersMax = 125
/** The longest answer: three bytes in front, the registers, two of check. */
export const modbusLimitBytes = 3 + 2 * modbusRegistersMax + 2

const unitMax = 247
const exceptionBit = 0x80
const questionBytes = 8

export function scanModbus(bytes: Uint8Array): Scan<ModbusAnswer> {
  const [unit, code, third] = bytes
  if (unit === undefined) return incomplete
  if (unit < 1 || unit > unitMax) return noise('no unit', 1)
  if (code === undefined) return incomplete
  const fn = functionOf(code & ~exceptionBit)
  if (fn === null) return noise('no function that we ask for', 1)
  const isException = (code & exceptionBit) !== 0
  if (third === undefined) return incomplete
  if (!isException && (third === 0 || third % 2 === 1 || third > 2 * modbusRegistersMax)) {
    return noise('no number of registers', 1)
  }
  const length = isException ? 5 : 3 + third + 2
  if (bytes.length < length) return incomplete
  if (!isChecked(bytes.subarray(0, length))) return noise('wrong check sum', 1)
  if (isException) return packet({ kind: 'exception', unit, function: fn, code: third }, length)
  const registers = Array.from({ length: third / 2 }, (_, index) => wordAt(bytes, 3 + 2 * index))
  return packet({ kind: 'registers', unit, function: fn, registers }, length)
}

/** The other end of the line: for whoever plays the device. */
export function scanModbusQuestion(bytes: Uint8Array): Scan<ModbusQuestion> {
  const [unit, code] = bytes
  if (unit === undefined) return incomplete
  if (unit < 1 || unit > unitMax) return noise('no unit', 1)
  if (code === undefined) return incomplete
  const fn = functionOf(code)
  if (fn === null) return noise('no function that reads registers', 1)
  if (bytes.length < questionBytes) return incomplete
  if (!isChecked(bytes.subarray(0, questionBytes))) return noise('wrong check sum', 1)
  const [address, count] = [wordAt(bytes, 2), wordAt(bytes, 4)]
  if (count < 1 || count > modbusRegistersMax) return noise('no number of registers', 1)
  return packet({ unit, function: fn, address, count }, questionBytes)
}

function functionOf(code: number): ModbusFunction | null {
  return code === 3 || code === 4 ? code : null
}

function isChecked(frame: Uint8Array): boolean {
  const [low = 0, high = 0] = frame.subarray(-2)
  return crc16Modbus(frame.subarray(0, -2)) === (low | (high << 8))
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

/** A register as a number of two's complement. */
export function signedRegister(register: number): number {
  return register < 0x8000 ? register : register - 0x10000
}

export function encodeModbusQuestion(question: ModbusQuestion): Uint8Array {
  const { unit, address, count } = question
  return checked([unit, question.function, ...twoBytes(address), ...twoBytes(count)])
}

export function encodeModbus(answer: ModbusAnswer): Uint8Array {
  const { unit } = answer
  if (answer.kind === 'exception') {
    return checked([unit, answer.function | exceptionBit, answer.code])
  }
  const { registers } = answer
  return checked([unit, answer.function, 2 * registers.length, ...registers.flatMap(twoBytes)])
}

function twoBytes(value: number): number[] {
  return [value >> 8, value & 0xff]
}

function checked(content: readonly number[]): Uint8Array {
  const check = crc16Modbus(Uint8Array.from(content))
  return joinBytes(content, [check & 0xff, check >> 8])
}

/** Words for the code of an exception; null for one that is not known. */
export function modbusExceptionWords(code: number): string | null {
  return exceptionWords.get(code) ?? null
}

const exceptionWords: ReadonlyMap<number, string> = new Map([
  [1, 'function-unknown'],
  [2, 'address-unknown'],
  [3, 'value-refused'],
  [4, 'device-failed'],
  [5, 'needs-longer'],
  [6, 'busy'],
  [8, 'memory-parity'],
  [10, 'no-path'],
  [11, 'no-response'],
])
