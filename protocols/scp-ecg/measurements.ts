/**
 * Sections 7 and 8 of SCP-ECG: what the program of the device measured, and what it says of it.
 * Source: EN 1064:2005 sections 5.10 and 5.11.
 *
 *   section 7 | beats u8 | spikes u8 | RR u16 ms | PP u16 ms | (8 x s16) … | 10 a spike … |
 *             | QRS u16 | types u8 … | ventricular rate u16 | atrial rate u16 | QTc u16 |
 *             | formula u8 |
 *   8 x s16     P begins, P ends, QRS begins, QRS ends, T ends in ms; axes of P, QRS, T in degrees
 *   section 8 | confirmed u8 | y u16 | m d h min s u8 | count u8 |
 *             | (number u8 | length u16 | text) … |
 */
import { joinBytes, latin1Text, viewOf } from '../bytes/bytes.ts'
import { ecgStatementsMax, noStatements, wordsOf, type EcgStatements } from '../ecg/recording.ts'
import type { Value, Words } from '../packet/record.ts'
import type { Term } from '../vocabulary/term.ts'
import { terms } from '../vocabulary/terms.ts'

const beatBytes = 16
const spikeBytes = 10
/** Values from here on say why there is none: not computed, rejected, not used. */
const noTimeFrom = 19_999
const noAxis = 999
const notComputed = 29_999

/** Numbers of the formula by which QT was corrected. */
const formulas = ['unknown', 'bazett', 'hodges', 'fridericia'] as const

export interface ScpMeasurements {
  readonly values: readonly Value[]
  readonly qualifiers: Words
}

export function decodeMeasurements(content: Uint8Array): ScpMeasurements {
  const reader = new Fields(content)
  const beats = reader.u8() ?? 0
  const spikes = reader.u8() ?? 0
  const rr = countOf(reader.u16())
  reader.u16()
  // The first is the one of all beats together, or of the reference beat.
  const numbers = Array.from({ length: 8 }, () => (beats === 0 ? null : reader.s16()))
  const [pBegins, , qrsBegins, qrsEnds, tEnds] = numbers.slice(0, 5).map(timeOf)
  const [pAxis, qrsAxis, tAxis] = numbers.slice(5).map(axisOf)
  reader.skip(Math.max(0, beats - 1) * beatBytes + spikes * spikeBytes)
  reader.skip(reader.u16() ?? 0)
  const rate = countOf(reader.u16())
  reader.u16()
  const qtc = countOf(reader.u16())
  const formula = formulas[reader.u8() ?? 0]
  const values = [
    ...said(terms.heartRate, rate),
    ...said(terms.rrInterval, rr),
    ...said(terms.prInterval, between(pBegins, qrsBegins)),
    ...said(terms.qrsDuration, between(qrsBegins, qrsEnds)),
    ...said(terms.qtInterval, between(qrsBegins, tEnds)),
    ...said(terms.qtCorrected, qtc),
    ...said(terms.pAxis, pAxis),
    ...said(terms.qrsAxis, qrsAxis),
    ...said(terms.tAxis, tAxis),
  ]
  const isCorrected = qtc !== null && formula !== undefined && formula !== 'unknown'
  return { values, qualifiers: isCorrected ? { qtcFormula: formula } : {} }
}

function said({ code, unit }: Term, value: number | null | undefined): readonly Value[] {
  return value === null || value === undefined ? [] : [{ code, value, unit }]
}

function timeOf(ms: number | null): number | null {
  return ms === null || ms >= noTimeFrom ? null : ms
}

/** Of rates and intervals, for which some writers put 0 when there is none. */
function countOf(number: number | null): number | null {
  return number === 0 ? null : timeOf(number)
}

function axisOf(degrees: number | null): number | null {
  return degrees === null || degrees === noAxis || Math.abs(degrees) > 360 ? null : degrees
}

function between(from: number | null | undefined, to: number | null | undefined): number | null {
  if (from === null || from === undefined || to === null || to === undefined) return null
  return to > from ? to - from : null
}

/** Numbers one after the other; null behind the end. */
class Fields {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  u8(): number | null {
    return this.#take(1) ? this.#view.getUint8(this.#at - 1) : null
  }

  u16(): number | null {
    return this.#take(2) ? this.#view.getUint16(this.#at - 2, true) : null
  }

  s16(): number | null {
    return this.#take(2) ? this.#view.getInt16(this.#at - 2, true) : null
  }

  text(length: number): string | null {
    if (!this.#take(length)) return null
    const bytes = this.#bytes.subarray(this.#at - length, this.#at)
    const end = bytes.indexOf(0)
    return wordsOf(latin1Text(end === -1 ? bytes : bytes.subarray(0, end)))
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** False, and nothing more to be had, when there is not so much left. */
  #take(length: number): boolean {
    this.#at += length
    return this.#at <= this.#bytes.length
  }
}

/**
 * There is no reference beat to which times could refer: they count from the beginning of P, or of
 * QRS, so that every interval is the difference that it must be.
 */
export function encodeMeasurements(values: readonly Value[]): Uint8Array {
  const numberOf = (term: Term): number | null =>
    values.find(({ code }) => code === term.code)?.value ?? null
  const pr = numberOf(terms.prInterval)
  const qrsBegins = pr ?? 0
  const qrs = numberOf(terms.qrsDuration)
  const qt = numberOf(terms.qtInterval)
  const beat = [
    pr === null ? null : 0,
    null,
    pr === null && qrs === null && qt === null ? null : qrsBegins,
    qrs === null ? null : qrsBegins + qrs,
    qt === null ? null : qrsBegins + qt,
  ]
  const axes = [terms.pAxis, terms.qrsAxis, terms.tAxis].map((term) => numberOf(term) ?? noAxis)
  return joinBytes(
    Uint8Array.of(1, 0),
    ...[numberOf(terms.rrInterval), null, ...beat].map((ms) => words(ms ?? notComputed)),
    ...axes.map((degrees) => words(degrees)),
    words(0),
    words(numberOf(terms.heartRate) ?? notComputed),
    words(notComputed),
    words(numberOf(terms.qtCorrected) ?? notComputed),
    Uint8Array.of(0, 0, 0),
  )
}

function words(value: number): Uint8Array {
  const whole = Math.round(value)
  return Uint8Array.of(whole & 0xff, (whole >> 8) & 0xff)
}

const confirmed = 1

export function decodeStatements(content: Uint8Array): EcgStatements {
  const reader = new Fields(content)
  const state = reader.u8()
  if (state === null) return noStatements
  reader.skip(7)
  const count = Math.min(reader.u8() ?? 0, ecgStatementsMax)
  const texts: string[] = []
  for (let number = 0; number < count; number++) {
    reader.skip(1)
    const length = reader.u16()
    const text = length === null ? null : reader.text(length)
    if (text !== null) texts.push(text)
  }
  return { texts, isConfirmed: state === confirmed }
}
