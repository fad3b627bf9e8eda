/**
 * CBOR as this wire uses it. Source: RFC 8949; writers follow its core deterministic encoding
 * (section 4.2.1), readers insist on definite and shortest lengths and integers, on unique keys and
 * on valid UTF-8, and know no tags, no undefined, no NaN and no infinity.
 */
import { decode, encode, Tokenizer, Type } from 'cborg'
import type { Token } from 'cborg'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { plainBytes } from './hex.ts'

/** How deep lists and maps may lie in each other. Ours need 5. */
export const nestingMax = 8
/** How many items one message may have, counted at every depth: bounds what decoding allocates. */
export const itemsMax = 250_000

/**
 * Maps are written with sorted keys, numbers in their shortest form, -0 as 0. The bytes lie in a
 * buffer of their own, so that a thread may hand it over.
 */
export function encodeCbor(value: unknown): Uint8Array {
  return plainBytes(encode(value)).slice()
}

/** Maps come as `Map`, byte strings as copies. Integers beyond 2^53 are refused. */
export function decodeCbor(bytes: Uint8Array): Decoded<unknown> {
  const plain = plainBytes(bytes)
  try {
    const tokenizer = new BoundedTokenizer(plain, options)
    const value: unknown = decode(plain, { ...options, tokenizer })
    return decoded(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // The decoder quotes a repeated key, which may be anything.
    return undecoded(reason.replace(/".*"/s, 'of some text'))
  }
}

const options = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
} as const

class BoundedTokenizer extends Tokenizer {
  #items = 0
  /** Items still to come in each list or map that is open. */
  readonly #open: number[] = []

  override next(): Token {
    const token = super.next()
    this.#items++
    if (this.#items > itemsMax) throw new Error(`expected at most ${itemsMax} items, found more`)
    if (Type.equals(token.type, Type.string)) this.#restoreText(token)
    this.#descend(token)
    return token
  }

  #descend(token: Token): void {
    const top = this.#open.length - 1
    if (top >= 0) this.#open[top] = (this.#open[top] ?? 0) - 1
    const isMap = Type.equals(token.type, Type.map)
    if (isMap || Type.equals(token.type, Type.array)) {
      this.#open.push(Number(token.value) * (isMap ? 2 : 1))
      if (this.#open.length > nestingMax) {
        throw new Error(`expected a nesting of at most ${nestingMax}, found a deeper one`)
      }
    }
    while (this.#open.at(-1) === 0) this.#open.pop()
  }

  /** The text decoder below replaces broken UTF-8 silently and swallows a byte order mark. */
  #restoreText(token: Token): void {
    const end = this.pos()
    const text = String(token.value)
    // What the head of the item takes is not told, but follows from the length that it stands for.
    const whole = token.encodedLength ?? 0
    const head = whole <= 24 ? 1 : whole <= 257 ? 2 : whole <= 65_538 ? 3 : 5
    const bytes = this.data.subarray(end - whole + head, end)
    if (!isUtf8(bytes)) throw new Error('expected text in UTF-8, found a broken sequence')
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) token.value = `\uFEFF${text}`
  }
}

/** RFC 3629, section 4. */
export function isUtf8(bytes: Uint8Array): boolean {
  let index = 0
  while (index < bytes.length) {
    const lead = bytes[index] ?? 0
    index++
    if (lead < 0x80) continue
    const tail = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
    if (lead < 0xc2 || lead > 0xf4) return false
    for (let step = 0; step < tail; step++, index++) {
      // Past the end there is no byte, and 0 is not a continuation.
      const byte = bytes[index] ?? 0
      const low = step > 0 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
      const high = step > 0 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
      if (byte < low || byte > high) return false
    }
  }
  return true
}

/** Bytes that a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
