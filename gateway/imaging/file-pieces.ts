/** Files of any size in a thread of their own, where waiting for the disk holds up nobody. */
import { createHash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import type { ReadBytes } from '../../protocols/packed-image/packed-image.ts'

const pieceBytes = 1_048_576

/** `file` is a descriptor. Gives less than was asked for only at the end. */
export function readerOf(file: number): ReadBytes {
  return (offset, length) => {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(file, bytes, filled, length - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    return filled === length ? bytes : bytes.slice(0, filled)
  }
}

export function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, offset + written)
  }
}

/** SHA-256 in lower-case hex. */
export function hashed(read: ReadBytes): { readonly sizeBytes: number; readonly sha256: string } {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for (;;) {
    const piece = read(sizeBytes, pieceBytes)
    hash.update(piece)
    sizeBytes += piece.length
    if (piece.length < pieceBytes) return { sizeBytes, sha256: hash.digest('hex') }
  }
}
