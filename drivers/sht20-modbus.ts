/**
 * The probe in the vaccine box: temperature and humidity over Modbus RTU. How long it may be too
 * warm is not decided here: that must go on counting when the gateway starts again.
 */
import {
  encodeModbusQuestion,
  modbusExceptionWords,
  modbusLimitBytes,
  scanModbus,
  signedRegister,
  type ModbusAnswer,
  type ModbusQuestion,
} from '../protocols/modbus/rtu.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling } from './asking.ts'
import { Current } from './condition.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

/** Input registers 1 and 2 of the unit as it is delivered: temperature and humidity in tenths. */
const question: ModbusQuestion = { unit: 1, function: 4, address: 1, count: 2 }

/** What the electronics answer without a working sensor. */
const faultRegisters: readonly number[] = [0x8000, 0x7fff, 0xfc19]
const range = { fromTenths: -400, toTenths: 800 }
/** Both zero is what a sensor says that has not measured yet, and what hardly any box has. */
const zerosBelieved = 3
/** More from one poll to the next, in tenths: the box was opened, or the probe taken out. */
const suddenTenths = 50

interface Memory {
  readonly sensor: Current
  readonly live: Live
  zeros: number
  beforeTenths: number | null
}

function isAnswer(answer: ModbusAnswer): boolean {
  if (answer.unit !== question.unit || answer.function !== question.function) return false
  return answer.kind === 'exception' || answer.registers.length === question.count
}

export const sht20Modbus = polling({
  id: 'sht20-modbus',
  label: 'Temperature and humidity probe, Modbus RTU (XY-MD02, SHT20)',
  source: 'Registers of an open integration of the probe; Modbus application protocol V1.1b3',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['1a86:7523', '0403:6001'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 100_000,

  scan: scanModbus,
  packetLimitBytes: modbusLimitBytes,
  answerWithinMs: 1_000,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 30_000,
  remember: (): Memory => ({
    sensor: new Current(),
    live: new Live(),
    zeros: 0,
    beforeTenths: null,
  }),
  *talk(ask, memory) {
    const bytes = encodeModbusQuestion(question)
    const answer = yield* ask({ bytes, why: 'temperature and humidity' }, isAnswer)
    if (answer === null) return
    const fault = faultOf(answer, memory)
    const out = { code: 'storage-sensor-fault', level: 'warning' } as const
    yield* memory.sensor.become(fault === null ? null : { ...out, detail: { kind: fault } })
    const [temperature = 0, humidity = 0] = answer.kind === 'registers' ? answer.registers : []
    const tenths = fault === null ? signedRegister(temperature) : null
    const before = memory.beforeTenths
    memory.beforeTenths = tenths
    yield* memory.live.say('storage', [
      valueOf(terms.storageTemperature, tenths === null ? null : tenths / 10),
      valueOf(terms.storageHumidity, fault === null ? humidity / 10 : null),
    ])
    if (before !== null && tenths !== null && Math.abs(tenths - before) > suddenTenths) {
      const detail = { fromCel: String(before / 10), toCel: String(tenths / 10) }
      yield { kind: 'event', code: 'storage-jump', level: 'info', active: null, detail }
    }
  },
})

/** Why these are no values; null when they are. */
function faultOf(answer: ModbusAnswer, memory: Memory): string | null {
  if (answer.kind === 'exception') return modbusExceptionWords(answer.code) ?? String(answer.code)
  const [temperature = 0, humidity = 0] = answer.registers
  memory.zeros = temperature === 0 && humidity === 0 ? memory.zeros + 1 : 0
  if (memory.zeros > 0 && memory.zeros < zerosBelieved) return 'only-zeros'
  if (faultRegisters.includes(temperature)) return 'no-sensor'
  const tenths = signedRegister(temperature)
  const isInRange = tenths >= range.fromTenths && tenths <= range.toTenths && humidity <= 1_000
  return isInRange ? null : 'out-of-range'
}
