/**
 * What a Contour meter says in ASTM records.
 *
 *     H|\^&||7w3LBL|Bayer7390^versions^7390-2336773^7403-|A=1^...^U=0^V=10600^...|1714||||||1|time
 *         5 product, versions, serial number; 6 settings: V has the lowest and the highest value
 *         that it measures; 7 how many results; 14 its clock, YYYYMMDDhhmm or with ss
 *     R|3|^^^Glucose|93|mg/dL^P||A/M0/T1||201505261150
 *         2 place in the memory, which moves on; 3 what; 4 value; 5 unit, and whether it stands for
 *         whole blood (B), plasma (P) or deproteinised blood (D); 7 marks; 9 when
 *
 *     marks: < below, > above what it measures; B before, A after a meal; C control solution
 *
 * The versions hold the character that separates repeats, so that fields are split by hand here.
 *
 * Source: Ascensia, as glucometerutils and the Tidepool uploader have it; one header and one result
 * of real meters, which they print.
 */
import type { AstmMessage, AstmRecord } from '../astm/records.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface ContourHeader {
  readonly product: string
  readonly versions: string
  readonly serialNumber: string
  /** null when it does not say. */
  readonly count: number | null
  readonly clock: DeviceTime | null
}

export interface ContourResult {
  readonly time: DeviceTime | null
  /** As shown, a number with or without a point. */
  readonly value: string
  readonly unit: 'mg/dL' | 'mmol/L'
  readonly reference: 'whole-blood' | 'plasma' | 'deproteinised' | 'not-said'
  readonly beyond: 'above' | 'below' | null
  readonly isControl: boolean
  readonly meal: 'before' | 'after' | null
  /** As they came, for those that are not explained. */
  readonly marks: string
}

/**
 * null when the first record is no header of a Contour: analysers name themselves in the same
 * place, but have no settings.
 */
export function readContourHeader({ delimiters, records }: AstmMessage): ContourHeader | null {
  const [header] = records
  if (header?.kind !== 'H') return null
  const [product = '', versions = '', serial = ''] = (header.fields[4] ?? '').split(
    delimiters.component,
  )
  if (!/^[\w ]{1,20}$/.test(product) || !/^[\w-]{4,20}$/.test(serial)) return null
  if (!/(?:^|\^)[A-Z]=/.test(header.fields[5] ?? '')) return null
  const count = header.fields[6] ?? ''
  return {
    product,
    versions: versions.replaceAll(delimiters.repeat, ' '),
    serialNumber: serial,
    count: /^\d{1,5}$/.test(count) ? Number(count) : null,
    clock: timeOf(header.fields[13] ?? ''),
  }
}

const references = { B: 'whole-blood', P: 'plasma', D: 'deproteinised' } as const

/** null for another record, and for what was not measured, such as carbohydrates. */
export function readContourResult(
  { delimiters }: AstmMessage,
  record: AstmRecord,
): ContourResult | null {
  if (record.kind !== 'R') return null
  const [, , test = '', value = '', measure = '', , marks = '', , time = ''] = record.fields
  const [unit, reference = ''] = measure.split(delimiters.component)
  if (test.split(delimiters.component)[3] !== 'Glucose') return null
  if ((unit !== 'mg/dL' && unit !== 'mmol/L') || !/^\d{1,4}(\.\d{1,2})?$/.test(value)) return null
  const marked = new Set(marks.split('/'))
  const isReference = (letter: string): letter is keyof typeof references => letter in references
  return {
    time: timeOf(time),
    value,
    unit,
    reference: isReference(reference) ? references[reference] : 'not-said',
    beyond: marked.has('>') ? 'above' : marked.has('<') ? 'below' : null,
    isControl: marked.has('C'),
    meal: marked.has('B') ? 'before' : marked.has('A') ? 'after' : null,
    marks,
  }
}

/** YYYYMMDDhhmm, or with ss. */
function timeOf(text: string): DeviceTime | null {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(text)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const second = found[6] === undefined ? null : Number(found[6])
  return deviceTimeOf(year, month, day, hour, minute, second)
}
