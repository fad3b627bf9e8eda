/**
 * A database that SQLite refuses, read page by page: every leaf of every table, whether a tree
 * still
 * leads there or not. Rows that were deleted may come up again, and rows may be nonsense: whoever
 * reads them must recognise and verify what it takes.
 *
 *   leaf page   0d · first free · count (2) · content (2) · fragments · count times offset (2) · cells
 *   cell        payload size (varint) · rowid (varint) · payload · first overflow page (4), if any
 *   overflow    next page (4) · payload
 *   payload     header size (varint) · one type a column (varint) · values
 *
 * Page 1 begins with 100 bytes of its own. Source: "Database File Format",
 * sqlite.org/fileformat2.html,
 * sections 1.6, 1.5 and 2.1.
 */
import { codeOf } from './failures.ts'
import type { Files } from './files.ts'
import type { LogPages } from './wal.ts'

export type RawValue = null | number | string | Uint8Array

export interface RawRow {
  readonly rowid: number
  readonly values: readonly RawValue[]
}

const pageBytes = 4_096
const fileHeaderBytes = 100
const leafTable = 0x0d
const interiorTable = 0x05
/** No row of ours is larger: a body and a header with their limits. */
const payloadLimitBytes = 524_288
const columnsMax = 32
const treeDepthMax = 20

const localMax = pageBytes - 35
const localMin = Math.floor(((pageBytes - 12) * 32) / 255) - 23

export class Wreck {
  readonly #path: string
  readonly #logPath: string
  readonly #files: Files
  readonly #log: LogPages
  readonly #pageCount: number

  constructor(path: string, logPath: string, log: LogPages, files: Files) {
    this.#path = path
    this.#logPath = logPath
    this.#files = files
    this.#log = log
    const inFile = Math.ceil((files.sizeOf(path) ?? 0) / pageBytes)
    this.#pageCount = [...log.pages.keys()].reduce((most, page) => Math.max(most, page), inFile)
  }

  *rows(): Generator<RawRow> {
    for (let number = 1; number <= this.#pageCount; number++) {
      const page = this.#page(number)
      if (page !== null) yield* this.#rowsOf(page, number)
    }
  }

  /** Rows to which the tree of a table leads now: none that were deleted, none of lost pages. */
  *rowsOfTree(root: number, depth = 0): Generator<RawRow> {
    const page = this.#page(root)
    if (page === null || root < 2 || depth > treeDepthMax) return
    if (page[0] === leafTable) return yield* this.#rowsOf(page, root)
    for (const child of childrenOf(page) ?? []) yield* this.rowsOfTree(child, depth + 1)
  }

  /** Whether all pages of a table are what they should be. `root` is its root page. */
  treeIsWhole(root: number, depth = 0): boolean {
    const page = this.#page(root)
    if (page === null || root < 2 || depth > treeDepthMax) return false
    const view = viewOf(page)
    const count = view.getUint16(3)
    if (page[0] === leafTable) return [...this.#rowsOf(page, root)].length === count
    return childrenOf(page)?.every((child) => this.treeIsWhole(child, depth + 1)) ?? false
  }

  /**
   * null when it cannot be read. A page that the file does not wholly hold is filled with zeros.
   */
  #page(number: number): Uint8Array | null {
    const offset = this.#log.pages.get(number)
    try {
      const bytes =
        offset === undefined
          ? this.#files.read(this.#path, (number - 1) * pageBytes, pageBytes)
          : this.#files.read(this.#logPath, offset, pageBytes)
      if (bytes.length === pageBytes) return bytes
      const filled = new Uint8Array(pageBytes)
      filled.set(bytes)
      return filled
    } catch (error) {
      if (['EIO', 'ENOENT'].includes(codeOf(error))) return null
      throw error
    }
  }

  *#rowsOf(page: Uint8Array, number: number): Generator<RawRow> {
    const start = number === 1 ? fileHeaderBytes : 0
    if (page[start] !== leafTable) return
    const view = viewOf(page)
    const count = view.getUint16(start + 3)
    if (start + 8 + count * 2 > pageBytes) return
    for (let index = 0; index < count; index++) {
      const row = this.#rowAt(page, view.getUint16(start + 8 + index * 2))
      if (row !== null) yield row
    }
  }

  #rowAt(page: Uint8Array, offset: number): RawRow | null {
    const cursor = new Cursor(page, offset)
    const size = cursor.varint()
    const rowid = cursor.varint()
    if (size === null || rowid === null || size > payloadLimitBytes) return null
    const payload = this.#payload(page, cursor.at, size)
    const values = payload === null ? null : valuesOf(payload)
    return values === null ? null : { rowid, values }
  }

  #payload(page: Uint8Array, offset: number, size: number): Uint8Array | null {
    const local = localBytes(size)
    if (offset + local + (local < size ? 4 : 0) > pageBytes) return null
    const payload = new Uint8Array(size)
    payload.set(page.subarray(offset, offset + local))
    let filled = local
    let next = local < size ? viewOf(page).getUint32(offset + local) : 0
    while (filled < size) {
      const overflow = next < 2 || next > this.#pageCount ? null : this.#page(next)
      if (overflow === null) return null
      const part = overflow.subarray(4, 4 + Math.min(size - filled, pageBytes - 4))
      payload.set(part, filled)
      filled += part.length
      next = viewOf(overflow).getUint32(0)
    }
    return payload
  }
}

/** The pages below an interior page of a table; null when it is none. */
function childrenOf(page: Uint8Array): readonly number[] | null {
  const view = viewOf(page)
  const count = view.getUint16(3)
  if (page[0] !== interiorTable || 12 + count * 2 > pageBytes) return null
  const children: number[] = []
  for (let index = 0; index < count; index++) {
    const at = view.getUint16(12 + index * 2)
    if (at + 4 > pageBytes) return null
    children.push(view.getUint32(at))
  }
  return [...children, view.getUint32(8)]
}

/** How much of a payload lies in its leaf. */
function localBytes(size: number): number {
  if (size <= localMax) return size
  const rest = localMin + ((size - localMin) % (pageBytes - 4))
  return rest <= localMax ? rest : localMin
}

function valuesOf(payload: Uint8Array): RawValue[] | null {
  const header = new Cursor(payload, 0)
  const headerBytes = header.varint()
  if (headerBytes === null || headerBytes > payload.length) return null
  const types: number[] = []
  while (header.at < headerBytes) {
    const type = header.varint()
    if (type === null || types.length >= columnsMax) return null
    types.push(type)
  }
  let at = headerBytes
  const values: RawValue[] = []
  for (const type of types) {
    const length = lengthOf(type)
    if (length === null || at + length > payload.length) return null
    values.push(valueOf(type, payload.subarray(at, at + length)))
    at += length
  }
  return values
}

const fixedLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

/** null for the types that are reserved. */
function lengthOf(type: number): number | null {
  return type < 12 ? (fixedLengths[type] ?? null) : Math.floor((type - 12) / 2)
}

function valueOf(type: number, bytes: Uint8Array): RawValue {
  if (type === 0) return null
  if (type >= 12) return type % 2 === 0 ? bytes.slice() : new TextDecoder().decode(bytes)
  if (type === 7) return viewOf(bytes).getFloat64(0)
  if (type >= 8) return type - 8
  // Two's complement, big-endian.
  let value = (bytes[0] ?? 0) >= 0x80 ? -1 : 0
  for (const byte of bytes) value = value * 256 + byte
  return value
}

class Cursor {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** null past the end, and for numbers that a double does not hold. */
  varint(): number | null {
    let value = 0
    for (let width = 1; width <= 9; width++) {
      const byte = this.#bytes[this.at]
      if (byte === undefined) return null
      this.at++
      value = width === 9 ? value * 256 + byte : value * 128 + (byte & 0x7f)
      if (width < 9 && byte < 0x80) break
    }
    return Number.isSafeInteger(value) ? value : null
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
