/** What was seen on a port where no device was recognised, for whoever has to go on from there. */
import type { SerialLine } from '../../../drivers/driver.ts'

export type Sight =
  | { readonly kind: 'nothing' }
  /** Bytes, but nothing in them that repeats: most likely another speed. */
  | { readonly kind: 'noise'; readonly line: SerialLine; readonly bytes: number }
  /** Lines that a person could read, of a device that is not known. */
  | { readonly kind: 'text'; readonly line: SerialLine; readonly lines: number }
  /** The same beginning at the same distance, again and again. */
  | { readonly kind: 'pattern'; readonly line: SerialLine; readonly everyBytes: number }

/** What was heard at one setting. */
export interface HeardAt {
  readonly line: SerialLine
  readonly bytes: Uint8Array
}

const textBytesMin = 12
const readableShareMin = 0.95
const patternBytesMin = 48
const repeatsMin = 5
const steadyShareMin = 0.7
const framesBytesMax = 512
/** A line at rest, or at a far too high speed, repeats one byte. */
const oneByteShareMax = 0.6

/** The clearest of what was seen at all settings. */
export function sightOf(heard: readonly HeardAt[]): Sight {
  for (const { line, bytes } of heard) {
    const lines = readableLines(bytes)
    if (lines > 0) return { kind: 'text', line, lines }
  }
  for (const { line, bytes } of heard) {
    const everyBytes = repeatsEvery(bytes)
    if (everyBytes !== null) return { kind: 'pattern', line, everyBytes }
  }
  const [most] = [...heard].sort((one, other) => other.bytes.length - one.bytes.length)
  if (most === undefined || most.bytes.length === 0) return { kind: 'nothing' }
  return { kind: 'noise', line: most.line, bytes: most.bytes.length }
}

/** 0 when it is not text. */
function readableLines(bytes: Uint8Array): number {
  if (bytes.length < textBytesMin) return 0
  let readable = 0
  let lines = 0
  let inLine = false
  for (const byte of bytes) {
    const isEnd = byte === 0x0d || byte === 0x0a
    if (isEnd && inLine) lines++
    inLine = !isEnd && (inLine || byte > 0x20)
    if (isEnd || byte === 0x09 || (byte >= 0x20 && byte <= 0x7e)) readable++
  }
  return readable >= readableShareMin * bytes.length ? lines : 0
}

/**
 * The distance at which the most frequent pair of bytes comes again; null when it is not steady.
 */
function repeatsEvery(bytes: Uint8Array): number | null {
  if (bytes.length < patternBytesMin || isMostlyOneByte(bytes)) return null
  const places = new Map<number, number[]>()
  for (let at = 0; at + 1 < bytes.length; at++) {
    const pair = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    const known = places.get(pair)
    if (known === undefined) places.set(pair, [at])
    else known.push(at)
  }
  for (const at of [...places.values()].sort((one, other) => other.length - one.length)) {
    if (at.length < repeatsMin) return null
    const distance = steadyDistance(at)
    if (distance !== null) return distance
  }
  return null
}

function steadyDistance(places: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const [index, place] of places.entries()) {
    const before = places[index - 1]
    if (before === undefined) continue
    counts.set(place - before, (counts.get(place - before) ?? 0) + 1)
  }
  for (const [distance, count] of counts) {
    const isSteady = count >= steadyShareMin * (places.length - 1)
    if (isSteady && distance > 1 && distance <= framesBytesMax) return distance
  }
  return null
}

function isMostlyOneByte(bytes: Uint8Array): boolean {
  const counts = new Uint32Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  return Math.max(...counts) > oneByteShareMax * bytes.length
}
