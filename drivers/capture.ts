/**
 * Captures: what a device and we said to each other, and what must come of it. One text is at once
 * evidence, test, simulator script and documentation.
 *
 *   # 127 over 76, TM-2657P           why you should believe it
 *   < 16 16 01 "00" 02 "TM2657" 1e    the device says
 *   > 55 aa 04 01 01 f9               we must say, now or after a silence
 *   @ 1500                            so many milliseconds pass
 *   = ...                             must have come out by now, in this order:
 *
 *   = measurement MDC_PULS_RATE 78 /min MDC_RESP_RATE null /min at 2024-11-12T10:14 with how=stable
 *   = measurement LOCAL_x_MTB "NOT DETECTED" 1 of specimenId=S1     in words, and whose it is
 *   = numerics MDC_TEMP 36.5 Cel with probe=1    repeated, so without a time of the device
 *   = event lead-off info begin with kind="a b"    begin, end, or once for what has no duration
 *   = samples ecg 128 127 0                        one instant, one number a lead; or null
 *   = identity "TM-2657" null null                 model, serial number, firmware
 *   = noise 12                        so many bytes were not understood, in the whole file
 *
 * Bytes are hexadecimal pairs and "text", where \" and \\ stand for the two characters themselves.
 */
import { latin1Bytes, latin1Text, joinBytes } from '../protocols/bytes/bytes.ts'
import type { Decoded } from '../protocols/packet/decoded.ts'
import { fromHex } from '../protocols/packet/hex.ts'
import { formatSaid, parseSaid } from './capture-said.ts'
import { quote, unquote, wordsIn } from './capture-words.ts'
import type { Said } from './driver.ts'

export type CaptureStep =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'device'; readonly bytes: Uint8Array }
  | { readonly kind: 'host'; readonly bytes: Uint8Array }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'said'; readonly said: Said }
  | { readonly kind: 'noise'; readonly bytes: number }

/** The reason of a failure begins with the number of the line. */
export function parseCapture(text: string): Decoded<readonly CaptureStep[]> {
  const steps: CaptureStep[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const step = parseLine(line.trim())
    if (step === null) return { ok: false, reason: `line ${index + 1} is no line of a capture` }
    steps.push(step)
  }
  return { ok: true, value: steps }
}

function parseLine(line: string): CaptureStep | null {
  const rest = line.slice(1).trim()
  switch (line[0]) {
    case '#':
      return { kind: 'comment', text: rest }
    case '<':
    case '>': {
      const bytes = parseBytes(rest)
      return bytes === null ? null : { kind: line[0] === '<' ? 'device' : 'host', bytes }
    }
    case '@':
      return /^\d{1,9}$/.test(rest) ? { kind: 'wait', ms: Number(rest) } : null
    case '=': {
      const noise = /^noise (\d{1,9})$/.exec(rest)
      if (noise !== null) return { kind: 'noise', bytes: Number(noise[1]) }
      const said = parseSaid(rest)
      return said === null ? null : { kind: 'said', said }
    }
    default:
      return null
  }
}

function parseBytes(text: string): Uint8Array | null {
  const words = wordsIn(text)
  if (words === null || words.length === 0) return null
  const parts: Uint8Array[] = []
  for (const word of words) {
    const plain = unquote(word)
    const bytes = plain === null ? fromHex(word.toLowerCase()) : textBytes(plain)
    if (bytes === null) return null
    parts.push(bytes)
  }
  return joinBytes(...parts)
}

function textBytes(text: string): Uint8Array | null {
  return /^[ -~]*$/.test(text) ? latin1Bytes(text) : null
}

export function formatCapture(steps: readonly CaptureStep[]): string {
  return steps.map((step) => `${formatStep(step).trimEnd()}\n`).join('')
}

function formatStep(step: CaptureStep): string {
  switch (step.kind) {
    case 'comment':
      return `# ${step.text}`
    case 'device':
      return `< ${formatBytes(step.bytes)}`
    case 'host':
      return `> ${formatBytes(step.bytes)}`
    case 'wait':
      return `@ ${step.ms}`
    case 'noise':
      return `= noise ${step.bytes}`
    default:
      return `= ${formatSaid(step.said)}`
  }
}

/**
 * Text where most of it is text, so that a line protocol can be read and a binary one stays in
 * step.
 */
function formatBytes(bytes: Uint8Array): string {
  const printable = bytes.filter((byte) => byte >= 0x20 && byte <= 0x7e).length
  if (3 * printable < 2 * bytes.length) return hexPairs(bytes)
  const runs = latin1Text(bytes).match(/[ -~]{3,}|(?:(?![ -~]{3})[^])+/g) ?? []
  return runs
    .map((run) => (/^[ -~]{3}/.test(run) ? quote(run) : hexPairs(latin1Bytes(run))))
    .join(' ')
}

function hexPairs(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
