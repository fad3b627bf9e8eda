/**
 * Finds frames of text in a stream: lines, and what stands between two control characters. A device
 * that speaks text says where a frame may begin and where it is over; all the rest is the same.
 */
import type { Decoded } from '../packet/decoded.ts'
import { latin1Text } from './bytes.ts'
import { incomplete, noise, packet, type Scanner } from './scan.ts'

export interface TextFrame<Packet> {
  /**
   * Whether a frame may begin with this text, of which at least one character is there. It must
   * also say yes to the first part of each beginning.
   */
  readonly mayBegin: (text: string) => boolean
  /** How long the frame at the start of this text is, its end included; null: not over yet. */
  readonly lengthOf: (text: string) => number | null
  /** The longest frame that is waited for. */
  readonly limitBytes: number
  /** Reads a whole frame, its beginning and end included. */
  readonly read: (text: string) => Decoded<Packet>
}

/**
 * What is no frame costs only as many bytes as lie before the next place where one may begin, so
 * that a whole frame behind half of one is found.
 */
export function textScanner<Packet>(frame: TextFrame<Packet>): Scanner<Packet> {
  const { mayBegin, lengthOf, limitBytes, read } = frame
  return (bytes) => {
    if (bytes.length === 0) return incomplete
    const text = latin1Text(bytes.subarray(0, limitBytes))
    if (!mayBegin(text)) return noise('no frame', nextBeginning(text, mayBegin))
    const length = lengthOf(text)
    if (length === null) {
      if (text.length < limitBytes) return incomplete
      return noise('frame without end', nextBeginning(text, mayBegin))
    }
    const found = read(text.slice(0, length))
    if (found.ok) return packet(found.value, length)
    return noise(found.reason, Math.min(length, nextBeginning(text, mayBegin)))
  }
}

/** The first place behind the start where a frame may begin, or the length of the text. */
function nextBeginning(text: string, mayBegin: (text: string) => boolean): number {
  for (let at = 1; at < text.length; at++) if (mayBegin(text.slice(at))) return at
  return text.length
}

/** For frames whose beginning is one of a few words. */
export function beginsWith(...words: readonly string[]): (text: string) => boolean {
  return (text) => words.some((word) => text.startsWith(word) || word.startsWith(text))
}

/**
 * For frames whose beginning has a form: `#` stands for a digit, `@` for a letter, and everything
 * else for itself.
 */
export function beginsLike(...forms: readonly string[]): (text: string) => boolean {
  return (text) => forms.some((form) => isLike(text, form))
}

function isLike(text: string, form: string): boolean {
  for (let at = 0; at < Math.min(text.length, form.length); at++) {
    const [one = '', as = ''] = [text[at], form[at]]
    const fits = as === '#' ? /\d/.test(one) : as === '@' ? /[A-Za-z]/.test(one) : one === as
    if (!fits) return false
  }
  return true
}

/** For frames that are over behind a mark, such as CR LF, and so many bytes more. */
export function endsBehind(mark: string, more = 0): (text: string) => number | null {
  return (text) => {
    const at = text.indexOf(mark)
    const length = at + mark.length + more
    return at === -1 || text.length < length ? null : length
  }
}

export function notAFrame(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
