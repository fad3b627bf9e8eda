/**
 * Alaris Asena, GH and CC syringe pumps, each line the same way in both directions:
 *
 *   !NAME^field^field...|CCCC<0D>
 *
 * CCCC is the CRC-16/IBM-3740 (CCITT-FALSE) of everything between `!` and `|`, in four upper-case
 * hexadecimal digits. The pump answers a name with the same name and its fields; blank or `-` is
 * nothing.
 *
 * Only questions can be made here: the protocol also starts, stops and sets a pump.
 *
 * Source: the pump drivers of OpenICE and replies of a pump that are kept in them.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { crc16Ccitt } from '../bytes/checksum.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface AlarisLine {
  readonly name: string
  /** As they stand. */
  readonly fields: readonly string[]
}

export const alarisLimitBytes = 1_024

export const alarisQuestions = {
  protocol: 'COMMS_PROTOCOL',
  serialNumber: 'INST_SERIALNO',
  infusion: 'INF',
  volumeToInfuse: 'INF_VTBI',
  syringe: 'SYRINGE_STATUS',
  alarm: 'ALARM',
} as const

export type AlarisQuestion = keyof typeof alarisQuestions

export const scanAlaris = textScanner<AlarisLine>({
  mayBegin: beginsWith('!'),
  lengthOf: endsBehind('\r'),
  limitBytes: alarisLimitBytes,
  read: readLine,
})

const form = /^!([A-Z_]{2,32})((?:\^[ -\]_-{}~]*)*)\|([0-9A-F]{4})\r$/

function readLine(line: string): Decoded<AlarisLine> {
  const [, name = '', rest = '', check = ''] = form.exec(line) ?? []
  if (name === '') return notAFrame('no line')
  if (checkOf(`${name}${rest}`) !== check) return notAFrame('wrong check sum')
  return { ok: true, value: { name, fields: rest === '' ? [] : rest.slice(1).split('^') } }
}

function checkOf(text: string): string {
  return crc16Ccitt(latin1Bytes(text)).toString(16).toUpperCase().padStart(4, '0')
}

export function encodeAlaris({ name, fields }: AlarisLine): Uint8Array {
  const text = [name, ...fields].join('^')
  return latin1Bytes(`!${text}|${checkOf(text)}\r`)
}

export function encodeAlarisQuestion(question: AlarisQuestion): Uint8Array {
  return encodeAlaris({ name: alarisQuestions[question], fields: [] })
}

/** null when the field is missing, blank or a dash. */
export function alarisText(line: AlarisLine, index: number): string | null {
  const text = line.fields[index]?.trim() ?? ''
  return text === '' || text === '-' ? null : text
}

export interface AlarisInfusion {
  readonly serialNumber: string | null
  /** null: none. */
  readonly alarm: string | null
  readonly mode: string | null
  /** null unless its unit is ml/h. */
  readonly rateMlPerHour: number | null
  /** null unless its unit is ml. */
  readonly infusedMl: number | null
  /** null unless its unit is mmHg. */
  readonly pressureMmHg: number | null
  /** As the pump says it, such as `24+`. */
  readonly timeLeft: string | null
}

/**
 * What an answer to INF says; null when it is another answer, or shorter than any that is known.
 */
export function alarisInfusion(line: AlarisLine): AlarisInfusion | null {
  if (line.name !== alarisQuestions.infusion || line.fields.length < 11) return null
  return {
    serialNumber: alarisText(line, 0),
    alarm: alarisText(line, 1),
    mode: alarisText(line, 2),
    rateMlPerHour: numberWith(line, 3, 'ml/h'),
    infusedMl: numberWith(line, 6, 'ml'),
    pressureMmHg: numberWith(line, 8, 'mmhg'),
    timeLeft: alarisText(line, 10),
  }
}

/** A number whose unit is the field behind it. */
function numberWith(line: AlarisLine, index: number, unit: string): number | null {
  const text = alarisText(line, index) ?? ''
  if (alarisText(line, index + 1)?.toLowerCase() !== unit) return null
  return /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : null
}
