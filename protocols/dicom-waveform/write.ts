/**
 * A DICOM ECG object written, in explicit little-endian. Source: PS3.3 sections A.34.3 (12-lead),
 * A.34.4 (general), C.10.8 and C.10.9; codes of leads from CID 3001.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { encodeFileHead } from '../dicom/part10.ts'
import { explicitLittle } from '../dicom/uids.ts'
import { nameOfLead, scpNumberOf } from '../ecg/leads.ts'
import { hzOf, nanovoltsOf, type EcgPart, type EcgRecording } from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import type { Lead, Value } from '../packet/record.ts'
import { element, longElement, sequenceElement, shortElement, textElement } from './elements.ts'
import { annotationCodes, tags } from './tags.ts'

const twelveLeadUid = '1.2.840.10008.5.1.4.1.1.9.1.1'
const generalUid = '1.2.840.10008.5.1.4.1.1.9.1.2'
/** What the two classes hold (PS3.3 sections A.34.3.4 and A.34.4.4). */
const limits = { twelveLead: { channels: 13, samples: 16_384 }, general: { channels: 24 } } as const
const hz = { from: 200, to: 1_000 } as const

/** Who made the object; the caller derives it from the bytes that it was made of. */
export interface DicomNames {
  readonly sopInstanceUid: string
  readonly seriesInstanceUid: string
  readonly studyInstanceUid: string
}

/**
 * Writes the first part that is a rhythm, as 12-lead ECG where that class holds it, else as general
 * ECG. Who the patient is stays empty but for the number that the recording has.
 */
export function encodeDicomEcg(ecg: EcgRecording, names: DicomNames): Decoded<Uint8Array> {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  if (part === undefined) return undecoded('no rhythm to write')
  if (ecg.recordedAt === null) return undecoded('a DICOM ECG needs the time of the recording')
  const sopClassUid = classOf(part)
  if (!sopClassUid.ok) return sopClassUid
  if (part.samples.some((lead) => lead.some((one) => one < -32_768 || one > 32_767))) {
    return undecoded('a DICOM ECG holds samples of 16 bits')
  }
  const { year, month, day, hour, minute, second } = ecg.recordedAt
  const date = `${String(year).padStart(4, '0')}${two(month)}${two(day)}`
  const time = `${two(hour)}${two(minute)}${two(second ?? 0)}`
  const { device } = ecg
  const dataSet = joinBytes(
    textElement(tags.specificCharacterSet, 'CS', 'ISO_IR 192'),
    textElement(tags.sopClassUid, 'UI', sopClassUid.value),
    textElement(tags.sopInstanceUid, 'UI', names.sopInstanceUid),
    textElement(tags.studyDate, 'DA', date),
    textElement(tags.contentDate, 'DA', date),
    textElement(tags.acquisitionDateTime, 'DT', `${date}${time}`),
    textElement(tags.studyTime, 'TM', time),
    textElement(tags.contentTime, 'TM', time),
    textElement(tags.accessionNumber, 'SH', ''),
    textElement(tags.modality, 'CS', 'ECG'),
    textElement(tags.manufacturer, 'LO', textOf(device.maker)),
    textElement(tags.referringPhysician, 'PN', ''),
    textElement(tags.model, 'LO', textOf(device.model)),
    textElement(tags.patientName, 'PN', ''),
    textElement(tags.patientId, 'LO', textOf(ecg.patientId)),
    textElement(tags.patientBirthDate, 'DA', ''),
    textElement(tags.patientSex, 'CS', ''),
    textElement(tags.serialNumber, 'LO', textOf(device.serialNumber)),
    textElement(tags.software, 'LO', textOf(device.software)),
    textElement(tags.studyInstanceUid, 'UI', names.studyInstanceUid),
    textElement(tags.seriesInstanceUid, 'UI', names.seriesInstanceUid),
    textElement(tags.studyId, 'SH', ''),
    textElement(tags.seriesNumber, 'IS', '1'),
    textElement(tags.instanceNumber, 'IS', '1'),
    sequenceElement(tags.acquisitionContext),
    ...annotationsOf(ecg.values),
    sequenceElement(tags.waveforms, groupOf(part)),
  )
  const head = encodeFileHead({
    sopClassUid: sopClassUid.value,
    sopInstanceUid: names.sopInstanceUid,
    transferSyntaxUid: explicitLittle,
  })
  return decoded(joinBytes(head, dataSet))
}

function classOf({ leads, samples, rate }: EcgPart): Decoded<string> {
  const frequency = hzOf(rate)
  if (frequency < hz.from || frequency > hz.to) {
    return undecoded(`a DICOM ECG holds ${hz.from} to ${hz.to} Hz`)
  }
  if (leads.length > limits.general.channels) {
    return undecoded(`a DICOM ECG holds ${limits.general.channels} leads`)
  }
  const length = samples[0]?.length ?? 0
  const { twelveLead } = limits
  const fits = leads.length <= twelveLead.channels && length <= twelveLead.samples
  return decoded(fits ? twelveLeadUid : generalUid)
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}

/** A backslash would make two values of one, and 64 characters are all that the fields hold. */
function textOf(text: string | null): string {
  return (text ?? '').replace(/[\\\p{Cc}]/gu, ' ').slice(0, 64)
}

function groupOf(part: EcgPart): Uint8Array {
  const { leads, samples, rate } = part
  const length = samples[0]?.length ?? 0
  const data = new Uint8Array(2 * leads.length * length)
  const view = viewOf(data)
  for (const [channel, lead] of samples.entries()) {
    for (const [at, sample] of lead.entries()) {
      view.setInt16(2 * (at * leads.length + channel), sample, true)
    }
  }
  return joinBytes(
    textElement(tags.originality, 'CS', 'ORIGINAL'),
    shortElement(tags.channels, leads.length),
    longElement(tags.samples, length),
    textElement(tags.frequency, 'DS', decimal(hzOf(rate))),
    textElement(tags.groupLabel, 'SH', 'RHYTHM'),
    sequenceElement(tags.channelDefinitions, ...leads.map((lead) => channelOf(lead))),
    shortElement(tags.bitsAllocated, 16),
    textElement(tags.interpretation, 'CS', 'SS'),
    element(tags.data, 'OW', data),
  )
}

function channelOf(lead: Lead): Uint8Array {
  const nanovolts = nanovoltsOf(lead)
  const name = nameOfLead(lead.code)
  const microvolts = nanovolts === null ? null : nanovolts / 1_000
  return joinBytes(
    textElement(tags.channelLabel, 'SH', name),
    sequenceElement(
      tags.channelSource,
      codeItem(`2:${scpNumberOf(lead.code)}`, 'MDC', `Lead ${name}`),
    ),
    ...(microvolts === null
      ? []
      : [
          textElement(tags.sensitivity, 'DS', decimal(microvolts)),
          sequenceElement(tags.sensitivityUnits, codeItem('uV', 'UCUM', 'microvolt')),
          textElement(tags.correctionFactor, 'DS', '1'),
          textElement(tags.baseline, 'DS', decimal(lead.zero === 0 ? 0 : -lead.zero * microvolts)),
        ]),
    textElement(tags.sampleSkew, 'DS', '0'),
    shortElement(tags.bitsStored, 16),
  )
}

function codeItem(value: string, scheme: string, meaning: string): Uint8Array {
  return joinBytes(
    textElement(tags.codeValue, 'SH', value),
    textElement(tags.codingScheme, 'SH', scheme),
    textElement(tags.codeMeaning, 'LO', meaning),
  )
}

/** At most sixteen characters, which is all that a decimal string holds. */
function decimal(value: number): string {
  const plain = String(value)
  return plain.length <= 16 ? plain : String(Number(value.toPrecision(9)))
}

function annotationsOf(values: readonly Value[]): readonly Uint8Array[] {
  const items = annotationCodes.flatMap(({ term, mdc, meaning }) => {
    const value = values.find(({ code }) => code === term.code)?.value ?? null
    if (value === null) return []
    return [
      joinBytes(
        sequenceElement(tags.measurementUnits, codeItem(term.unit, 'UCUM', term.unit)),
        sequenceElement(tags.conceptName, codeItem(mdc[0], 'MDC', meaning)),
        shortElement(tags.referencedChannels, 1, 0),
        shortElement(tags.annotationGroup, 1),
        textElement(tags.numericValue, 'DS', decimal(value)),
      ),
    ]
  })
  return items.length === 0 ? [] : [sequenceElement(tags.annotations, ...items)]
}
