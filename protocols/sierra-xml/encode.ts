/**
 * A Philips ECG file written, as much of it as the reader reads: for simulators, and to hold the
 * reader to its word.
 */
import { base64Text } from '../ecg-codec/base64.ts'
import { nameOfLead } from '../ecg/leads.ts'
import { hzOf, nanovoltsOf, round9, type EcgPart, type EcgRecording } from '../ecg/recording.ts'
import { utf8Bytes } from '../bytes/utf8.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { terms } from '../vocabulary/terms.ts'
import { escapeXml } from '../xml/find.ts'
import { withoutDerivedLeads } from './derived.ts'
import { standardLeads } from '../vocabulary/waves.ts'
import { axes, corrections, intervals } from './sierra.ts'
import { encodeXli } from './xli.ts'

export function encodeSierra(ecg: EcgRecording): Decoded<Uint8Array> {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  if (part === undefined) return undecoded('no rhythm to write')
  const nanovolts = part.leads.map((lead) => nanovoltsOf(lead))
  const [step] = nanovolts
  const isOne = nanovolts.every((one) => one === step) && part.leads.every(({ zero }) => zero === 0)
  if (step === undefined || step === null || !isOne) return undecoded('leads of different steps')
  const { recordedAt, device } = ecg
  const two = (number: number): string => String(number).padStart(2, '0')
  const time =
    recordedAt === null
      ? ''
      : ` date="${String(recordedAt.year).padStart(4, '0')}-${two(recordedAt.month)}-` +
        `${two(recordedAt.day)}" time="${two(recordedAt.hour)}:${two(recordedAt.minute)}` +
        `${recordedAt.second === null ? '' : `:${two(recordedAt.second)}`}"`
  const detail = escapeXml([device.maker, '', device.software].map((one) => one ?? '').join(':'))
  const [correction] = corrections.filter(([, name]) => name === ecg.qualifiers['qtcFormula'])
  const qtc = (correction ?? corrections[0])[0]
  const measurements = [...intervals, [qtc, terms.qtCorrected] as const, ...axes]
  const numbers = measurements.flatMap(([name, { code }]) => {
    const value = ecg.values.find((one) => one.code === code)?.value ?? null
    return value === null ? [] : [`<${name}>${value}</${name}>`]
  })
  const signal =
    `numberofleads="${part.leads.length}" samplespersecond="${hzOf(part.rate)}" ` +
    `resolution="${round9(step / 1_000)}" signaloffset="0"`
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<restingecgdata xmlns="http://www3.medical.philips.com">
<dataacquisition${time}>
<machine machineid="${escapeXml(device.serialNumber ?? '')}" detaildescription="${detail}">\
${escapeXml(device.model ?? '')}</machine>
</dataacquisition>
<patient><generalpatientdata><patientid>${escapeXml(ecg.patientId ?? '')}</patientid>\
</generalpatientdata></patient>
<interpretations><interpretation><globalmeasurements>${numbers.join('')}</globalmeasurements>\
</interpretation></interpretations>
<waveforms>${waveforms(part, signal)}</waveforms>
</restingecgdata>
`
  return decoded(utf8Bytes(xml))
}

/** Compressed when the leads are the twelve of the standard and change little. */
function waveforms({ leads, samples }: EcgPart, signal: string): string {
  const names = leads.map(({ code }) => nameOfLead(code))
  const isStandard = names.join(' ') === standardLeads.join(' ')
  const compressed = isStandard ? encodeXli(withoutDerivedLeads(samples)) : null
  const [how, text] =
    compressed === null
      ? ['dataencoding="Plain"', samples.map((lead) => lead.join(' ')).join('\n')]
      : ['dataencoding="Base64" compression="XLI"', base64Text(compressed)]
  return `<parsedwaveforms ${how} ${signal} leadlabels="${names.join(' ')}">${text}</parsedwaveforms>`
}
