/**
 * Puritan Bennett 840 and 980, and Respironics V200: the report that a ventilator gives when it is
 * asked with `SNDF` (MISCF, 840 and 980) or `SNDA` (MISCA), each with CR behind it:
 *
 *   MISCF,1225,169 ,<02>field 5,field 6,...,field n,<03><0D>
 *
 * The second word is the number of bytes between 02 and 0D, the third the number of fields. Fields
 * are counted from 5, since the name, both numbers and 02 are the first four. They are padded with
 * blanks to a fixed width; blank or dashes stand for nothing. There is no check sum, so that both
 * numbers and all the marks must be right.
 *
 * Source: field tables of OpenICE, which was used with real ventilators; the test message of a
 * simulator of the 980; operator's manual of the V200.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { beginsWith, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export type PuritanBennettName = 'MISCA' | 'MISCF'

export interface PuritanBennettReport {
  readonly name: PuritanBennettName
  /** As they stand, the first is field 5. */
  readonly fields: readonly string[]
}

export const puritanBennettLimitBytes = 2_048

export const scanPuritanBennett = textScanner<PuritanBennettReport>({
  mayBegin: beginsWith('MISCA,', 'MISCF,'),
  lengthOf: (text) => {
    const at = text.indexOf('\r')
    return at === -1 ? null : at + 1
  },
  limitBytes: puritanBennettLimitBytes,
  read: readReport,
})

const form = /^(MISC[AF]),(\d{1,4}) *,(\d{1,3}) *,\u0002([ -~]*),\u0003\r$/

function readReport(text: string): Decoded<PuritanBennettReport> {
  const found = form.exec(text)
  const [, name, bytes = '', count = '', content = ''] = found ?? []
  if (name !== 'MISCA' && name !== 'MISCF') return notAFrame('no report')
  // The last comma and 03 are counted as well.
  if (content.length + 2 !== Number(bytes)) return notAFrame('wrong number of bytes')
  const fields = content.split(',')
  if (fields.length !== Number(count)) return notAFrame('wrong number of fields')
  return { ok: true, value: { name, fields } }
}

export function encodePuritanBennett({ name, fields }: PuritanBennettReport): Uint8Array {
  const content = `${fields.join(',')},\u0003`
  const count = String(fields.length).padEnd(4)
  return latin1Bytes(`${name},${content.length},${count},\u0002${content}\r`)
}

export function encodePuritanBennettQuestion(name: PuritanBennettName): Uint8Array {
  return latin1Bytes(name === 'MISCF' ? 'SNDF\r' : 'SNDA\r')
}

/** A field by its number, which counts from 5; null when it is blank or dashes. */
export function fieldText(report: PuritanBennettReport, number: number): string | null {
  const text = report.fields[number - firstField]?.trim() ?? ''
  return text === '' || /^-+$/.test(text) ? null : text
}

/** null also for words, such as OFF. */
export function fieldNumber(report: PuritanBennettReport, number: number): number | null {
  const text = fieldText(report, number) ?? ''
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null
}

const firstField = 5
