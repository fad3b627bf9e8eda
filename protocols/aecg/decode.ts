/**
 * HL7 aECG, the annotated ECG of HL7 version 3, read. Source: schema PORT_MT020001, and files of
 * two devices.
 *
 *   AnnotatedECG / component / series / component / sequenceSet / component / sequence
 *   series / subjectOf / annotationSet / component / annotation …
 *   series / derivation / derivedSeries: the same inside, a representative beat
 *
 * The first sequence of a set is the time; a value of a lead is origin + digit * scale.
 */
import { integersIn } from '../ecg/integers.ts'
import { leadOfName } from '../ecg/leads.ts'
import {
  ecgLeadsMax,
  ecgSamplesMax,
  ecgStatementsMax,
  nanovoltsBy,
  rateOfHz,
  round9,
  unknownDevice,
  wordsOf,
  type EcgDevice,
  type EcgPart,
  type EcgRecording,
  type Rate,
} from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime, Lead, Value } from '../packet/record.ts'
import type { Term } from '../vocabulary/term.ts'
import { terms } from '../vocabulary/terms.ts'
import { attributeOf, elementAt, elementsBelow, elementsOf, textAt } from '../xml/find.ts'
import { parseXml, type XmlElement } from '../xml/xml.ts'

export const aecgRoot = 'AnnotatedECG'
export const aecgNamespace = 'urn:hl7-org:v3'
const partsMax = 64

export function decodeAecg(bytes: Uint8Array): Decoded<EcgRecording> {
  const root = parseXml(bytes)
  return root.ok ? aecgOf(root.value) : root
}

export function aecgOf(root: XmlElement): Decoded<EcgRecording> {
  if (root.name !== aecgRoot || root.namespace !== aecgNamespace) return undecoded('no HL7 aECG')
  const parts: EcgPart[] = []
  let samples = 0
  for (const { kind, set } of sequenceSets(root)) {
    const part = partOf(kind, set)
    if (!part.ok) return part
    samples += part.value.leads.length * (part.value.samples[0]?.length ?? 0)
    if (samples > ecgSamplesMax) return undecoded(`more than ${ecgSamplesMax} samples`)
    if (parts.length >= partsMax) return undecoded(`more than ${partsMax} sequence sets`)
    parts.push(part.value)
  }
  if (parts.length === 0) return undecoded('an aECG without a sequence set')
  const [series] = seriesOf(root)
  const whose = elementAt(
    root,
    'componentOf',
    'timepointEvent',
    'componentOf',
    'subjectAssignment',
    'subject',
    'trialSubject',
    'id',
  )
  return decoded({
    parts,
    recordedAt: timeOf(series) ?? timeOf(root),
    patientId: attributeOf(whose, 'extension'),
    device: deviceOf(series ?? null),
    values: series === undefined ? [] : valuesOf(series),
    qualifiers: {},
    statements: { texts: series === undefined ? [] : statementsOf(series), isConfirmed: false },
    recordId: attributeOf(elementAt(root, 'id'), 'root'),
    remarks: [],
  })
}

function seriesOf(root: XmlElement): readonly XmlElement[] {
  return elementsOf(root, 'component').flatMap((component) => elementsOf(component, 'series'))
}

function* sequenceSets(
  root: XmlElement,
): Generator<{ readonly kind: EcgPart['kind']; readonly set: XmlElement }, void, undefined> {
  for (const series of seriesOf(root)) {
    const isBeat = attributeOf(elementAt(series, 'code'), 'code') === 'REPRESENTATIVE_BEAT'
    for (const set of setsOf(series)) yield { kind: isBeat ? 'beat' : 'rhythm', set }
    for (const derivation of elementsOf(series, 'derivation')) {
      for (const derived of elementsOf(derivation, 'derivedSeries')) {
        for (const set of setsOf(derived)) yield { kind: 'beat', set }
      }
    }
  }
}

function setsOf(series: XmlElement): readonly XmlElement[] {
  return elementsOf(series, 'component').flatMap((one) => elementsOf(one, 'sequenceSet'))
}

/** `20021122091000.000+0700`; without a time of day it is no time of a recording. */
export function timeOf(from: XmlElement | undefined): DeviceTime | null {
  const effective = elementAt(from ?? null, 'effectiveTime')
  const text =
    attributeOf(elementAt(effective, 'low'), 'value') ??
    attributeOf(elementAt(effective, 'center'), 'value') ??
    attributeOf(effective, 'value') ??
    ''
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?/.exec(text)
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

function deviceOf(series: XmlElement | null): EcgDevice {
  const author = elementAt(series, 'author', 'seriesAuthor')
  const device = elementAt(author, 'manufacturedSeriesDevice')
  if (device === null) return unknownDevice
  return {
    maker: textAt(author, 'manufacturerOrganization', 'name'),
    model: textAt(device, 'manufacturerModelName'),
    serialNumber: attributeOf(elementAt(device, 'id'), 'extension'),
    software: textAt(device, 'softwareName'),
  }
}

const measurements: readonly (readonly [name: string, term: Term])[] = [
  ['MDC_ECG_HEART_RATE', terms.heartRate],
  ['MDC_ECG_TIME_PD_RR', terms.rrInterval],
  ['MDC_ECG_TIME_PD_PR', terms.prInterval],
  ['MDC_ECG_TIME_PD_QRS', terms.qrsDuration],
  ['MDC_ECG_TIME_PD_QT', terms.qtInterval],
  ['MDC_ECG_TIME_PD_QTc', terms.qtCorrected],
  ['MDC_ECG_ANGLE_P_FRONT', terms.pAxis],
  ['MDC_ECG_ANGLE_QRS_FRONT', terms.qrsAxis],
  ['MDC_ECG_ANGLE_T_FRONT', terms.tAxis],
]

/** In the unit of the term. */
const factors: ReadonlyMap<string, number> = new Map([
  ['ms ms', 1],
  ['s ms', 1_000],
  ['us ms', 0.001],
  ['deg deg', 1],
  ['/min /min', 1],
  ['bpm /min', 1],
  ['{beats}/min /min', 1],
])

/** The first of each: of the whole series, or of the first beat where only beats have one. */
function valuesOf(series: XmlElement): readonly Value[] {
  const found = new Map<string, Value>()
  for (const annotation of elementsBelow(series, 'annotation')) {
    const name = attributeOf(elementAt(annotation, 'code'), 'code')?.replace(/_GL$/, '')
    const term = measurements.find(([known]) => known === name)?.[1]
    if (term === undefined || found.has(term.code)) continue
    const value = elementAt(annotation, 'value')
    const number = Number(attributeOf(value, 'value') ?? Number.NaN)
    const factor = factors.get(`${attributeOf(value, 'unit')} ${term.unit}`)
    if (!Number.isFinite(number) || factor === undefined) continue
    found.set(term.code, { code: term.code, value: round9(number * factor), unit: term.unit })
  }
  return measurements.flatMap(([, { code }]) => found.get(code) ?? [])
}

function statementsOf(series: XmlElement): readonly string[] {
  const texts: string[] = []
  for (const annotation of elementsBelow(series, 'annotation')) {
    const name = attributeOf(elementAt(annotation, 'code'), 'code') ?? ''
    if (!/^MDC_ECG_(?:INTERPRETATION|RHY)/.test(name)) continue
    const value = elementAt(annotation, 'value')
    const text = wordsOf(value?.text) ?? attributeOf(value, 'displayName')
    if (text !== null && texts.length < ecgStatementsMax) texts.push(text)
  }
  return texts
}

function partOf(kind: EcgPart['kind'], set: XmlElement): Decoded<EcgPart> {
  const sequences = elementsOf(set, 'component').flatMap((one) => elementsOf(one, 'sequence'))
  if (sequences.length > ecgLeadsMax + 1) return undecoded('too many sequences')
  let rate: Rate | null = null
  const leads: Lead[] = []
  const samples: Int32Array[] = []
  for (const sequence of sequences) {
    const name = attributeOf(elementAt(sequence, 'code'), 'code') ?? ''
    const value = elementAt(sequence, 'value')
    if (name.startsWith('TIME_')) {
      rate = rateOfIncrement(elementAt(value, 'increment'))
      continue
    }
    const code = leadOfName(name)
    if (code === null) continue
    const digits = integersIn(elementAt(value, 'digits')?.text ?? '', ecgSamplesMax)
    if (digits === null) return undecoded('digits that are no whole numbers')
    leads.push(leadOf(code, value))
    samples.push(digits)
  }
  if (rate === null) return undecoded('a sequence set without a time')
  const length = samples[0]?.length ?? 0
  if (length === 0) return undecoded('a sequence set without samples')
  if (samples.some((lead) => lead.length !== length)) {
    return undecoded('leads of different lengths')
  }
  return decoded({ kind, rate, leads, samples })
}

const secondsBy: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['ms', 0.001],
  ['us', 0.000_001],
])

function rateOfIncrement(increment: XmlElement | null): Rate | null {
  const number = Number(attributeOf(increment, 'value') ?? Number.NaN)
  const seconds = secondsBy.get(attributeOf(increment, 'unit') ?? '')
  if (!(number > 0) || seconds === undefined) return null
  return rateOfHz(Number((1 / (number * seconds)).toFixed(6)))
}

function leadOf(code: string, value: XmlElement | null): Lead {
  const scale = elementAt(value, 'scale')
  const origin = elementAt(value, 'origin')
  const step = Number(attributeOf(scale, 'value') ?? Number.NaN)
  const nanovolts = nanovoltsBy.get(attributeOf(scale, 'unit') ?? '')
  if (!(step > 0) || nanovolts === undefined) return { code, unit: null, lsb: null, zero: 0 }
  const from = Number(attributeOf(origin, 'value') ?? 0)
  const originUnit = attributeOf(origin, 'unit')
  const originNanovolts = originUnit === null ? nanovolts : nanovoltsBy.get(originUnit)
  const isShifted = Number.isFinite(from) && from !== 0 && originNanovolts !== undefined
  const zero = isShifted ? round9((-from * originNanovolts) / (step * nanovolts)) : 0
  return { code, unit: 'mV', lsb: round9(step * nanovolts) / 1_000_000, zero }
}
