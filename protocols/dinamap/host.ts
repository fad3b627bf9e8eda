/**
 * Host communication of GE Dinamap PRO, ProCare and CARESCAPE V100, in ASCII. It answers questions.
 *
 *   question  " " letters check check CR
 *             NA pressures, OA saturation, RA pulse, RC heart rate
 *   answer    " " the same letters, data, check check CR
 *     NA   s??cccc sss ddd mmm     s 1: valid, more than 2: none or under way; c: time since then
 *     OA   s nnn                   s 1: valid
 *     RA   s nnnn                  s 2: valid
 *     RC   ? nnn
 *
 * Data stand without blanks between them. The check is v = sum of (code - 31) over what is before
 * it, the blank too: 32 + v / 64 and 32 + v mod 64. 000 and blanks are no value. A question that is
 * not understood is answered by other letters.
 *
 * NC starts the cuff and ND stops it: neither can be made here.
 *
 * Source: two published programs; the six commands printed there agree with the rule of the check.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export type DinamapPacket =
  | {
      readonly kind: 'pressures'
      /** False: it has none, it failed, or it is under way. The numbers are null then. */
      readonly isValid: boolean
      /** Grows while the same result is shown; null when it is no number. */
      readonly age: number | null
      readonly systolicMmHg: number | null
      readonly diastolicMmHg: number | null
      readonly meanMmHg: number | null
    }
  | { readonly kind: 'saturation'; readonly saturationPercent: number | null }
  | { readonly kind: 'pulse'; readonly pulsePerMinute: number | null }
  | { readonly kind: 'heart-rate'; readonly heartRatePerMinute: number | null }
  /** An answer to something else, such as a refusal. */
  | { readonly kind: 'other'; readonly letters: string }

export type DinamapQuestion = 'pressures' | 'saturation' | 'pulse' | 'heart-rate'

const letters: Readonly<Record<DinamapQuestion, string>> = {
  pressures: 'NA',
  saturation: 'OA',
  pulse: 'RA',
  'heart-rate': 'RC',
}

export const dinamapLimitBytes = 80

export const scanDinamap = textScanner<DinamapPacket>({
  mayBegin: (text) => /^ (?:[A-Z]?$|[A-Z]{2})/.test(text),
  lengthOf: endsBehind('\r'),
  limitBytes: dinamapLimitBytes,
  read: readAnswer,
})

function readAnswer(text: string): Decoded<DinamapPacket> {
  const body = text.slice(0, -3)
  if (text.length < 6 || checkOf(body) !== text.slice(-3, -1)) return notAFrame('wrong check')
  const name = body.slice(1, 3)
  const status = body.slice(3, 4)
  switch (name) {
    case letters.pressures:
      return readPressures(body)
    case letters.saturation:
      return {
        ok: true,
        value: { kind: 'saturation', saturationPercent: numberIf(status === '1', body, 4, 7) },
      }
    case letters.pulse:
      return {
        ok: true,
        value: { kind: 'pulse', pulsePerMinute: numberIf(status === '2', body, 4, 8) },
      }
    case letters['heart-rate']:
      return {
        ok: true,
        value: { kind: 'heart-rate', heartRatePerMinute: numberIf(true, body, 4, 7) },
      }
    default:
      return { ok: true, value: { kind: 'other', letters: name } }
  }
}

function readPressures(body: string): Decoded<DinamapPacket> {
  if (body.length < 19) return notAFrame('no pressures')
  const isValid = body[3] === '1'
  const age = /^\d{4}$/.test(body.slice(6, 10)) ? Number(body.slice(6, 10)) : null
  const [systolicMmHg, diastolicMmHg, meanMmHg] = [10, 13, 16].map((from) =>
    numberIf(isValid, body, from, from + 3),
  )
  const numbers = {
    systolicMmHg: systolicMmHg ?? null,
    diastolicMmHg: diastolicMmHg ?? null,
    meanMmHg: meanMmHg ?? null,
  }
  return { ok: true, value: { kind: 'pressures', isValid, age, ...numbers } }
}

function numberIf(isValid: boolean, body: string, from: number, to: number): number | null {
  const digits = body.slice(from, to)
  return isValid && /^ *\d+$/.test(digits) ? Number(digits) || null : null
}

function checkOf(body: string): string {
  let sum = 0
  for (const byte of latin1Bytes(body)) sum += byte - 0x1f
  const high = Math.floor(sum / 64) % 64
  return latin1Text(Uint8Array.of(0x20 + high, 0x20 + (sum % 64)))
}

export function encodeDinamapQuestion(question: DinamapQuestion): Uint8Array {
  return closed(` ${letters[question]}`)
}

export function encodeDinamap(answer: DinamapPacket): Uint8Array {
  switch (answer.kind) {
    case 'pressures': {
      const { isValid, age, systolicMmHg, diastolicMmHg, meanMmHg } = answer
      const numbers = [systolicMmHg, diastolicMmHg, meanMmHg].map((value) => padded(value, 3))
      const counter = age === null ? '----' : padded(age, 4)
      return closed(` NA${isValid ? '1' : '3'}00${counter}${numbers.join('')}`)
    }
    case 'saturation':
      return closed(
        ` OA${answer.saturationPercent === null ? 0 : 1}${padded(answer.saturationPercent, 3)}`,
      )
    case 'pulse':
      return closed(
        ` RA${answer.pulsePerMinute === null ? 0 : 2}${padded(answer.pulsePerMinute, 4)}`,
      )
    case 'heart-rate':
      return closed(` RC0${padded(answer.heartRatePerMinute, 3)}`)
    case 'other':
      return closed(` ${answer.letters}`)
  }
}

function padded(value: number | null, width: number): string {
  return String(value ?? 0).padStart(width, '0')
}

function closed(body: string): Uint8Array {
  return latin1Bytes(`${body}${checkOf(body)}\r`)
}
