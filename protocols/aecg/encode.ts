/**
 * HL7 aECG written: the least that the schema PORT_MT020001 asks for, one series, all leads of it
 * in one sequence set. Source: schema PORT_MT020001 and the aECG implementation guide of 2005.
 */
import { nameOfLead } from '../ecg/leads.ts'
import { hzOf, nanovoltsOf, round9, type EcgPart, type EcgRecording } from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import type { Lead, Value } from '../packet/record.ts'
import { utf8Bytes } from '../bytes/utf8.ts'
import { escapeXml } from '../xml/find.ts'
import { aecgNamespace } from './decode.ts'

const digitsPerLine = 20
const mdc = 'codeSystem="2.16.840.1.113883.6.24" codeSystemName="MDC"'
const actCode = 'codeSystem="2.16.840.1.113883.5.4" codeSystemName="ActCode"'

/** `uuids`: of the document and of the series. */
export function encodeAecg(
  ecg: EcgRecording,
  uuids: { readonly document: string; readonly series: string },
): Decoded<Uint8Array> {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  if (part === undefined) return undecoded('no rhythm to write')
  if (ecg.recordedAt === null) return undecoded('an aECG needs the time of the recording')
  const { year, month, day, hour, minute, second } = ecg.recordedAt
  const parts = [month, day, hour, minute, second ?? 0].map((one) => String(one).padStart(2, '0'))
  const from = `${String(year).padStart(4, '0')}${parts.join('')}.000`
  const { device, patientId } = ecg
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<AnnotatedECG xmlns="${aecgNamespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Observation">
<id root="${uuids.document}"/>
<code code="93000" codeSystem="2.16.840.1.113883.6.12" codeSystemName="CPT-4"/>
<effectiveTime><low value="${from}" inclusive="true"/></effectiveTime>
<componentOf><timepointEvent><componentOf><subjectAssignment>
<subject><trialSubject><id root="${uuids.document}"${attribute('extension', patientId)}/></trialSubject></subject>
<componentOf><clinicalTrial><id root="${uuids.document}"/></clinicalTrial></componentOf>
</subjectAssignment></componentOf></timepointEvent></componentOf>
<component><series>
<id root="${uuids.series}"/>
<code code="RHYTHM" ${actCode}/>
<effectiveTime><low value="${from}" inclusive="true"/></effectiveTime>
<author><seriesAuthor><manufacturedSeriesDevice>
<id root="${uuids.series}"${attribute('extension', device.serialNumber)}/>
${named('manufacturerModelName', device.model)}${named('softwareName', device.software)}</manufacturedSeriesDevice>
<manufacturerOrganization>${named('name', device.maker)}</manufacturerOrganization></seriesAuthor></author>
<component><sequenceSet>
<component><sequence><code code="TIME_ABSOLUTE" ${actCode}/>
<value xsi:type="GLIST_TS"><head value="${from}"/><increment value="${seconds(part)}" unit="s"/></value></sequence></component>
${part.leads.map((lead, at) => leadXml(lead, part.samples[at] ?? new Int32Array(0))).join('\n')}
</sequenceSet></component>
${annotations(ecg.values)}</series></component>
</AnnotatedECG>
`
  return decoded(utf8Bytes(xml))
}

function attribute(name: string, value: string | null): string {
  return value === null ? '' : ` ${name}="${escapeXml(value)}"`
}

function named(name: string, value: string | null): string {
  return value === null ? '' : `<${name}>${escapeXml(value)}</${name}>\n`
}

function seconds({ rate }: EcgPart): string {
  return String(Number((1 / hzOf(rate)).toPrecision(12)))
}

function leadXml(lead: Lead, samples: Int32Array): string {
  const nanovolts = nanovoltsOf(lead)
  const name = nameOfLead(lead.code)
  const code = name === 'ECG' ? 'MDC_ECG_LEAD' : `MDC_ECG_LEAD_${name.toUpperCase()}`
  const scale = nanovolts === null ? null : round9(nanovolts / 1_000)
  const lines: string[] = []
  for (let at = 0; at < samples.length; at += digitsPerLine) {
    lines.push(samples.subarray(at, at + digitsPerLine).join(' '))
  }
  const scaled =
    scale === null
      ? ''
      : `<origin value="${lead.zero === 0 ? 0 : round9(-lead.zero * scale)}" unit="uV"/>` +
        `<scale value="${scale}" unit="uV"/>`
  const kind = scale === null ? 'SLIST_INT' : 'SLIST_PQ'
  return `<component><sequence><code code="${code}" ${mdc}/>
<value xsi:type="${kind}">${scaled}<digits>${lines.join('\n')}</digits></value></sequence></component>`
}

function annotations(values: readonly Value[]): string {
  const items = values.flatMap(({ code, value, unit }) => {
    if (value === null || !code.startsWith('MDC_ECG_')) return []
    const of = `<code code="${code.replace(/_GL$/, '')}" ${mdc}/>`
    const is = `<value xsi:type="PQ" value="${value}" unit="${escapeXml(unit)}"/>`
    return [`<component><annotation>${of}${is}</annotation></component>`]
  })
  if (items.length === 0) return ''
  return `<subjectOf><annotationSet>\n${items.join('\n')}\n</annotationSet></subjectOf>\n`
}
