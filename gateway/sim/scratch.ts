/** The disks of a simulated world: folders that are copied as they lie, as after `kill -9`. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../../protocols/world/random.ts'

/**
 * A disk in memory: what is tested here is what happens between two writes, not how long one takes.
 */
const memoryFolder = '/dev/shm'
const blockBytes = 4_096
/** Of SQLite's write-ahead log: its header, and a frame with its page. */
const logHeaderBytes = 32
const frameBytes = 24 + 4_096

/** Locks die with their process, and the index of a log is made anew by the first who opens it. */
const leftBehind = /\.lock(-wal|-journal)?$|-shm$/

export class Scratch {
  readonly root: string
  #count = 0

  /** Within `base`; by default where it is fast. */
  constructor(base: string = existsSync(memoryFolder) ? memoryFolder : tmpdir()) {
    this.root = mkdtempSync(join(base, 'simpul-sim-'))
  }

  /** A new, empty one. */
  folder(name: string): string {
    const path = join(this.root, `${name}-${this.#count++}`)
    mkdirSync(path)
    return path
  }

  /** Everything as it lies at this moment, in a new folder. */
  copyOf(folder: string, name: string): string {
    const copy = this.folder(name)
    copyTree(folder, copy)
    return copy
  }

  /** Nobody needs it any more. */
  discard(folder: string): void {
    rmSync(folder, { recursive: true, force: true })
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/**
 * Power that goes while a log is written. Of the blocks that the next commit changes, the log
 * `torn`
 * gets some from `after`, in no order; what lies before was on the disk when that commit began.
 */
export function tearLog(torn: string, after: string, random: Random): void {
  const before = readIfThere(torn)
  const written = readIfThere(after)
  const header = written.subarray(0, logHeaderBytes)
  const end = endOfNextCommit(before, written)
  const result = Buffer.alloc(Math.max(before.length, end))
  before.copy(result)
  // SQLite waits until the header is on the disk before it writes frames behind it.
  header.copy(result)
  let length = Math.max(before.length, header.length)
  for (let at = 0; at < end; at += blockBytes) {
    const block = written.subarray(at, Math.min(end, at + blockBytes))
    if (block.equals(before.subarray(at, at + block.length))) continue
    if (random.below(2) === 0) continue
    block.copy(result, at)
    length = Math.max(length, at + block.length)
  }
  writeFileSync(torn, result.subarray(0, length))
}

/** Where the first commit ends that one log has and the other has not. */
function endOfNextCommit(before: Buffer, after: Buffer): number {
  const isSameLog = before.subarray(0, logHeaderBytes).equals(after.subarray(0, logHeaderBytes))
  for (let at = logHeaderBytes; at + frameBytes <= after.length; at += frameBytes) {
    const frame = after.subarray(at, at + frameBytes)
    if (isSameLog && frame.equals(before.subarray(at, at + frameBytes))) continue
    const pagesAfterCommit = frame.readUInt32BE(4)
    if (pagesAfterCommit !== 0) return at + frameBytes
  }
  return after.length
}

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
}

function copyTree(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (leftBehind.test(entry.name)) continue
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) {
      mkdirSync(target)
      copyTree(source, target)
    } else copyFileSync(source, target)
  }
}
