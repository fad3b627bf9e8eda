/**
 * The header of EDF and EDF+. Source: Kemp et al. 1992 and 2003, https://www.edfplus.info/specs/.
 *
 *   version 8 | patient 80 | recording 80 | date 8 | time 8 | header bytes 8 | reserved 44 |
 *   records 8 | seconds a record 8 | signals 4 |
 *   of all signals: label 16 … | transducer 80 … | dimension 8 … | physical min 8 … |
 *   physical max 8 … | digital min 8 … | digital max 8 … | prefiltering 80 … |
 *   samples a record 8 … | reserved 32 …
 *
 * All of it text, padded with spaces.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export const fixedHeaderBytes = 256
const signalsMax = 256
const samplesPerRecordMax = 1_000_000

export const annotationsLabel = 'EDF Annotations'

export interface EdfSignal {
  readonly label: string
  readonly dimension: string
  readonly physicalMin: number
  readonly physicalMax: number
  readonly digitalMin: number
  readonly digitalMax: number
  readonly samplesPerRecord: number
}

export interface EdfHeader {
  readonly kind: 'edf' | 'continuous' | 'interrupted'
  readonly patient: string
  readonly recording: string
  readonly startedAt: DeviceTime | null
  /** -1 while the recording goes on. */
  readonly records: number
  readonly secondsPerRecord: number
  readonly signals: readonly EdfSignal[]
}

/** The widths of the fields of a signal, in their order. */
const widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32] as const
export const signalHeaderBytes = widths.reduce((sum, width) => sum + width, 0)

export function looksLikeEdf(bytes: Uint8Array): boolean {
  return latin1Text(bytes.subarray(0, 8)).replaceAll('\0', ' ').trimEnd() === '0'
}

export function decodeEdfHeader(bytes: Uint8Array): Decoded<EdfHeader> {
  if (bytes.length < fixedHeaderBytes) return undecoded('shorter than the header of an EDF file')
  if (!looksLikeEdf(bytes)) return undecoded('no EDF file')
  const count = numberIn(textOf(bytes, 252, 4))
  if (count === null || !Number.isInteger(count) || count < 1 || count > signalsMax) {
    return undecoded('no number of signals')
  }
  if (bytes.length < fixedHeaderBytes + count * signalHeaderBytes) {
    return undecoded('the header of the signals is cut short')
  }
  const records = numberIn(textOf(bytes, 236, 8))
  const secondsPerRecord = numberIn(textOf(bytes, 244, 8))
  if (records === null || !Number.isInteger(records)) return undecoded('no number of records')
  if (secondsPerRecord === null || secondsPerRecord < 0) return undecoded('no length of a record')
  const signals: EdfSignal[] = []
  for (let signal = 0; signal < count; signal++) {
    const read = decodeSignal(bytes, signal, count)
    if (read === null) return undecoded(`signal ${signal + 1} has a header that cannot be`)
    signals.push(read)
  }
  const reserved = textOf(bytes, 192, 44)
  const interrupted = reserved.startsWith('EDF+D') ? 'interrupted' : 'edf'
  return decoded({
    kind: reserved.startsWith('EDF+C') ? 'continuous' : interrupted,
    patient: textOf(bytes, 8, 80),
    recording: textOf(bytes, 88, 80),
    startedAt: startOf(textOf(bytes, 168, 8), textOf(bytes, 176, 8)),
    records,
    secondsPerRecord,
    signals,
  })
}

function textOf(bytes: Uint8Array, at: number, length: number): string {
  return latin1Text(bytes.subarray(at, at + length))
    .replaceAll('\0', ' ')
    .trim()
}

/** Some writers put a decimal comma. null when it is no number. */
function numberIn(text: string): number | null {
  const plain = text.replace(',', '.')
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain) ? Number(plain) : null
}

function decodeSignal(bytes: Uint8Array, signal: number, count: number): EdfSignal | null {
  let at = fixedHeaderBytes
  const texts = widths.map((width) => {
    const text = textOf(bytes, at + signal * width, width)
    at += count * width
    return text
  })
  const [label = '', , dimension = ''] = texts
  const numbers = texts.slice(3, 7).map(numberIn)
  const samplesPerRecord = numberIn(texts[8] ?? '')
  const [physicalMin, physicalMax, digitalMin, digitalMax] = numbers
  if (!isNumber(physicalMin) || !isNumber(physicalMax)) return null
  if (!isNumber(digitalMin) || !isNumber(digitalMax) || digitalMin >= digitalMax) return null
  if (!isNumber(samplesPerRecord) || !Number.isInteger(samplesPerRecord)) return null
  if (samplesPerRecord < 1 || samplesPerRecord > samplesPerRecordMax) return null
  return { label, dimension, physicalMin, physicalMax, digitalMin, digitalMax, samplesPerRecord }
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined
}

/** Years 85 to 99 are of the last century. */
function startOf(date: string, time: string): DeviceTime | null {
  const pattern = /^(\d\d)[.:/-](\d\d)[.:/-](\d\d)$/
  const [, day = '', month = '', short = ''] = pattern.exec(date) ?? []
  const [, hour = '', minute = '', second = ''] = pattern.exec(time) ?? []
  if (day === '' || hour === '') return null
  const year = Number(short) + (Number(short) >= 85 ? 1_900 : 2_000)
  const [d, mo, h, mi, s] = [day, month, hour, minute, second].map(Number)
  return deviceTimeOf(year, mo ?? 0, d ?? 0, h ?? 0, mi ?? 0, s ?? 0)
}

/** Texts that are too long for their field are cut. */
export function encodeEdfHeader(header: EdfHeader): Uint8Array {
  const { signals, startedAt } = header
  const two = (part: number): string => String(part).padStart(2, '0')
  const date =
    startedAt === null
      ? ''
      : [two(startedAt.day), two(startedAt.month), two(startedAt.year % 100)].join('.')
  const time =
    startedAt === null
      ? ''
      : [startedAt.hour, startedAt.minute, startedAt.second ?? 0].map(two).join('.')
  const reserved = { edf: '', continuous: 'EDF+C', interrupted: 'EDF+D' }[header.kind]
  const fields: string[] = [
    padded('0', 8),
    padded(header.patient, 80),
    padded(header.recording, 80),
    padded(date, 8),
    padded(time, 8),
    padded(String(fixedHeaderBytes + signals.length * signalHeaderBytes), 8),
    padded(reserved, 44),
    padded(String(header.records), 8),
    padded(String(header.secondsPerRecord), 8),
    padded(String(signals.length), 4),
  ]
  const columns = signals.map((signal) => [
    signal.label,
    '',
    signal.dimension,
    String(signal.physicalMin),
    String(signal.physicalMax),
    String(signal.digitalMin),
    String(signal.digitalMax),
    '',
    String(signal.samplesPerRecord),
    '',
  ])
  for (const [field, width] of widths.entries()) {
    for (const column of columns) fields.push(padded(column[field] ?? '', width))
  }
  return latin1Bytes(fields.join(''))
}

/** What is no printable ASCII becomes `_`. */
function padded(text: string, width: number): string {
  return text
    .replace(/[^\x20-\x7e]/gu, '_')
    .slice(0, width)
    .padEnd(width)
}
