/**
 * ECG objects of DICOM, read: 12-lead, general and ambulatory. Source: PS3.3 sections A.34 and
 * C.10.9, and objects of three makers.
 *
 * Samples stand channel beside channel, one instant after the other. A physical value is
 * sample * sensitivity * correction + baseline.
 */
import { viewOf } from '../bytes/bytes.ts'
import {
  decimalIn,
  decodeDataSet,
  itemsIn,
  numberIn,
  textIn,
  type DataSet,
  type Encoding,
} from '../dicom/data-set.ts'
import { decodeFileHead } from '../dicom/part10.ts'
import {
  deflatedExplicitLittle,
  explicitBig,
  explicitLittle,
  implicitLittle,
} from '../dicom/uids.ts'
import { leadOfName, leadOfScpNumber } from '../ecg/leads.ts'
import {
  ecgLeadsMax,
  ecgSamplesMax,
  ecgStatementsMax,
  nanovoltsBy,
  rateOfHz,
  round9,
  wordsOf,
  type EcgPart,
  type EcgRecording,
} from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime, Lead, Value } from '../packet/record.ts'
import { ecgLeads } from '../vocabulary/waves.ts'
import { annotationCodes, sequences, tags } from './tags.ts'

const encodings: ReadonlyMap<string, Encoding> = new Map([
  [implicitLittle, { explicit: false, little: true }],
  [explicitLittle, { explicit: true, little: true }],
  [explicitBig, { explicit: true, little: false }],
])
const groupsMax = 32
const annotationsMax = 5_000

export function decodeDicomEcg(bytes: Uint8Array): Decoded<EcgRecording> {
  const head = decodeFileHead(bytes)
  if (!head.ok) return head
  const { transferSyntaxUid, dataSetOffset } = head.value
  const encoding = encodings.get(transferSyntaxUid)
  if (encoding === undefined) {
    const how = transferSyntaxUid === deflatedExplicitLittle ? 'deflated' : 'in an unusual syntax'
    return undecoded(`a DICOM object that is ${how}`)
  }
  const dataSet = decodeDataSet(bytes.subarray(dataSetOffset), encoding, sequences)
  return dataSet.ok ? ecgOf(dataSet.value) : dataSet
}

function ecgOf(dataSet: DataSet): Decoded<EcgRecording> {
  const groups = itemsIn(dataSet, tags.waveforms)
  if (groups.length === 0) return undecoded('a DICOM object without a waveform')
  if (groups.length > groupsMax) return undecoded(`more than ${groupsMax} groups of channels`)
  const parts: EcgPart[] = []
  let samples = 0
  for (const group of groups) {
    const part = partOf(group)
    if (!part.ok) return part
    samples += part.value.leads.length * (part.value.samples[0]?.length ?? 0)
    if (samples > ecgSamplesMax) return undecoded(`more than ${ecgSamplesMax} samples`)
    parts.push(part.value)
  }
  const annotations = itemsIn(dataSet, tags.annotations).slice(0, annotationsMax)
  return decoded({
    parts,
    recordedAt: timeIn(dataSet),
    patientId: textIn(dataSet, tags.patientId),
    device: {
      maker: wordsOf(textIn(dataSet, tags.manufacturer)),
      model: wordsOf(textIn(dataSet, tags.model)),
      serialNumber: wordsOf(textIn(dataSet, tags.serialNumber)),
      software: wordsOf(textIn(dataSet, tags.software)),
    },
    values: valuesOf(annotations),
    qualifiers: {},
    statements: {
      texts: annotations
        .flatMap((one) => wordsOf(textIn(one, tags.annotationText)) ?? [])
        .slice(0, ecgStatementsMax),
      isConfirmed: false,
    },
    recordId: textIn(dataSet, tags.sopInstanceUid),
    remarks: [],
  })
}

function timeIn(dataSet: DataSet): DeviceTime | null {
  const date = textIn(dataSet, tags.contentDate) ?? textIn(dataSet, tags.studyDate) ?? ''
  const time = textIn(dataSet, tags.contentTime) ?? textIn(dataSet, tags.studyTime) ?? ''
  const whole = textIn(dataSet, tags.acquisitionDateTime) ?? `${date}${time}`
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?/.exec(whole)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const second = found[6] === undefined ? null : Number(found[6])
  return deviceTimeOf(year, month, day, hour, minute, second)
}

/** The first of each, which is of the whole recording or of the reference beat. */
function valuesOf(annotations: readonly DataSet[]): readonly Value[] {
  return annotationCodes.flatMap(({ term, scp, mdc }) => {
    const found = annotations.find((one) => {
      const [concept] = itemsIn(one, tags.conceptName)
      if (concept === undefined || textIn(one, tags.numericValue) === null) return false
      const code = textIn(concept, tags.codeValue) ?? ''
      const scheme = textIn(concept, tags.codingScheme)
      return scheme === 'SCPECG' ? code === scp : scheme === 'MDC' && mdc.includes(code)
    })
    const value = found === undefined ? null : decimalIn(found, tags.numericValue)
    // A rate or an interval of 0 is what some writers put when there is none.
    if (value === null || (value === 0 && term.unit !== 'deg')) return []
    return [{ code: term.code, value, unit: term.unit }]
  })
}

function partOf(group: DataSet): Decoded<EcgPart> {
  const data = group.elements.get(tags.data)?.bytes
  const bits = numberIn(group, tags.bitsAllocated)
  const samples = numberIn(group, tags.samples) ?? 0
  const definitions = itemsIn(group, tags.channelDefinitions)
  const read = readerOf(textIn(group, tags.interpretation), bits, group.little)
  if (data === undefined || read === null) {
    return undecoded('samples that are neither 8, 16 nor 32 bits wide')
  }
  const bytes = (bits ?? 0) / 8
  const stated = numberIn(group, tags.channels) ?? 0
  // Some writers state one channel and define twelve: the data decide.
  const holds = (channels: number): boolean => channels * samples * bytes <= data.length
  const channels =
    definitions.length > stated && holds(definitions.length) ? definitions.length : stated
  if (channels < 1 || channels > ecgLeadsMax) return undecoded(`a group of ${channels} channels`)
  if (channels !== definitions.length) return undecoded('channels without a definition')
  if (samples < 1 || !holds(channels)) return undecoded('less data than samples')
  if (channels * samples > ecgSamplesMax) return undecoded(`more than ${ecgSamplesMax} samples`)
  const rate = rateOfHz(decimalIn(group, tags.frequency) ?? 0)
  if (rate === null) return undecoded('no sampling frequency')
  const view = viewOf(data)
  return decoded({
    kind: textIn(group, tags.originality) === 'DERIVED' || isBeat(group) ? 'beat' : 'rhythm',
    rate,
    leads: definitions.map((definition) => leadOf(definition)),
    samples: definitions.map((_, channel) =>
      Int32Array.from({ length: samples }, (_sample, at) =>
        read(view, (at * channels + channel) * bytes),
      ),
    ),
  })
}

function isBeat(group: DataSet): boolean {
  return /median|beat|average|template/i.test(textIn(group, tags.groupLabel) ?? '')
}

type Read = (view: DataView, at: number) => number

function readerOf(
  interpretation: string | null,
  bits: number | null,
  little: boolean,
): Read | null {
  switch (`${interpretation} ${bits}`) {
    case 'SS 16':
      return (view, at) => view.getInt16(at, little)
    case 'US 16':
      return (view, at) => view.getUint16(at, little)
    case 'SB 8':
      return (view, at) => view.getInt8(at)
    case 'UB 8':
      return (view, at) => view.getUint8(at)
    case 'SL 32':
      return (view, at) => view.getInt32(at, little)
    default:
      return null
  }
}

function leadOf(definition: DataSet): Lead {
  const code = codeOf(definition)
  const [units] = itemsIn(definition, tags.sensitivityUnits)
  const nanovolts = nanovoltsBy.get((units && textIn(units, tags.codeValue)) ?? '')
  const sensitivity = decimalIn(definition, tags.sensitivity)
  if (nanovolts === undefined || sensitivity === null || sensitivity === 0) {
    return { code, unit: null, lsb: null, zero: 0 }
  }
  const step = sensitivity * (decimalIn(definition, tags.correctionFactor) ?? 1)
  const baseline = decimalIn(definition, tags.baseline) ?? 0
  const zero = baseline === 0 ? 0 : round9(-baseline / step)
  return { code, unit: 'mV', lsb: round9(step * nanovolts) / 1_000_000, zero }
}

function codeOf(definition: DataSet): string {
  const [source] = itemsIn(definition, tags.channelSource)
  const value = (source && textIn(source, tags.codeValue)) ?? ''
  const number = /^(?:2:|5\.6\.3-9-)(\d{1,3})$/.exec(value)
  if (number !== null) return leadOfScpNumber(Number(number[1]))
  const meaning = (source && textIn(source, tags.codeMeaning)) ?? ''
  return (
    leadOfName(meaning) ??
    leadOfName(textIn(definition, tags.channelLabel) ?? '') ??
    ecgLeads.unknown.code
  )
}
