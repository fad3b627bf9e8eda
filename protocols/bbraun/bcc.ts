/**
 * B.Braun BCC, in which the station of Space and compactplus pumps (SpaceCom) answers for all of
 * its pumps:
 *
 *   01 LLLLL 02 bed/1/1>information (03 | 17) CCCCC 04
 *
 *   LLLLL   length of all of it, five decimal digits
 *   CCCCC   sum of all bytes from 01 to 03 or 17, mod 256, five decimal digits
 *   03      the last block; 17: more blocks follow
 *
 * Length and sum are those before stuffing, which is for the wire: D is sent as EX, E as EE, d as
 * ex, e as ee. A block is acknowledged by 06. Information is a list, separated by 1E, of
 *
 *   time,address,parameter,value     time in seconds since the station was switched on; the address
 *                                    501xy is slot y of pillar x, 50100 the station itself
 *
 * Only three questions can be made here. Pumps can be set through this protocol as well.
 *
 * Source: BCC technical interface specification 3.25/3.26, version 4.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { utf8Text } from '../bytes/utf8.ts'

export interface BccBlock {
  /** What the station is called; `1` asks any. */
  readonly bed: string
  /** Bytes as characters: texts in it are UTF-8. */
  readonly information: string
  readonly isLast: boolean
}

export const bccLimitBytes = 4_096

const soh = 0x01
const eot = 0x04

export function scanBcc(bytes: Uint8Array): Scan<BccBlock> {
  if (bytes.length === 0) return incomplete
  const next = bytes.indexOf(soh, 1)
  if (bytes[0] !== soh) return noise('no beginning', next === -1 ? bytes.length : next)
  const end = bytes.indexOf(eot)
  if (next !== -1 && (end === -1 || next < end)) return noise('cut short', next)
  if (end === -1) {
    return bytes.length < bccLimitBytes ? incomplete : noise('block without end', bytes.length)
  }
  const length = end + 1
  const block = readBlock(bytes.subarray(0, length))
  return typeof block === 'string' ? noise(block, length) : packet(block, length)
}

const stx = '\u0002'
const lastMark = '\u0003'
const moreMark = '\u0017'
/** Around the content: 01, two numbers of five digits and 04. */
const headLength = 6
const tailLength = 6

/** In words, why it is none. */
function readBlock(wire: Uint8Array): BccBlock | string {
  const text = unstuffed(latin1Text(wire))
  if (text === null) return 'wrong stuffing'
  const content = text.slice(headLength, -tailLength)
  const mark = content.at(-1)
  const head = /^([ -.0-=?-~]{1,64})\/1\/1>/.exec(content.slice(1))
  const isFramed = content.startsWith(stx) && (mark === lastMark || mark === moreMark)
  if (!isFramed || head === null) return 'no block'
  if (text.slice(1, headLength) !== digits(text.length)) return 'wrong length'
  const check = sumOf(latin1Bytes(text.slice(0, -tailLength)))
  if (text.slice(-tailLength, -1) !== digits(check)) return 'wrong check sum'
  const [start, bed = ''] = head
  const information = content.slice(1 + start.length, -1)
  return { bed, information, isLast: mark === lastMark }
}

/** From left to right in one pass: replacing one after the other would unstuff twice. */
function unstuffed(text: string): string | null {
  if (/[DdEe]/.test(text.replaceAll(/EE|EX|ee|ex/g, ''))) return null
  return text.replaceAll(/EE|EX|ee|ex/g, (pair) => unstuffing[pair] ?? pair)
}

const unstuffing: { readonly [pair: string]: string } = { EE: 'E', EX: 'D', ee: 'e', ex: 'd' }
const stuffing: { readonly [letter: string]: string } = { E: 'EE', D: 'EX', e: 'ee', d: 'ex' }

export function encodeBcc({ bed, information, isLast }: BccBlock): Uint8Array {
  const content = `${stx}${bed}/1/1>${information}${isLast ? lastMark : moreMark}`
  const counted = `\u0001${digits(headLength + content.length + tailLength)}${content}`
  const whole = `${counted}${digits(sumOf(latin1Bytes(counted)))}\u0004`
  return latin1Bytes(whole.replaceAll(/[DdEe]/g, (letter) => stuffing[letter] ?? letter))
}

function digits(number: number): string {
  return String(number).padStart(5, '0')
}

export const bccQuestions = {
  alive: 'ADMIN:ALIVE',
  version: 'ADMIN:VERSION',
  memory: 'MEM:GET',
} as const

export type BccQuestion = keyof typeof bccQuestions

export function encodeBccQuestion(question: BccQuestion, bed: string): Uint8Array {
  return encodeBcc({ bed, information: bccQuestions[question], isLast: true })
}

export const bccAcknowledge: Uint8Array = Uint8Array.of(0x06)

export interface BccValue {
  /** `501xy`. */
  readonly address: string
  readonly parameter: string
  /** null: the pump has none, or it is not to be had. */
  readonly value: string | null
}

/** What is none of the form is left out. */
export function bccValues(information: string): readonly BccValue[] {
  return information.split('\u001e').flatMap((quadruple) => {
    const found = /^\d{1,10},(\d{3}[0-9A-Z]{2}),([A-Z0-9]{1,16}),([^]*)$/.exec(quadruple)
    const [, address, parameter, text = ''] = found ?? []
    if (address === undefined || parameter === undefined) return []
    const isThere = text !== '' && text !== '_NV' && text !== '_NA'
    return [{ address, parameter, value: isThere ? utf8Text(latin1Bytes(text)).text : null }]
  })
}

/** What the station answers about itself, `time,50100,V3.30`; null when it is something else. */
export function bccVersion(information: string): string | null {
  return /^\d{1,10},50100,(V[0-9.]{1,12})$/.exec(information)?.[1] ?? null
}

/** All of one instant, as the station would write it. */
export function bccInformation(seconds: number, values: readonly BccValue[]): string {
  return values
    .map(({ address, parameter, value }) => `${seconds},${address},${parameter},${value ?? '_NV'}`)
    .join('\u001e')
}
