/**
 * The text line of most serial scales: A&D standard format, A&D indicator format, KERN, Excell and
 * their clones. A line ends by CR, LF or both.
 *
 *   standard    HH,[CC,]+00072.45 kg      9 characters of data, 3 of unit, right-aligned
 *   indicator   HH,MM,+  72.45kg          sign, 7 or 8 characters of data, 2 or 3 of unit
 *
 *   HH  ST stable, US unstable, OL out of range, QT stable count of pieces
 *   CC  LO OK HI --, the verdict of a comparator
 *   MM  GS GW G gross, NT N net, TR TW tare, PT preset tare
 *
 * There is no check sum. The only protection is to hear the same weight several times.
 *
 * Source: manuals of A&D EK-L, EK-AEP, GC, AD-4329A and AD-4404, KERN KFB, SFB, KXS, KIB-TM and
 * MPE, Excell AM4.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { isOdd } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export type ScaleUnit = 'kg' | 'g' | 'lb' | 'oz' | 't' | 'pc'

export interface ScaleLine {
  readonly kind: 'line'
  readonly state: 'stable' | 'unstable' | 'overload' | 'count'
  readonly load: 'gross' | 'net' | 'tare' | 'preset-tare' | null
  readonly comparator: 'low' | 'ok' | 'high' | 'none' | null
  /** null when the line has no number, and always for an overload: its digits are a filling. */
  readonly amount: ScaleAmount | null
  /**
   * A line sent with seven bits and parity, and read with eight: the parity arrives as bit 7. It
   * can be read, but the port should be set right. null when the port is right.
   */
  readonly parityInData: 'even' | 'odd' | null
}

export interface ScaleAmount {
  readonly value: number
  /** Digits after the point: how fine the scale shows. */
  readonly decimals: number
  readonly unit: ScaleUnit
}

export type ScalePacket = ScaleLine | { readonly kind: 'line-end' }

export const scaleLineLimitBytes = 40

const states = { ST: 'stable', US: 'unstable', OL: 'overload', QT: 'count' } as const
const comparators = { LO: 'low', OK: 'ok', HI: 'high', '--': 'none' } as const
const loads = {
  GS: 'gross',
  GW: 'gross',
  G: 'gross',
  NT: 'net',
  N: 'net',
  TR: 'tare',
  TW: 'tare',
  PT: 'preset-tare',
} as const

const head = String.raw`(ST|US|OL|QT)[, ]\s*(?:(GS|GW|G|NT|N|TR|TW|PT|LO|OK|HI|--)\s*[, ]?\s*)?`
const number = String.raw`([+-])?\s*(\d+\.?\d*|\.\d+)\s*(kg|g|lb|oz|t|pc)`
/** A number with its unit says by itself that the line is over: no unit begins another unit. */
const closed = new RegExp(`^${head}${number}`, 'i')
const blankOverload = new RegExp(String.raw`^${head}[+-]?\s*(?:kg|g|lb|oz|t)?\s*$`, 'i')
const beginning = /(?:ST|US|OL|QT)[, ]/i
const beginnings = ['ST,', 'ST ', 'US,', 'US ', 'OL,', 'OL ', 'QT,', 'QT ']
const lineEnd = /[\r\n\0]/
const lineEnds = /^[\r\n\0]+/

/**
 * Finds a line in a stream of bytes, and also in whole lines without their ends. The ends are a
 * packet of their own that says nothing, so that they are no noise.
 */
export function scanScale(bytes: Uint8Array): Scan<ScalePacket> {
  const window = bytes.subarray(0, 2 * scaleLineLimitBytes)
  const text = latin1Text(window.map((byte) => byte & 0x7f))
  if (text === '') return incomplete
  const ends = lineEnds.exec(text)
  if (ends !== null) return packet({ kind: 'line-end' }, ends[0].length)
  const found = closed.exec(text)
  if (found !== null) return understood(found, window.subarray(0, found[0].length))
  const over = overAt(text)
  if (over === null) {
    if (mayBegin(text) && text.length <= scaleLineLimitBytes) return incomplete
    return noise('no scale line', nextBeginning(text))
  }
  const blank = blankOverload.exec(text.slice(0, over))
  const isOverload = blank?.[1]?.toUpperCase() === 'OL'
  if (blank === null || !isOverload) return noise('no scale line', over)
  return understood(blank, window.subarray(0, over))
}

/** Where the line is over without a unit: at a line end, or where the next line begins. */
function overAt(text: string): number | null {
  const end = text.search(lineEnd)
  const next = text.slice(1).search(beginning) + 1
  if (next === 0) return end === -1 ? null : end
  return end === -1 ? next : Math.min(end, next)
}

function mayBegin(text: string): boolean {
  const three = text.slice(0, 3).toUpperCase()
  return beginnings.some((one) => one.startsWith(three))
}

/** The first place behind the start where a line could begin, or the length. */
function nextBeginning(text: string): number {
  for (let at = 1; at < text.length; at++) if (mayBegin(text.slice(at))) return at
  return text.length
}

function understood(found: RegExpExecArray, bytes: Uint8Array): Scan<ScalePacket> {
  const [, hh = '', middle = '', sign = '', digits = '', unit = ''] = found
  const parity = parityOf(bytes)
  if (parity === 'broken') return noise('bit 7 is no parity', bytes.length)
  const state = states[hh.toUpperCase() as keyof typeof states]
  const word = middle.toUpperCase()
  const line: ScaleLine = {
    kind: 'line',
    state,
    load: word in loads ? loads[word as keyof typeof loads] : null,
    comparator: word in comparators ? comparators[word as keyof typeof comparators] : null,
    amount:
      state === 'overload' || unit === ''
        ? null
        : {
            value: Number(sign + digits) + 0,
            decimals: digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0,
            unit: unit.toLowerCase() as ScaleUnit,
          },
    parityInData: parity,
  }
  return packet(line, bytes.length)
}

/** Bit 7 is either never set, or it makes every byte even, or every byte odd. */
function parityOf(bytes: Uint8Array): 'even' | 'odd' | 'broken' | null {
  if (bytes.every((byte) => byte < 0x80)) return null
  const oddCount = bytes.filter((byte) => isOdd(byte)).length
  if (oddCount === 0) return 'even'
  return oddCount === bytes.length ? 'odd' : 'broken'
}

const kilograms = { kg: 1, g: 0.001, lb: 0.45359237, oz: 0.028349523125, t: 1_000, pc: null }

/**
 * Kilograms, and the smallest step that the scale shows of them. null for a count of pieces. What
 * is converted is rounded to a gram.
 */
export function kilogramsOf(
  amount: ScaleAmount,
): { readonly weightKg: number; readonly stepKg: number } | null {
  const factor = kilograms[amount.unit]
  if (factor === null) return null
  const stepKg = factor / 10 ** amount.decimals
  if (amount.unit === 'kg') return { weightKg: amount.value, stepKg }
  return { weightKg: Math.round(amount.value * factor * 1_000) / 1_000, stepKg }
}

export type ScaleLayout = 'standard' | 'indicator'

/** Without the line end, which differs between makers. */
export function encodeScaleLine(line: ScaleLine, layout: ScaleLayout): Uint8Array {
  const hh = nameOf(states, line.state)
  const middle = nameOf(loads, line.load) ?? nameOf(comparators, line.comparator)
  const words = middle === null ? `${hh},` : `${hh},${middle},`
  const bytes = latin1Bytes(words + amountText(line.amount, layout))
  if (line.parityInData === null) return bytes
  const isOddWanted = line.parityInData === 'odd'
  return bytes.map((byte) => (isOdd(byte) === isOddWanted ? byte : byte | 0x80))
}

function amountText(amount: ScaleAmount | null, layout: ScaleLayout): string {
  if (amount === null) return layout === 'standard' ? '+999999.9 kg' : `${' '.repeat(9)}kg`
  const sign = amount.value < 0 ? '-' : '+'
  const digits = Math.abs(amount.value).toFixed(amount.decimals)
  return layout === 'standard'
    ? sign + digits.padStart(8, '0') + amount.unit.padStart(3)
    : sign + digits.padStart(7) + amount.unit
}

function nameOf<Name extends string>(
  names: Readonly<Record<Name, string>>,
  meaning: string | null,
): Name | null {
  return (Object.keys(names) as Name[]).find((name) => names[name] === meaning) ?? null
}
