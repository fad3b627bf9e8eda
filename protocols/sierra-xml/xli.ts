/**
 * XLI, the compression of leads in Philips ECG files. No description of the maker was found;
 * source: the open reader sierra-ecg-tools, and a file of a PageWriter TC.
 *
 *   lead | bytes u32 | 1 u16 | start s16 | LZW codes of 10 bits, highest bit first |
 *
 * The codes give the high bytes of all words, then the low bytes. The first two words are samples;
 * each further one is 64 more than what twice the last sample less the one before is too much, one
 * sample late: the header holds the first of these.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

const headerBytes = 8
const codeBits = 10
const codeMax = 2 ** codeBits - 2
const endCode = 2 ** codeBits - 1
const firstFreeCode = 256
const bias = 64

/** `samplesMax`: of one lead. */
export function decodeXli(
  bytes: Uint8Array,
  leadsMax: number,
  samplesMax: number,
): Decoded<readonly Int32Array[]> {
  const view = viewOf(bytes)
  const leads: Int32Array[] = []
  let at = 0
  while (at + headerBytes <= bytes.length && leads.length < leadsMax) {
    const length = view.getUint32(at, true)
    const start = view.getInt16(at + 6, true)
    const from = at + headerBytes
    if (from + length > bytes.length) return undecoded('a compressed lead is cut short')
    const words = decodeLzw(bytes.subarray(from, from + length), 2 * samplesMax)
    if (words === null) return undecoded('a compressed lead that cannot be')
    leads.push(samplesOf(words, start))
    at = from + length
  }
  return decoded(leads)
}

/** null when a code has no meaning, or when more comes out than `bytesMax`. */
function decodeLzw(bytes: Uint8Array, bytesMax: number): Uint8Array | null {
  // An entry is a former one and one byte more; its text is found by going back.
  const before = new Int16Array(codeMax + 1).fill(-1)
  const last = new Uint8Array(codeMax + 1)
  const lengths = new Uint32Array(codeMax + 1).fill(1)
  for (let code = 0; code < firstFreeCode; code++) last[code] = code
  const firstOf = (code: number): number => {
    let here = code
    while ((before[here] ?? -1) >= 0) here = before[here] ?? 0
    return last[here] ?? 0
  }
  const out = new Uint8Array(Math.min(bytesMax, bytes.length * codeMax))
  let length = 0
  let previous = -1
  let next = firstFreeCode
  for (const code of codesOf(bytes)) {
    if (code === endCode) break
    if (code > next || (code === next && previous < 0)) return null
    const isNew = code === next
    if (previous >= 0 && next <= codeMax) {
      before[next] = previous
      last[next] = firstOf(isNew ? previous : code)
      lengths[next] = (lengths[previous] ?? 0) + 1
      next++
    }
    const size = lengths[code] ?? 1
    if (length + size > out.length) return null
    let here = code
    for (let place = length + size - 1; place >= length; place--) {
      out[place] = last[here] ?? 0
      here = before[here] ?? 0
    }
    length += size
    previous = code
  }
  return out.subarray(0, length)
}

function* codesOf(bytes: Uint8Array): Generator<number, void, undefined> {
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xf_ffff
    bits += 8
    if (bits < codeBits) continue
    bits -= codeBits
    yield (held >> bits) & endCode
  }
}

function samplesOf(bytes: Uint8Array, start: number): Int32Array {
  const count = Math.ceil(bytes.length / 2)
  const samples = new Int32Array(count)
  for (let at = 0; at < count; at++) {
    const high = ((bytes[at] ?? 0) << 24) >> 16
    samples[at] = high | (bytes[count + at] ?? 0)
  }
  let excess = start
  for (let at = 2; at < count; at++) {
    const following = (samples[at] ?? 0) - bias
    samples[at] = 2 * (samples[at - 1] ?? 0) - (samples[at - 2] ?? 0) - excess
    excess = following
  }
  return samples
}

/** Samples of 16 bits that change little; null when one does not fit. */
export function encodeXli(leads: readonly Int32Array[]): Uint8Array | null {
  const chunks: Uint8Array[] = []
  for (const lead of leads) {
    const words = lead.map((sample, at) => {
      if (at < 2) return sample
      return at + 1 < lead.length ? excessAt(lead, at + 1) + bias : bias
    })
    const start = lead.length > 2 ? excessAt(lead, 2) : 0
    if ([...words, start].some((word) => word < -32_768 || word > 32_767)) return null
    const bytes = new Uint8Array(2 * words.length)
    for (const [at, word] of words.entries()) {
      bytes[at] = word >> 8
      bytes[words.length + at] = word
    }
    const codes = encodeLzw(bytes)
    const header = new Uint8Array(headerBytes)
    const view = viewOf(header)
    view.setUint32(0, codes.length, true)
    view.setUint16(4, 1, true)
    view.setInt16(6, start, true)
    chunks.push(header, codes)
  }
  return joinBytes(...chunks)
}

function excessAt(lead: Int32Array, at: number): number {
  return 2 * (lead[at - 1] ?? 0) - (lead[at - 2] ?? 0) - (lead[at] ?? 0)
}

function encodeLzw(bytes: Uint8Array): Uint8Array {
  const known = new Map<number, number>()
  const codes: number[] = []
  let next = firstFreeCode
  let current = -1
  for (const byte of bytes) {
    if (current < 0) {
      current = byte
      continue
    }
    const key = current * 256 + byte
    const longer = known.get(key)
    if (longer !== undefined) {
      current = longer
      continue
    }
    codes.push(current)
    if (next <= codeMax) known.set(key, next++)
    current = byte
  }
  if (current >= 0) codes.push(current)
  codes.push(endCode)
  return packed(codes)
}

/** Two more bytes than needed, as the maker's files have. */
function packed(codes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((codes.length * codeBits) / 8) + 2)
  for (const [index, code] of codes.entries()) {
    for (let bit = 0; bit < codeBits; bit++) {
      const place = index * codeBits + bit
      const isSet = (code >> (codeBits - 1 - bit)) & 1
      bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (isSet << (7 - (place & 7)))
    }
  }
  return bytes
}
