/** The ECG in an EDF file, and an ECG as an EDF+ file. */
import { leadOfName, nameOfLead } from '../ecg/leads.ts'
import {
  hzOf,
  nanovoltsBy,
  nanovoltsOf,
  noStatements,
  rateOfHz,
  round9,
  unknownDevice,
  wordsOf,
  type EcgPart,
  type EcgRecording,
} from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import type { Lead } from '../packet/record.ts'
import { decodeEdf, encodeEdf, isAnnotation, type EdfFile } from './edf.ts'
import type { EdfHeader, EdfSignal } from './header.ts'

const partsMax = 64

/** Refused when no signal is an ECG. */
export function decodeEdfEcg(bytes: Uint8Array): Decoded<EcgRecording> {
  const read = decodeEdf(bytes)
  if (!read.ok) return read
  const file = read.value
  const parts = partsOf(file)
  if (parts.length > partsMax) return undecoded(`more than ${partsMax} interruptions`)
  if (parts.length === 0) return undecoded('an EDF file without an ECG')
  const { header } = file
  return decoded({
    parts,
    recordedAt: header.startedAt,
    patientId: patientOf(header),
    device: deviceOf(header),
    values: [],
    qualifiers: {},
    statements: noStatements,
    recordId: null,
    remarks: file.isShortened ? ['shortened'] : [],
  })
}

/** EDF+ has the number in front; what plain EDF says there may be a name. */
function patientOf({ kind, patient }: EdfHeader): string | null {
  const [code = ''] = patient.split(' ')
  return kind === 'edf' || code === 'X' ? null : wordsOf(code.replaceAll('_', ' '))
}

/** EDF+: Startdate, date, number of the study, person, equipment. */
function deviceOf({ kind, recording }: EdfHeader): EcgRecording['device'] {
  const equipment = recording.split(' ')[4] ?? 'X'
  const isSaid = kind !== 'edf' && recording.startsWith('Startdate ') && equipment !== 'X'
  return isSaid ? { ...unknownDevice, model: equipment.replaceAll('_', ' ') } : unknownDevice
}

interface EcgSignal {
  readonly signal: EdfSignal
  readonly samples: Int32Array
  readonly code: string
}

/** Signals of one rate together, and a new part wherever the recording was interrupted. */
function partsOf(file: EdfFile): readonly EcgPart[] {
  const { header, samples, recordsBegin } = file
  const found = header.signals.flatMap((signal, index): readonly EcgSignal[] => {
    const code = isAnnotation(signal) ? null : leadOfName(signal.label)
    const own = samples[index]
    return code === null || own === undefined ? [] : [{ signal, samples: own, code }]
  })
  const rates = [...new Set(found.map(({ signal }) => signal.samplesPerRecord))]
  return rates.flatMap((perRecord) => {
    const rate = rateOfHz(round9(perRecord / header.secondsPerRecord))
    if (rate === null) return []
    const signals = found.filter(({ signal }) => signal.samplesPerRecord === perRecord)
    return runsOf(recordsBegin, header.secondsPerRecord).map(([from, to]): EcgPart => {
      const leads = signals.map(({ signal, samples: whole, code }) =>
        calibrated(signal, whole.slice(from * perRecord, to * perRecord), code),
      )
      return {
        kind: 'rhythm',
        rate,
        leads: leads.map(({ lead }) => lead),
        samples: leads.map((one) => one.samples),
      }
    })
  })
}

const gapSeconds = 0.000_1

/** First record and the one behind the last, of each run without a gap. */
function runsOf(begin: readonly number[], seconds: number): readonly (readonly [number, number])[] {
  const runs: [number, number][] = []
  for (const [record, at] of begin.entries()) {
    const before = begin[record - 1]
    const run = runs.at(-1)
    const isNext = before !== undefined && Math.abs(at - before - seconds) < gapSeconds
    if (run !== undefined && isNext) run[1] = record + 1
    else runs.push([record, record + 1])
  }
  return runs
}

/** Where larger numbers mean lower voltages, the signs are turned. */
function calibrated(
  signal: EdfSignal,
  samples: Int32Array,
  code: string,
): { readonly lead: Lead; readonly samples: Int32Array } {
  const { physicalMin, physicalMax, digitalMin, digitalMax, dimension } = signal
  const nanovolts = nanovoltsBy.get(dimension)
  const step = (physicalMax - physicalMin) / (digitalMax - digitalMin)
  if (nanovolts === undefined || step === 0) {
    return { lead: { code, unit: null, lsb: null, zero: 0 }, samples }
  }
  const exact = round9(digitalMin - physicalMin / step)
  const zero = Math.abs(exact) < 1e-6 ? 0 : exact
  const lsb = round9(Math.abs(step) * nanovolts) / 1_000_000
  if (step > 0) return { lead: { code, unit: 'mV', lsb, zero }, samples }
  const turned = samples.map((sample) => -sample)
  return { lead: { code, unit: 'mV', lsb, zero: zero === 0 ? 0 : -zero }, samples: turned }
}

/** Spans that make the limits of most steps exact in eight characters, the widest first. */
const spans = [32_767, 32_000, 30_000, 25_000, 20_000, 16_000, 10_000, 8_000, 5_000, 4_000, 2_000]
const secondsMax = 100

/** EDF+C of the first part that is a rhythm. What the format cannot hold is refused in words. */
export function encodeEdfEcg(ecg: EcgRecording): Decoded<Uint8Array> {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  if (part === undefined) return undecoded('no rhythm to write')
  if (ecg.recordedAt === null) return undecoded('EDF needs the time of the recording')
  const length = part.samples[0]?.length ?? 0
  const record = recordOf(part, length)
  if (record === null) return undecoded('no whole number of samples in a record')
  const signals: EdfSignal[] = []
  for (const [at, lead] of part.leads.entries()) {
    const signal = signalOf(lead, part.samples[at] ?? new Int32Array(0), record.samples)
    if (signal === null) return undecoded('a step that EDF cannot write exactly')
    signals.push(signal)
  }
  const { device, patientId, recordedAt } = ecg
  const header: EdfHeader = {
    kind: 'continuous',
    patient: `${field(patientId)} X X X`,
    recording: `Startdate X X X ${field(device.model)}`,
    startedAt: recordedAt,
    records: length / record.samples,
    secondsPerRecord: record.seconds,
    signals,
  }
  return decoded(encodeEdf(header, part.samples, []))
}

function field(text: string | null): string {
  return (text ?? 'X').replaceAll(' ', '_')
}

/** The longest record of whole seconds that fills the recording; else all of it in one. */
function recordOf(
  { rate }: EcgPart,
  length: number,
): { readonly samples: number; readonly seconds: number } | null {
  const hz = hzOf(rate)
  for (let seconds = 1; seconds <= secondsMax; seconds++) {
    const samples = round9(hz * seconds)
    if (Number.isInteger(samples) && length % samples === 0) return { samples, seconds }
  }
  const seconds = length / hz
  return String(seconds).length <= 8 ? { samples: length, seconds } : null
}

function signalOf(lead: Lead, samples: Int32Array, samplesPerRecord: number): EdfSignal | null {
  const nanovolts = nanovoltsOf(lead)
  const plain = { label: `ECG ${nameOfLead(lead.code)}`, samplesPerRecord }
  if (nanovolts === null) {
    const limits = { physicalMin: -32_768, physicalMax: 32_767 }
    return { ...plain, ...limits, dimension: '', digitalMin: -32_768, digitalMax: 32_767 }
  }
  const step = round9(nanovolts / 1_000)
  const largest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  for (const span of spans.filter((one) => one >= largest)) {
    const physicalMin = round9((-span - lead.zero) * step)
    const physicalMax = round9((span - lead.zero) * step)
    const fits = [physicalMin, physicalMax].every((limit) => String(limit).length <= 8)
    if (!fits || round9((physicalMax - physicalMin) / (2 * span)) !== step) continue
    return {
      ...plain,
      dimension: 'uV',
      physicalMin,
      physicalMax,
      digitalMin: -span,
      digitalMax: span,
    }
  }
  return null
}
