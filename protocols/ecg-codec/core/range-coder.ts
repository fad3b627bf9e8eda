/**
 * A binary range coder of 32 bits without carries. The range is low … high, both included, at first
 * 0 … 2^32 - 1. A bit with the probability p of being 1:
 *
 *   q = floor(p * 65536), at least 1, at most 65535
 *   middle = low + floor((high - low) * q / 65536)
 *   1: high = middle    0: low = middle + 1
 *   while low and high agree in their highest byte: that byte is put out, both move up by a byte,
 *   low filled with zeros and high with ones
 *
 * In the end the fewest bytes are put out that name a number in the range when zeros follow; zeros
 * at the end are left out. All numbers are whole and below 2^49, so that doubles hold them exactly.
 */
import { toInt } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

const word: f64 = 4294967296
const topByte: f64 = 16777216

export class RangeCoder {
  private bytes: Uint8Array = new Uint8Array(0)
  private isDecoding: boolean = false
  /** Bytes written, or there to read. */
  length: i32 = 0
  private at: i32 = 0
  private low: f64 = 0
  private high: f64 = 0
  private code: f64 = 0

  startEncoding(bytes: Uint8Array): void {
    this.bytes = bytes
    this.isDecoding = false
    this.length = 0
    this.low = 0
    this.high = word - 1
  }

  startDecoding(bytes: Uint8Array, length: i32): void {
    this.bytes = bytes
    this.isDecoding = true
    this.length = length
    this.at = 0
    this.low = 0
    this.high = word - 1
    this.code = 0
    for (let i: i32 = 0; i < 4; i++) this.code = this.code * 256 + this.nextByte()
  }

  private nextByte(): f64 {
    if (this.at >= this.length) return 0
    const byte: f64 = this.bytes[this.at] as f64
    this.at += 1
    return byte
  }

  /** Encoding, puts `bit` and answers it; decoding, ignores it and answers what was read. */
  bit(bit: i32, p: f64): i32 {
    let q: f64 = Math.floor(p * 65536)
    if (!(q >= 1)) q = 1
    if (q > 65535) q = 65535
    const middle: f64 = this.low + Math.floor(((this.high - this.low) * q) / 65536)
    let answer: i32 = bit
    if (this.isDecoding) answer = this.code <= middle ? 1 : 0
    if (answer === 1) this.high = middle
    else this.low = middle + 1
    let top: f64 = Math.floor(this.high / topByte)
    while (Math.floor(this.low / topByte) === top) {
      if (this.isDecoding) this.code = (this.code - top * topByte) * 256 + this.nextByte()
      else this.put(top)
      this.low = (this.low - top * topByte) * 256
      this.high = (this.high - top * topByte) * 256 + 255
      top = Math.floor(this.high / topByte)
    }
    return answer
  }

  /** What no longer fits is dropped: a body that fills its buffer is not used. */
  private put(byte: f64): void {
    if (this.length === this.bytes.length) return
    this.bytes[this.length] = toInt(byte)
    this.length += 1
  }

  finish(): void {
    let unit: f64 = word
    let bytes: i32 = 0
    let number: f64 = Math.ceil(this.low / unit) * unit
    while (number > this.high) {
      unit /= 256
      bytes += 1
      number = Math.ceil(this.low / unit) * unit
    }
    for (let i: i32 = 0; i < bytes; i++) {
      const top: f64 = Math.floor(number / topByte)
      this.put(top)
      number = (number - top * topByte) * 256
    }
    while (this.length > 0 && (this.bytes[this.length - 1] as i32) === 0) this.length -= 1
  }
}
