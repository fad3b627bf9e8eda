/** What the small tables of a damaged database still say. */
import { isUuid, uuidFromBytes } from '../../protocols/packet/epoch.ts'
import { sameBytes, toHex } from '../../protocols/packet/hex.ts'
import { decodeHeader, type PacketHeader } from '../../protocols/packet/packet.ts'
import { shortHash } from '../../protocols/packet/seal.ts'
import { isVanName, parseStream } from '../../protocols/packet/topics.ts'
import type { JournalTools } from './seal-tools.ts'
import type { RawRow, RawValue, Wreck } from './wreck.ts'

export interface RemainingEpoch {
  readonly uuid: string
  readonly van: string
}

export interface RemainingStream {
  readonly epoch: number
  readonly name: string
  readonly nextSeq: number
  readonly lastHeader: Uint8Array | null
  readonly packetsReceipted: number
  readonly recordsReceipted: number
  readonly receiptedThrough: number
}

export interface RemainingTailRow {
  readonly id: number
  readonly stream: number
  readonly seq: number
  readonly boot: string
  readonly record: Uint8Array
}

export interface RemainingRecord {
  readonly object: number
  readonly device: string
  readonly identity: Uint8Array
}

/** The newest record of a token, as `known` had it. */
export interface RemainingKnown {
  readonly stream: number
  readonly seq: number
  readonly record: Uint8Array
}

export interface Remains {
  readonly epochs: ReadonlyMap<number, RemainingEpoch>
  readonly streams: ReadonlyMap<number, RemainingStream>
  /** Row to SHA-256 in hex, and the size. */
  readonly objects: ReadonlyMap<number, { readonly sha256: string; readonly sizeBytes: number }>
  readonly records: readonly RemainingRecord[]
  readonly tail: readonly RemainingTailRow[]
  /** False when blocks of an open tail may be gone without a trace. */
  readonly tailIsWhole: boolean
  /** Rows to which the table still led. Not whole: there may have been others. */
  readonly known: { readonly rows: readonly RemainingKnown[]; readonly isWhole: boolean }
}

export interface RemainingPacket {
  readonly id: number
  /** Row of its stream. */
  readonly stream: number
  readonly records: number
  /** Row of its object; null without one. */
  readonly object: number | null
  readonly header: PacketHeader
  readonly headerBytes: Uint8Array
  readonly signature: Uint8Array | null
  /** null for a chunk. */
  readonly body: Uint8Array | null
  /** False when only the header can be trusted: then it is known that there was such a packet. */
  readonly isWhole: boolean
}

/** More is no journal of ours, but a page that only looks like one. */
const smallRowsMax = 1_000_000

export function readRemains(wreck: Wreck): Remains {
  const epochs = new Map<number, RemainingEpoch>()
  const streams = new Map<number, RemainingStream>()
  const objects = new Map<number, { sha256: string; sizeBytes: number }>()
  const records: RemainingRecord[] = []
  const tail = new Map<string, RemainingTailRow>()
  let tailRoot: number | null = null
  let knownRoot: number | null = null
  for (const row of wreck.rows()) {
    const { values, rowid } = row
    if (tail.size + records.length + objects.size > smallRowsMax) break
    const epoch = epochOf(values)
    if (epoch !== null) epochs.set(rowid, epoch)
    const stream = streamOf(values)
    if (stream !== null) streams.set(rowid, newerOf(streams.get(rowid), stream))
    const object = objectOf(values)
    if (object !== null) objects.set(rowid, object)
    const record = recordOf(values)
    if (record !== null) records.push(record)
    const block = tailRowOf(row)
    if (block !== null) tail.set(`${block.stream} ${block.seq} ${block.id}`, block)
    if (values[0] === 'table' && values[1] === 'tail') tailRoot = wholeNumber(values[3])
    if (values[0] === 'table' && values[1] === 'known') knownRoot = wholeNumber(values[3])
  }
  return {
    epochs,
    streams,
    objects,
    records,
    tail: [...tail.values()].sort((one, other) => one.seq - other.seq || one.id - other.id),
    tailIsWhole:
      tailRoot !== null &&
      wreck.treeIsWhole(tailRoot) &&
      [...wreck.rowsOfTree(tailRoot)].every((row) => tailRowOf(row) !== null),
    known: {
      rows: knownRoot === null ? [] : [...wreck.rowsOfTree(knownRoot)].flatMap(knownOf),
      isWhole: knownRoot !== null && wreck.treeIsWhole(knownRoot),
    },
  }
}

/** null unless the row is a packet. */
export function packetOf(row: RawRow, tools: JournalTools): RemainingPacket | null {
  const { values, rowid } = row
  const [, stream, seq, , records, , object, headerBytes, signature, body] = values
  if (values.length !== 10 || values[0] !== null) return null
  if (!isCount(stream) || !isCount(seq) || !isCount(records)) return null
  if (object !== null && !isCount(object)) return null
  if (!(headerBytes instanceof Uint8Array) || !isBlobOrNull(signature) || !isBlobOrNull(body)) {
    return null
  }
  const header = decodeHeader(headerBytes)
  if (!header.ok || header.value.seq !== seq) return null
  if ((body === null) !== (header.value.chunk !== null)) return null
  const isWhole = body === null || isBody(header.value, body, tools)
  const blobs = { headerBytes, signature, body }
  return { id: rowid, stream, records, object, header: header.value, ...blobs, isWhole }
}

function isBody(header: PacketHeader, body: Uint8Array, tools: JournalTools): boolean {
  try {
    const plain = tools.decompress(body, header.sizeBytes)
    return (
      plain.length === header.sizeBytes && sameBytes(shortHash(plain, tools.sha256), header.digest)
    )
  } catch {
    return false
  }
}

function epochOf(values: readonly RawValue[]): RemainingEpoch | null {
  const [id, uuid, van] = values
  if (values.length !== 3 || id !== null) return null
  if (typeof uuid !== 'string' || typeof van !== 'string') return null
  return isUuid(uuid) && isVanName(van) ? { uuid, van } : null
}

function streamOf(values: readonly RawValue[]): RemainingStream | null {
  const [, epoch, name, , nextSeq, lastHeader, , packetsReceipted, recordsReceipted, through] =
    values
  if (values.length !== 10 || values[0] !== null) return null
  if (typeof name !== 'string' || parseStream(name) === null || !isBlobOrNull(lastHeader)) {
    return null
  }
  if (!isCount(epoch) || !isCount(nextSeq)) return null
  if (!isCount(packetsReceipted) || !isCount(recordsReceipted)) return null
  const receiptedThrough = wholeNumber(through)
  if (receiptedThrough === null || receiptedThrough < -1 || receiptedThrough >= nextSeq) return null
  return { epoch, name, nextSeq, lastHeader, packetsReceipted, recordsReceipted, receiptedThrough }
}

/** Old images of a row can come up beside the newest: all its numbers only grow. */
function newerOf(one: RemainingStream | undefined, other: RemainingStream): RemainingStream {
  if (one === undefined || one.nextSeq < other.nextSeq) return other
  if (other.nextSeq < one.nextSeq) return one
  return one.receiptedThrough > other.receiptedThrough ? one : other
}

function objectOf(values: readonly RawValue[]): { sha256: string; sizeBytes: number } | null {
  const [id, sha256, sizeBytes, present] = values
  if (values.length !== 4 || id !== null || !isCount(sizeBytes) || !isCount(present)) return null
  if (!(sha256 instanceof Uint8Array) || sha256.length !== 32) return null
  return { sha256: toHex(sha256), sizeBytes }
}

function recordOf(values: readonly RawValue[]): RemainingRecord | null {
  const [id, object, device, identity] = values
  if (values.length !== 4 || id !== null || !isCount(object)) return null
  if (typeof device !== 'string' || !(identity instanceof Uint8Array)) return null
  return identity.length === 16 ? { object, device, identity } : null
}

function tailRowOf({ values, rowid }: RawRow): RemainingTailRow | null {
  const [id, stream, seq, boot, record] = values
  if (values.length !== 5 || id !== null || !isCount(stream) || !isCount(seq)) return null
  if (!(boot instanceof Uint8Array) || boot.length !== 16) return null
  if (!(record instanceof Uint8Array)) return null
  return { id: rowid, stream, seq, boot: uuidFromBytes(boot), record }
}

function knownOf({ values }: RawRow): readonly RemainingKnown[] {
  const [, , , , , stream, seq, , record] = values
  if (values.length !== 9 || !isCount(stream) || !isCount(seq)) return []
  return record instanceof Uint8Array ? [{ stream, seq, record }] : []
}

function isCount(value: RawValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function wholeNumber(value: RawValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

function isBlobOrNull(value: RawValue | undefined): value is Uint8Array | null {
  return value === null || value instanceof Uint8Array
}
