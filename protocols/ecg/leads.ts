/**
 * Leads as the formats name them. Source: the lead table of SCP-ECG (EN 1064), whose numbers DICOM
 * and IEEE 11073 use too, and CID 3001 of DICOM PS3.16.
 */
import { ecgLeads } from '../vocabulary/waves.ts'

type LeadName = keyof typeof ecgLeads

const byScpNumber: ReadonlyMap<number, LeadName> = new Map<number, LeadName>([
  [1, 'I'],
  [2, 'II'],
  [3, 'V1'],
  [4, 'V2'],
  [5, 'V3'],
  [6, 'V4'],
  [7, 'V5'],
  [8, 'V6'],
  [9, 'V7'],
  [10, 'V2R'],
  [11, 'V3R'],
  [12, 'V4R'],
  [13, 'V5R'],
  [14, 'V6R'],
  [15, 'V7R'],
  [16, 'X'],
  [17, 'Y'],
  [18, 'Z'],
  [61, 'III'],
  [62, 'aVR'],
  [63, 'aVL'],
  [64, 'aVF'],
  [66, 'V8'],
  [67, 'V9'],
])

const scpNumberByCode: ReadonlyMap<string, number> = new Map(
  [...byScpNumber].map(([number, name]) => [ecgLeads[name].code, number]),
)
const codeByName: ReadonlyMap<string, string> = new Map(
  Object.entries(ecgLeads).flatMap(([name, { code }]) =>
    name === 'unknown' ? [] : [[name.toUpperCase(), code] as const],
  ),
)
const nameByCode: ReadonlyMap<string, string> = new Map(
  Object.values(ecgLeads).map(({ code, name }) => [code, name.en]),
)

/** A lead without a code of its own is an ECG of which no more is known. */
export function leadOfScpNumber(number: number): string {
  return ecgLeads[byScpNumber.get(number) ?? 'unknown'].code
}

/** 0: unspecified. */
export function scpNumberOf(code: string): number {
  return scpNumberByCode.get(code) ?? 0
}

/**
 * By the name that stands on a chart: `I`, `aVR`, `V3`, also as `Lead I (Einthoven)`, `ECG II`,
 * `MDC_ECG_LEAD_AVF`. null when it is none.
 */
export function leadOfName(name: string): string | null {
  const plain = name
    .replace(/\(.*\)/, '')
    .replace(/^\s*(?:MDC_ECG_LEAD_|MDC_ECG_ELEC_POTL_|lead\s+|E[CK]G\s+)+/i, '')
    .trim()
    .toUpperCase()
  if (/^(?:ECG|EKG|MDC_ECG_LEAD|MDC_ECG_ELEC_POTL)$/.test(plain)) return ecgLeads.unknown.code
  return codeByName.get(plain) ?? null
}

/** As it stands on a chart. */
export function nameOfLead(code: string): string {
  return nameByCode.get(code) ?? ecgLeads.unknown.name.en
}
