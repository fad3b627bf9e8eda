/** From the records of TaiDoc meters to what is said. */
import { timeKey } from '../protocols/packet/device-time.ts'
import type { Words } from '../protocols/packet/record.ts'
import {
  dropBeyond,
  dropValueOf,
  readTaidocDrop,
  readTaidocPressure,
  readTaidocTemperature,
  readTaidocTime,
  type DropKind,
  type TaidocWeighing,
} from '../protocols/taidoc/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { storedDrop } from './blood-drop.ts'
import { cuffMeasured } from './blood-pressure.ts'
import { localCode } from './laboratory.ts'
import { hasValue, measured, valueOf } from './measured.ts'
import type { StoredResult } from './stored.ts'

/** The data of the two answers that make a record. */
export interface MeterRecord {
  readonly time: Uint8Array
  readonly value: Uint8Array
}

const dropTerms: Readonly<{ [kind in DropKind]: Term }> = {
  glucose: terms.glucose,
  haematocrit: terms.haematocrit,
  ketone: terms.bloodKetone,
  urate: terms.uricAcid,
  cholesterol: terms.cholesterol,
  haemoglobin: terms.haemoglobin,
  lactate: terms.bloodLactate,
  triglycerides: terms.triglycerides,
}

export function dropOf({ time, value }: MeterRecord, serialNumber: string): StoredResult {
  const deviceTime = readTaidocTime(time)
  const { kind, kindCode, stored, mark } = readTaidocDrop(value)
  if (kind === null) {
    const code = localCode('taidoc', `kind-${kindCode}`)
    const key = [serialNumber, timeKey(deviceTime), code, stored].join(' ')
    const control: Words = mark === 'control' ? { control: 'yes' } : {}
    const qualifiers = { from: 'memory', ...control }
    const values = [{ code, value: null, unit: '1', text: String(stored) }]
    return {
      key,
      said: (record) => measured(values, { deviceTime, qualifiers: { ...qualifiers, record } }),
    }
  }
  const beyond = dropBeyond(kind, stored)
  const isConverted = kind === 'ketone' || kind === 'lactate'
  return storedDrop('taidoc', serialNumber, {
    term: dropTerms[kind],
    value: beyond === null ? dropValueOf(kind, stored) : null,
    beyond,
    isControl: mark === 'control',
    meal: mark === 'before' || mark === 'after' ? mark : null,
    deviceTime,
    ...(isConverted || beyond !== null ? { stored: String(stored) } : {}),
  })
}

/** null for what the meter kept of a measurement that failed. */
export function pressureOf(
  { time, value }: MeterRecord,
  serialNumber: string,
): StoredResult | null {
  const deviceTime = readTaidocTime(time)
  const pressure = readTaidocPressure(value)
  if (pressure === null) return null
  const { diastolicMmHg, pulsePerMinute, unknown } = pressure
  // Then it is no user, and how high the pressure was nobody can know.
  const isBeyondOneByte = unknown !== 0 && pressure.systolicMmHg <= diastolicMmHg
  const systolicMmHg = isBeyondOneByte ? null : pressure.systolicMmHg
  const key = [
    serialNumber,
    timeKey(deviceTime),
    pressure.systolicMmHg,
    diastolicMmHg,
    pulsePerMinute,
  ]
  const words: Words = unknown === 0 ? {} : { unexplained: String(unknown) }
  return {
    key: key.join(' '),
    said: (record) =>
      cuffMeasured(
        { systolicMmHg, diastolicMmHg, pulsePerMinute, deviceTime },
        { from: 'memory', record, ...words },
      ),
  }
}

export function temperatureOf(
  { time, value }: MeterRecord,
  serialNumber: string,
): StoredResult | null {
  const deviceTime = readTaidocTime(time)
  const celsius = readTaidocTemperature(value)
  if (celsius === null) return null
  return {
    key: [serialNumber, timeKey(deviceTime), celsius].join(' '),
    said: (record) =>
      measured([valueOf(terms.bodyTemperature, celsius)], {
        deviceTime,
        qualifiers: { from: 'memory', record },
      }),
  }
}

/** The record has a time, and nobody knows in which of its bytes. */
export function weighingOf(weighing: TaidocWeighing, serialNumber: string): StoredResult | null {
  const { weightKg, heightCm, bodyMassIndex, fatPercent, head } = weighing
  const values = [
    valueOf(terms.weight, weightKg),
    valueOf(terms.height, heightCm),
    ...(bodyMassIndex === null ? [] : [valueOf(terms.bodyMassIndex, bodyMassIndex)]),
    ...(fatPercent === null ? [] : [valueOf(terms.bodyFat, fatPercent)]),
  ]
  if (!hasValue(values.slice(0, 1))) return null
  return {
    key: [serialNumber, head, weightKg].join(' '),
    said: (record) => measured(values, { qualifiers: { from: 'memory', record } }),
  }
}
