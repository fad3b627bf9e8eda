/** Writes the file that a packed one carries, and compares its hash. */
import { createHash } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { openHtj2k, openJpegLs } from '../../protocols/frame-codec/frame-codec.ts'
import {
  frameBytesOf,
  openPackage,
  restore,
  type DecodeFrame,
  type ReadBytes,
} from '../../protocols/packed-image/packed-image.ts'
import { toHex } from '../../protocols/packet/hex.ts'
import { unzstd } from '../open-tools.ts'

/** What came of it. A reason is in words, and says nothing of what is in the file. */
export type Restored =
  | { readonly ok: true; readonly sha256: string; readonly sizeBytes: number }
  | { readonly ok: false; readonly reason: string }

/** The decoders of frames. Their memory is not given back while the thread lives. */
export async function openDecoders(): Promise<DecodeFrame> {
  const [htj2k, jpegLs] = await Promise.all([openHtj2k(), openJpegLs()])
  return (coded, coding, shape) => {
    if (coding === 'htj2k') return htj2k.decode(coded, shape)
    if (coding === 'jpeg-ls') return jpegLs.decode(coded, shape)
    try {
      return unzstd(coded, frameBytesOf(shape))
    } catch {
      return null
    }
  }
}

/** The bytes are on the disk when it answers `ok`; else nothing is at `target`. */
export function restoreFile(packed: string, target: string, decodeFrame: DecodeFrame): Restored {
  let isDone = false
  const from = openSync(packed, constants.O_RDONLY)
  try {
    const opened = openPackage(readerOf(from))
    if (!opened.ok) return opened
    const { sha256, sizeBytes } = opened.value.header
    const wanted = toHex(sha256)
    const to = openSync(target, 'w', 0o640)
    try {
      const hash = createHash('sha256')
      const pieces = restore(opened.value, readerOf(from), decodeFrame)
      let next = pieces.next()
      for (; next.done !== true; next = pieces.next()) {
        hash.update(next.value)
        writeAll(to, next.value)
      }
      if (next.value !== null) return { ok: false, reason: next.value }
      if (hash.digest('hex') !== wanted) return { ok: false, reason: 'it is another file' }
      fsyncSync(to)
      isDone = true
      return { ok: true, sha256: wanted, sizeBytes }
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
    if (!isDone) rmSync(target, { force: true })
  }
}

function readerOf(file: number): ReadBytes {
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

function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}
