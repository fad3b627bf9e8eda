/**
 * SQLite's write-ahead log as it lies on the disk, read without SQLite, which takes the first frame
 * that does not fit for the end and says nothing.
 *
 *   header  magic 0x377f0682 or …83 · 3007000 · page size · checkpoint · salt 1 · salt 2 · sum 1 · sum 2
 *   frame   page number · pages after commit, or 0 · salt 1 · salt 2 · sum 1 · sum 2 · the page
 *
 * Words of 32 bits, big-endian. Each sum continues the one before it. Source: "WAL-mode file
 * format",
 * sqlite.org/walformat.html.
 */
import type { Files } from './files.ts'

export interface LogPages {
  /** Page number to the offset of its newest image in the log. */
  readonly pages: ReadonlyMap<number, number>
  /**
   * True when commits lie behind a frame that does not fit. Each commit waits for the disk, so
   * whatever another commit follows was once there as it should be.
   */
  readonly damaged: boolean
}

const headerBytes = 32
const frameHeaderBytes = 24
const pageBytes = 4_096
const frameBytes = frameHeaderBytes + pageBytes
const version = 3_007_000

type Sums = readonly [number, number]

interface Frame {
  readonly page: number
  readonly isCommit: boolean
  /** Same generation as the header. Older ones lie behind the end of the log. */
  readonly isCurrent: boolean
  readonly stored: Sums
  readonly bytes: Uint8Array
}

/** An absent log has no pages and no damage. */
export function readLog(path: string, files: Files): LogPages {
  const pages = new Map<number, number>()
  const sizeBytes = files.sizeOf(path) ?? 0
  if (sizeBytes <= headerBytes) return { pages, damaged: false }
  const header = new DataView(files.read(path, 0, headerBytes).buffer)
  // Never synced, so nothing in it was ever confirmed.
  if (isZero(header)) return { pages, damaged: false }
  const bigEndian = (header.getUint32(0) & 1) === 1
  let before: Sums = [header.getUint32(24), header.getUint32(28)]
  const isSound = headerIsSound(header, bigEndian, before)
  let isWhole = true
  let commitBehindHole = false
  let damaged = !isSound
  for (let at = headerBytes; at + frameBytes <= sizeBytes; at += frameBytes) {
    const frame = frameOf(files.read(path, at, frameBytes), header)
    const fits = frame.isCurrent && sumsFit(frame, before, bigEndian)
    if (fits) {
      pages.set(frame.page, at + frameHeaderBytes)
      if (commitBehindHole) damaged = true
      commitBehindHole = !isWhole && frame.isCommit
    } else {
      isWhole = false
      commitBehindHole = false
    }
    before = frame.stored
  }
  return { pages, damaged }
}

function isZero(view: DataView): boolean {
  for (let at = 0; at < view.byteLength; at++) if (view.getUint8(at) !== 0) return false
  return true
}

function headerIsSound(header: DataView, bigEndian: boolean, stored: Sums): boolean {
  const magic = header.getUint32(0)
  if (magic !== 0x377f_0682 && magic !== 0x377f_0683) return false
  if (header.getUint32(4) !== version || header.getUint32(8) !== pageBytes) return false
  return same(sumsOver(header, 0, 24, [0, 0], bigEndian), stored)
}

function frameOf(bytes: Uint8Array, header: DataView): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    page: view.getUint32(0),
    isCommit: view.getUint32(4) !== 0,
    isCurrent:
      view.getUint32(8) === header.getUint32(16) && view.getUint32(12) === header.getUint32(20),
    stored: [view.getUint32(16), view.getUint32(20)],
    bytes,
  }
}

function sumsFit(frame: Frame, before: Sums, bigEndian: boolean): boolean {
  const { buffer, byteOffset, byteLength } = frame.bytes
  const view = new DataView(buffer, byteOffset, byteLength)
  const head = sumsOver(view, 0, 8, before, bigEndian)
  return same(sumsOver(view, frameHeaderBytes, frameBytes, head, bigEndian), frame.stored)
}

function sumsOver(view: DataView, from: number, to: number, seed: Sums, bigEndian: boolean): Sums {
  let [one, two] = seed
  for (let at = from; at < to; at += 8) {
    one = (one + view.getUint32(at, !bigEndian) + two) >>> 0
    two = (two + view.getUint32(at + 4, !bigEndian) + one) >>> 0
  }
  return [one, two]
}

function same(one: Sums, other: Sums): boolean {
  return one[0] === other[0] && one[1] === other[1]
}
