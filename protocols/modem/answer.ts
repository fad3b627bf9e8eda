/**
 * What a cellular modem answers to a question of the form `AT+CSQ` and CR: perhaps the question
 * itself, lines, and how it went:
 *
 *   [echo CR] (CR LF line CR LF)... CR LF (OK | ERROR | +CME ERROR: why) CR LF
 *
 * Lines that nobody asked for, such as `+CREG: 5` or `RING`, may stand before it. Only questions
 * can be made here. One of them is missing on purpose: `AT+COPS=?` searches for three minutes, in
 * which nothing can be sent.
 *
 * Source: 3GPP TS 27.007; manuals of six makers for the signal strength.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface ModemAnswer {
  /** In the order in which they came, without empty ones and without the last. */
  readonly lines: readonly string[]
  readonly isOk: boolean
}

export const modemAnswerLimitBytes = 512

export const modemQuestions = {
  model: 'AT+CGMM',
  signal: 'AT+CSQ',
  extendedSignal: 'AT+CESQ',
  registration: 'AT+CREG?',
  packetRegistration: 'AT+CGREG?',
  lteRegistration: 'AT+CEREG?',
  operator: 'AT+COPS?',
} as const

export type ModemQuestion = keyof typeof modemQuestions

export const scanModem = textScanner<ModemAnswer>({
  mayBegin: (text) => /^[\r\n -~]/.test(text),
  lengthOf: lengthOfAnswer,
  limitBytes: modemAnswerLimitBytes,
  read: readAnswer,
})

const last = /(?:^|[\r\n])(?:OK|ERROR|\+CM[ES] ERROR: ?[ -~]*)\r\n/

function lengthOfAnswer(text: string): number | null {
  const found = last.exec(text)
  return found === null ? null : found.index + found[0].length
}

function readAnswer(text: string): Decoded<ModemAnswer> {
  if (!/^[\r\n -~]*$/.test(text)) return notAFrame('no text')
  const lines = text.split(/[\r\n]+/).filter((line) => line !== '')
  return { ok: true, value: { lines: lines.slice(0, -1), isOk: lines.at(-1) === 'OK' } }
}

export function encodeModemAnswer({ lines, isOk }: ModemAnswer): Uint8Array {
  return latin1Bytes([...lines, isOk ? 'OK' : 'ERROR'].map((line) => `\r\n${line}\r\n`).join(''))
}

export function encodeModemQuestion(question: ModemQuestion): Uint8Array {
  return latin1Bytes(`${modemQuestions[question]}\r`)
}

export interface ModemSignal {
  /** null: unknown, or no network. */
  readonly strengthDbm: number | null
  /** The end of the scale: it may be weaker than that, or stronger. */
  readonly bound: 'at-most' | 'at-least' | null
}

/** `+CSQ: rssi,ber`; null when the answer does not say it. */
export function signalOf(answer: ModemAnswer): ModemSignal | null {
  const [rssi] = fieldsOf(answer, '+CSQ', 2) ?? []
  if (rssi === undefined || !/^\d{1,3}$/.test(rssi)) return null
  const index = Number(rssi)
  if (index <= 31) {
    const bound = index === 0 ? 'at-most' : index === 31 ? 'at-least' : null
    return { strengthDbm: -113 + 2 * index, bound }
  }
  // TD-SCDMA counts in steps of 1 dB from here.
  if (index >= 100 && index <= 191) {
    const bound = index === 100 ? 'at-most' : index === 191 ? 'at-least' : null
    return { strengthDbm: index - 216, bound }
  }
  return { strengthDbm: null, bound: null }
}

/** `+CESQ: rxlev,ber,rscp,ecno,rsrq,rsrp`: RSRP in dBm; null when it is unknown or not said. */
export function lteSignalOf(answer: ModemAnswer): number | null {
  const rsrp = fieldsOf(answer, '+CESQ', 6)?.[5] ?? ''
  return /^\d{1,2}$/.test(rsrp) && Number(rsrp) <= 97 ? -141 + Number(rsrp) : null
}

export type ModemRegistration = 'none' | 'home' | 'searching' | 'denied' | 'unknown' | 'roaming'

const registrations: readonly ModemRegistration[] = [
  'none',
  'home',
  'searching',
  'denied',
  'unknown',
  'roaming',
]

/**
 * `+CREG: n,status...`, likewise for packets and LTE; null when the answer does not say it. A line
 * with the status alone came unasked.
 */
export function registrationOf(answer: ModemAnswer): ModemRegistration | null {
  for (const name of ['+CREG', '+CGREG', '+CEREG']) {
    const status = fieldsOf(answer, name, 2)?.[1] ?? ''
    if (/^\d$/.test(status)) return registrations[Number(status)] ?? null
  }
  return null
}

export interface ModemOperator {
  readonly name: string
  readonly technology: string | null
}

const technologies: { readonly [act: string]: string } = {
  '0': 'GSM',
  '2': 'UMTS',
  '3': 'EDGE',
  '4': 'HSPA',
  '5': 'HSPA',
  '6': 'HSPA',
  '7': 'LTE',
  '12': 'NR',
  '13': 'NR',
}

/** `+COPS: mode,format,"operator",act`; null when there is none. */
export function operatorOf(answer: ModemAnswer): ModemOperator | null {
  const [, , name = '', act = ''] = fieldsOf(answer, '+COPS', 3) ?? []
  const found = /^"([ -~]{1,32})"$/.exec(name)?.[1]
  return found === undefined ? null : { name: found, technology: technologies[act] ?? null }
}

/** The last line, such as the name of a model; null when it is an echo or a named one. */
export function plainLineOf(answer: ModemAnswer): string | null {
  const line = answer.lines.at(-1) ?? ''
  return line === '' || line.length > 64 || /^(?:AT|\+|\^|\*|RING$)/.test(line) ? null : line
}

function fieldsOf(answer: ModemAnswer, name: string, atLeast: number): readonly string[] | null {
  for (const line of answer.lines) {
    if (!line.startsWith(`${name}:`)) continue
    const fields = line.slice(name.length + 1).split(',')
    if (fields.length >= atLeast) return fields.map((field) => field.trim())
  }
  return null
}
