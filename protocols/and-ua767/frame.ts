/**
 * A&D UA-767PC, a monitor for the upper arm with a serial cable.
 *
 *   open    STX "CPC05" 3B        close  STX "CPC04" 3A       the last byte: low byte of the sum
 *   answer  SOH "70PC" ACK | NAK
 *   result  ten hexadecimal digits: status, pulse pressure, diastolic, pulse, one that is unknown
 *
 * Systolic is diastolic plus pulse pressure. A status of 80 is a result; 81 to 83 are taken for
 * results too, what they add is not known; any other that begins with 8 is a failure. A result has
 * no check, so that one whose numbers cannot be is refused.
 *
 * Source: two related public drivers and the one result that is printed in them. No manual.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { beginsWith, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export type Ua767Packet =
  | {
      readonly kind: 'result'
      /** `80` to `83`. */
      readonly status: string
      readonly systolicMmHg: number
      readonly diastolicMmHg: number
      readonly pulsePerMinute: number
    }
  /** It measured and has no result. */
  | { readonly kind: 'failed'; readonly status: string }
  | { readonly kind: 'answer'; readonly isAccepted: boolean }

const resultDigits = 10
export const ua767LimitBytes = resultDigits

const answer = '\u000170PC'
const ack = '\u0006'
const nak = '\u0015'
const answerBegins = beginsWith(answer)

/** What the monitor can measure. */
const systolics = { from: 60, to: 280 }
const diastolics = { from: 30, to: 200 }
const pulses = { from: 30, to: 200 }

export const scanUa767 = textScanner<Ua767Packet>({
  mayBegin: (text) =>
    answerBegins(text) || (text.startsWith('8') && /^[\dA-F]*$/.test(text.slice(0, resultDigits))),
  lengthOf: (text) => {
    const length = answerBegins(text) ? answer.length + 1 : resultDigits
    return text.length < length ? null : length
  },
  limitBytes: ua767LimitBytes,
  read: (text) =>
    text.startsWith(answer) ? readAnswer(text.slice(answer.length)) : readResult(text),
})

function readAnswer(letter: string): Decoded<Ua767Packet> {
  if (letter !== ack && letter !== nak) return notAFrame('neither ACK nor NAK')
  return { ok: true, value: { kind: 'answer', isAccepted: letter === ack } }
}

function readResult(text: string): Decoded<Ua767Packet> {
  const [pulsePressure = 0, diastolicMmHg = 0, pulsePerMinute = 0] = [2, 4, 6].map((at) =>
    Number.parseInt(text.slice(at, at + 2), 16),
  )
  const status = text.slice(0, 2)
  if (!/^8[0-3]$/.test(status)) return { ok: true, value: { kind: 'failed', status } }
  const systolicMmHg = diastolicMmHg + pulsePressure
  const isMeasured =
    isWithin(systolicMmHg, systolics) &&
    isWithin(diastolicMmHg, diastolics) &&
    isWithin(pulsePerMinute, pulses) &&
    pulsePressure > 0
  if (!isMeasured) return notAFrame('no pressures in a result')
  return {
    ok: true,
    value: { kind: 'result', status, systolicMmHg, diastolicMmHg, pulsePerMinute },
  }
}

function isWithin(value: number, range: { readonly from: number; readonly to: number }): boolean {
  return value >= range.from && value <= range.to
}

export function encodeUa767(packet: Ua767Packet): Uint8Array {
  switch (packet.kind) {
    case 'answer':
      return latin1Bytes(`${answer}${packet.isAccepted ? ack : nak}`)
    case 'failed':
      return latin1Bytes(`${packet.status}00000000`)
    case 'result': {
      const { systolicMmHg, diastolicMmHg, pulsePerMinute } = packet
      const numbers = [systolicMmHg - diastolicMmHg, diastolicMmHg, pulsePerMinute, 0]
      const hex = numbers.map((one) => one.toString(16).toUpperCase().padStart(2, '0')).join('')
      return latin1Bytes(packet.status + hex)
    }
  }
}

/** Opens its PC mode, in which it says its results. */
export function encodeUa767Open(): Uint8Array {
  const letters = latin1Bytes('CPC05')
  return joinBytes([0x02], letters, [sumOf(letters)])
}
