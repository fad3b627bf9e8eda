/**
 * EDF and EDF+, whole files. Source: https://www.edfplus.info/specs/ and files of three devices.
 *
 *   header | record: (samples s16 little-endian of signal 1) | (… of signal 2) | … | record | …
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { ecgSamplesMax } from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { decodeAnnotations, encodeAnnotations, type EdfAnnotation } from './annotations.ts'
import {
  annotationsLabel,
  decodeEdfHeader,
  encodeEdfHeader,
  fixedHeaderBytes,
  signalHeaderBytes,
  type EdfHeader,
  type EdfSignal,
} from './header.ts'

export interface EdfFile {
  readonly header: EdfHeader
  /** One array a signal, empty for annotations. */
  readonly samples: readonly Int32Array[]
  readonly annotations: readonly EdfAnnotation[]
  /** When each record begins, in seconds; the same distance between all unless interrupted. */
  readonly recordsBegin: readonly number[]
  /** The file ends inside of a record, or has fewer than it says. */
  readonly isShortened: boolean
}

const recordsMax = 1_000_000
const annotationsMax = 10_000

export function decodeEdf(bytes: Uint8Array): Decoded<EdfFile> {
  const read = decodeEdfHeader(bytes)
  if (!read.ok) return read
  const header = read.value
  const perRecord = header.signals.reduce((sum, one) => sum + one.samplesPerRecord, 0)
  const from = fixedHeaderBytes + header.signals.length * signalHeaderBytes
  const there = Math.floor((bytes.length - from) / (2 * perRecord))
  const records = header.records < 0 ? there : Math.min(header.records, there)
  if (records < 1) return undecoded('no whole record')
  if (records > recordsMax) return undecoded(`more than ${recordsMax} records`)
  if (records * perRecord > ecgSamplesMax) return undecoded(`more than ${ecgSamplesMax} samples`)
  const samples = header.signals.map(
    (signal) => new Int32Array(isAnnotation(signal) ? 0 : records * signal.samplesPerRecord),
  )
  const annotations: EdfAnnotation[] = []
  const recordsBegin: number[] = []
  const view = viewOf(bytes)
  let at = from
  for (let record = 0; record < records; record++) {
    let begins: number | null = null
    for (const [index, signal] of header.signals.entries()) {
      const count = signal.samplesPerRecord
      if (isAnnotation(signal)) {
        const found = decodeAnnotations(bytes.subarray(at, at + 2 * count))
        begins ??= found.beginsSeconds
        const room = annotationsMax - annotations.length
        annotations.push(...found.annotations.slice(0, room))
      } else {
        const words = Array.from({ length: count }, (_, one) => view.getInt16(at + 2 * one, true))
        samples[index]?.set(words, record * count)
      }
      at += 2 * count
    }
    recordsBegin.push(begins ?? record * header.secondsPerRecord)
  }
  const isShortened = header.records > there || (bytes.length - from) % (2 * perRecord) !== 0
  return decoded({ header, samples, annotations, recordsBegin, isShortened })
}

export function isAnnotation({ label }: EdfSignal): boolean {
  return label === annotationsLabel
}

/**
 * `samples`: one array a signal, whole records of it; samples beyond 16 bits are a mistake of the
 * caller, so it throws. A signal of annotations is added, which holds all of them in the first
 * record.
 */
export function encodeEdf(
  header: EdfHeader,
  samples: readonly Int32Array[],
  annotations: readonly EdfAnnotation[],
): Uint8Array {
  const lists = Array.from({ length: header.records }, (_, record) =>
    encodeAnnotations(record * header.secondsPerRecord, record === 0 ? annotations : []),
  )
  const longest = Math.max(2, ...lists.map((list) => list.length))
  const annotation: EdfSignal = {
    label: annotationsLabel,
    dimension: '',
    physicalMin: -1,
    physicalMax: 1,
    digitalMin: -32_768,
    digitalMax: 32_767,
    samplesPerRecord: Math.ceil(longest / 2),
  }
  const whole = { ...header, signals: [...header.signals, annotation] }
  const perRecord = whole.signals.reduce((sum, one) => sum + one.samplesPerRecord, 0)
  const data = new Uint8Array(2 * perRecord * header.records)
  const view = viewOf(data)
  let at = 0
  for (const [record, list] of lists.entries()) {
    for (const [index, { samplesPerRecord }] of header.signals.entries()) {
      for (let one = 0; one < samplesPerRecord; one++, at += 2) {
        const sample = samples[index]?.[record * samplesPerRecord + one] ?? 0
        if (sample < -32_768 || sample > 32_767) throw new RangeError('a sample beyond 16 bits')
        view.setInt16(at, sample, true)
      }
    }
    data.set(list, at)
    at += 2 * annotation.samplesPerRecord
  }
  return joinBytes(encodeEdfHeader(whole), data)
}
