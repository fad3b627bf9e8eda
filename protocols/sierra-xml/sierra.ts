/**
 * Philips ECG files in XML ("Sierra ECG", versions 1.03 and 1.04) of PageWriter, TC and Efficia
 * electrocardiographs. No description of the maker was found; source: the open reader
 * sierra-ecg-tools, and a file of a PageWriter TC.
 *
 *   restingecgdata / dataacquisition / signalcharacteristics, machine
 *                  / interpretations / interpretation / globalmeasurements, statement
 *                  / waveforms / parsedwaveforms @dataencoding @compression @leadlabels
 */
import { base64Bytes } from '../ecg-codec/base64.ts'
import { integersIn } from '../ecg/integers.ts'
import { leadOfName } from '../ecg/leads.ts'
import {
  ecgLead,
  ecgLeadsMax,
  ecgSamplesMax,
  ecgStatementsMax,
  rateOfHz,
  wordsOf,
  type EcgPart,
  type EcgRecording,
} from '../ecg/recording.ts'
import { viewOf } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime, Value } from '../packet/record.ts'
import type { Term } from '../vocabulary/term.ts'
import { terms } from '../vocabulary/terms.ts'
import { ecgLeads } from '../vocabulary/waves.ts'
import { attributeOf, elementAt, elementsOf, textAt } from '../xml/find.ts'
import { parseXml, type XmlElement } from '../xml/xml.ts'
import { withoutCalibration } from './calibration.ts'
import { withDerivedLeads } from './derived.ts'
import { standardLeads } from '../vocabulary/waves.ts'
import { decodeXli } from './xli.ts'

export const sierraRoot = 'restingecgdata'

export function decodeSierra(bytes: Uint8Array): Decoded<EcgRecording> {
  const root = parseXml(bytes)
  return root.ok ? sierraOf(root.value) : root
}

export function sierraOf(root: XmlElement): Decoded<EcgRecording> {
  if (root.name !== sierraRoot) return undecoded('no Philips ECG file')
  const acquisition = elementAt(root, 'dataacquisition')
  const part = partOf(root, acquisition)
  if (!part.ok) return part
  const machine = elementAt(acquisition, 'machine')
  const interpretation = elementAt(root, 'interpretations', 'interpretation')
  const measured = elementAt(interpretation, 'globalmeasurements')
  const detail = attributeOf(machine, 'detaildescription')?.split(':') ?? []
  const correction = qtcOf(measured)
  return decoded({
    parts: [part.value],
    recordedAt: timeOf(attributeOf(acquisition, 'date'), attributeOf(acquisition, 'time')),
    patientId: textAt(root, 'patient', 'generalpatientdata', 'patientid'),
    device: {
      maker: wordsOf(detail[0]),
      model: wordsOf(machine?.text),
      serialNumber: attributeOf(machine, 'machineid'),
      software: wordsOf(detail[2]),
    },
    values: [
      ...valuesOf(measured, intervals),
      ...(correction?.values ?? []),
      ...valuesOf(measured, axes),
    ],
    qualifiers: correction === null ? {} : { qtcFormula: correction.formula },
    statements: {
      texts: statementsOf(interpretation),
      isConfirmed: /^confirmed$/i.test(attributeOf(root, 'status') ?? ''),
    },
    recordId: null,
    remarks: [],
  })
}

function timeOf(date: string | null, time: string | null): DeviceTime | null {
  const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)(?::(\d\d))?/.exec(`${date} ${time}`)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  return deviceTimeOf(
    year,
    month,
    day,
    hour,
    minute,
    found[6] === undefined ? null : Number(found[6]),
  )
}

type Measurement = readonly [name: string, term: Term]

/** Names of the elements that hold them. */
export const intervals: readonly Measurement[] = [
  ['heartrate', terms.heartRate],
  ['rrint', terms.rrInterval],
  ['print', terms.prInterval],
  ['qrsdur', terms.qrsDuration],
  ['qtint', terms.qtInterval],
]
export const axes: readonly Measurement[] = [
  ['pfrontaxis', terms.pAxis],
  ['qrsfrontaxis', terms.qrsAxis],
  ['tfrontaxis', terms.tAxis],
]
/** Corrected QT. Bazett where there is one, since that is what the printed report shows. */
export const corrections = [
  ['qtcb', 'bazett'],
  ['qtcf', 'fridericia'],
] as const

/** What was not measured is empty, or a word such as `Indeterminate`. */
function numberAt(from: XmlElement | null, name: string): number | null {
  const text = textAt(from, name) ?? ''
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
}

function valuesOf(
  measured: XmlElement | null,
  measurements: readonly Measurement[],
): readonly Value[] {
  return measurements.flatMap(([name, { code, unit }]) => {
    const value = numberAt(measured, name)
    return value === null ? [] : [{ code, value, unit }]
  })
}

function qtcOf(
  measured: XmlElement | null,
): { readonly values: readonly Value[]; readonly formula: string } | null {
  for (const [name, formula] of corrections) {
    const value = numberAt(measured, name)
    const { code, unit } = terms.qtCorrected
    if (value !== null) return { values: [{ code, value, unit }], formula }
  }
  return null
}

function statementsOf(interpretation: XmlElement | null): readonly string[] {
  const statements = elementsOf(interpretation, 'statement').slice(0, ecgStatementsMax)
  const severity = textAt(interpretation, 'severity')
  const texts = statements.map((one) => {
    const [left, right] = [textAt(one, 'leftstatement'), textAt(one, 'rightstatement')]
    return [left, right].flatMap((text) => text ?? []).join(': ')
  })
  return [...texts.filter((text) => text !== ''), ...(severity === null ? [] : [severity])]
}

function partOf(root: XmlElement, acquisition: XmlElement | null): Decoded<EcgPart> {
  const waveforms = elementAt(root, 'waveforms', 'parsedwaveforms')
  if (waveforms === null) return undecoded('no waveforms')
  const signals = elementAt(acquisition, 'signalcharacteristics')
  // 1.04 says it at the waveforms as well, which are the ones meant.
  const stated = (attribute: string, name: string): number =>
    Number(attributeOf(waveforms, attribute) ?? textAt(signals, name) ?? Number.NaN)
  const rate = rateOfHz(stated('samplespersecond', 'samplingrate'))
  if (rate === null) return undecoded('no sampling rate')
  const microvolts = stated('resolution', 'resolution')
  if (!(microvolts > 0)) return undecoded('no resolution')
  const count = stated('numberofleads', 'numberchannelsallocated')
  if (!Number.isInteger(count) || count < 1 || count > ecgLeadsMax) {
    return undecoded('no number of leads')
  }
  const names = (attributeOf(waveforms, 'leadlabels') ?? standardLeads.join(' ')).split(/\s+/)
  if (names.length < count) return undecoded('leads without a name')
  const samples = samplesOf(waveforms, count)
  if (!samples.ok) return samples
  const offset = stated('signaloffset', 'signaloffset')
  const zero = Number.isInteger(offset) ? offset : 0
  const leads = names
    .slice(0, samples.value.length)
    .map((name) => ecgLead(leadOfName(name) ?? ecgLeads.unknown.code, microvolts * 1_000, zero))
  const signal = withoutCalibration(samples.value, Math.round(1_000 / microvolts))
  return decoded({ kind: 'rhythm', rate, leads, samples: signal })
}

function samplesOf(waveforms: XmlElement, count: number): Decoded<readonly Int32Array[]> {
  const text = waveforms.text
  const compression =
    attributeOf(waveforms, 'compression') ?? attributeOf(waveforms, 'compressmethod')
  const isCompressed =
    compression === 'XLI' && !/^false$/i.test(attributeOf(waveforms, 'compressflag') ?? '')
  switch (attributeOf(waveforms, 'dataencoding')) {
    case 'Base64': {
      const bytes = base64Bytes(text)
      return isCompressed ? expanded(bytes, count) : inLeads(wordsIn(bytes), count)
    }
    case 'Plain':
      return inLeads(integersIn(text, ecgSamplesMax), count)
    default:
      return undecoded('waveforms in an unknown encoding')
  }
}

function wordsIn(bytes: Uint8Array): Int32Array {
  const view = viewOf(bytes)
  return Int32Array.from({ length: bytes.length >> 1 }, (_, at) => view.getInt16(2 * at, true))
}

/** One lead behind the other. */
function inLeads(all: Int32Array | null, count: number): Decoded<readonly Int32Array[]> {
  const length = (all?.length ?? 0) / count
  if (all === null || !Number.isInteger(length) || length < 1) {
    return undecoded('samples that do not fill the leads')
  }
  return decoded(
    Array.from({ length: count }, (_, lead) => all.slice(lead * length, (lead + 1) * length)),
  )
}

function expanded(bytes: Uint8Array, count: number): Decoded<readonly Int32Array[]> {
  const leads = decodeXli(bytes, count, Math.floor(ecgSamplesMax / count))
  if (!leads.ok) return leads
  const length = leads.value[0]?.length ?? 0
  if (leads.value.length !== count || length === 0) return undecoded('fewer leads than stated')
  if (leads.value.some((lead) => lead.length !== length)) {
    return undecoded('leads of different lengths')
  }
  return decoded(withDerivedLeads(leads.value))
}
