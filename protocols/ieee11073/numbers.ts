/**
 * The numbers of IEEE 11073: mantissa * 10^exponent, so that a device says how fine it measured.
 *
 *   FLOAT-Type   exponent i8 | mantissa i24
 *   SFLOAT-Type  exponent i4 | mantissa i12
 *
 * Five mantissas are no numbers, whatever the exponent beside them:
 *
 *                          FLOAT    SFLOAT
 *   +INFINITY              7FFFFE   7FE      above what the device can measure
 *   NaN                    7FFFFF   7FF
 *   NRes                   800000   800      not at this resolution
 *   reserved               800001   801
 *   -INFINITY              800002   802      below what the device can measure
 *
 * Source: Antidote and the PHD implementation guide of HL7, which agree.
 */
import { u16, u32 } from './mder.ts'

export type MderNumber =
  | { readonly kind: 'number'; readonly mantissa: number; readonly exponent: number }
  | { readonly kind: 'above' | 'not-a-number' | 'no-resolution' | 'reserved' | 'below' }

interface Layout {
  readonly mantissaBits: number
}

const float: Layout = { mantissaBits: 24 }
const shortFloat: Layout = { mantissaBits: 12 }

/** Offset of a special mantissa from the largest one, in the order in which they follow it. */
const specials = ['above', 'not-a-number', 'no-resolution', 'reserved', 'below'] as const

export function floatOf(word: number): MderNumber {
  return numberIn(float, word >> 24, (word << 8) >> 8)
}

export function shortFloatOf(word: number): MderNumber {
  return numberIn(shortFloat, (word << 16) >> 28, (word << 20) >> 20)
}

export function encodeFloat(number: MderNumber): Uint8Array {
  const { exponent, mantissa } = wordsOf(float, number)
  return u32(((exponent & 0xff) << 24) | (mantissa & 0xff_ffff))
}

export function encodeShortFloat(number: MderNumber): Uint8Array {
  const { exponent, mantissa } = wordsOf(shortFloat, number)
  return u16(((exponent & 0xf) << 12) | (mantissa & 0xfff))
}

/** null for what is no number. Exact: the double that is nearest to the decimal fraction. */
export function valueOfNumber(number: MderNumber): number | null {
  if (number.kind !== 'number') return null
  const value = Number(`${number.mantissa}e${number.exponent}`)
  return value === 0 ? 0 : value
}

/** With so many digits after the point, which is as fine as an agent measures. */
export function numberOfValue(value: number, decimals = 3): MderNumber {
  return { kind: 'number', mantissa: Math.round(value * 10 ** decimals), exponent: -decimals }
}

function numberIn({ mantissaBits }: Layout, exponent: number, mantissa: number): MderNumber {
  const bits = mantissa & (2 ** mantissaBits - 1)
  const special = specials[bits - (2 ** (mantissaBits - 1) - 2)]
  return special === undefined ? { kind: 'number', mantissa, exponent } : { kind: special }
}

function wordsOf({ mantissaBits }: Layout, number: MderNumber) {
  if (number.kind === 'number') return number
  return { exponent: 0, mantissa: 2 ** (mantissaBits - 1) - 2 + specials.indexOf(number.kind) }
}
