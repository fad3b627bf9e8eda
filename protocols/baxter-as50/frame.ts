/**
 * Baxter AS50 syringe pump, the same way in both directions:
 *
 *   [NAME?] check check          a question
 *   [NAME=value] check check     its answer; also [ACK] and [REJECT...]
 *
 * The check is the CRC-16/XMODEM of the text with its brackets, the high byte first. It may hold
 * any bytes, so that a frame ends two bytes behind its bracket and nowhere else.
 *
 * Only questions can be made here: the protocol also programs a pump.
 *
 * Source: the pump driver of OpenICE.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { crc16Xmodem } from '../bytes/checksum.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface As50Frame {
  readonly name: string
  /** null: a question, or an answer without one. */
  readonly value: string | null
  readonly isQuestion: boolean
}

export const as50LimitBytes = 256

export const as50Questions = { device: 'DEV', status: 'STATUS', rate: 'PRIRATE' } as const

export type As50Question = keyof typeof as50Questions

export const scanAs50 = textScanner<As50Frame>({
  mayBegin: beginsWith('['),
  lengthOf: endsBehind(']', 2),
  limitBytes: as50LimitBytes,
  read: readFrame,
})

function readFrame(whole: string): Decoded<As50Frame> {
  const text = whole.slice(0, -2)
  const [, name = '', question, , value] =
    /^\[([A-Z0-9_]{1,32})(?:(\?)|(=)([ -Z^-~]*))?\]$/.exec(text) ?? []
  if (name === '') return notAFrame('no frame of the pump')
  const check = crc16Xmodem(latin1Bytes(text))
  const found = (whole.charCodeAt(whole.length - 2) << 8) | whole.charCodeAt(whole.length - 1)
  if (found !== check) return notAFrame('wrong check sum')
  return { ok: true, value: { name, value: value ?? null, isQuestion: question === '?' } }
}

export function encodeAs50({ name, value, isQuestion }: As50Frame): Uint8Array {
  const text = latin1Bytes(`[${name}${isQuestion ? '?' : value === null ? '' : `=${value}`}]`)
  const check = crc16Xmodem(text)
  return joinBytes(text, [check >> 8, check & 0xff])
}

export function encodeAs50Question(question: As50Question): Uint8Array {
  return encodeAs50({ name: as50Questions[question], value: null, isQuestion: true })
}
