/**
 * Carrying what a damaged database still holds into a new one. Packets keep their identity and
 * their
 * bytes: the hospital may have some of them without our knowing, and recognises them by their
 * number.
 * So do records that were not sealed yet: they become the packet for which they were stored.
 */
import { decodeRecord, decodeRecords } from '../../protocols/packet/body.ts'
import { recordLimitBytes } from '../../protocols/packet/limits.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Image, Record } from '../../protocols/packet/record.ts'
import { carries, parseStream } from '../../protocols/packet/topics.ts'
import { classOf, hasObject, repeats, type ObjectRecord } from './kinds.ts'
import { KnownObjects } from './known-objects.ts'
import { KnownRemains } from './known-remains.ts'
import type { Ledger } from './ledger.ts'
import { ObjectTable } from './object-table.ts'
import type { ObjectFiles } from './objects.ts'
import { PacketTable, wireBytesOf } from './packet-table.ts'
import {
  packetOf,
  type RemainingEpoch,
  type RemainingPacket,
  type RemainingTailRow,
  type Remains,
} from './remains.ts'
import type { Sealer } from './sealing.ts'
import type { JournalTools } from './seal-tools.ts'
import type { Stream } from './streams.ts'
import type { Wreck } from './wreck.ts'

/** Packets of the old numbers that are gone for ever. */
export interface LostRange extends SeqRange {
  readonly epoch: string
  readonly stream: string
  readonly reason: string
}

interface SeenObject {
  readonly sha256: string
  readonly sizeBytes: number
  /** The record, where it is that of an image. */
  readonly image: Image | null
}

export interface CarryingParts {
  readonly ledger: Ledger
  readonly sealer: Sealer
  readonly objects: ObjectFiles
  readonly tools: JournalTools
  readonly wreck: Wreck
  readonly remains: Remains
}

/** Rows in one transaction: bounds the log of the new database. */
const rowsPerChange = 512
/** A larger rowid is not one of ours, and would leave no room above it. */
const idMax = 2 ** 40
const bytesPerChange = 8_388_608

export class Carrying {
  readonly known = new KnownObjects()
  /** Of what visits are about: how many records may have been lost. */
  doubtful = 0
  readonly #parts: CarryingParts
  readonly #packets: PacketTable
  readonly #objects: ObjectTable
  readonly #hasId
  /** Numbers of each stream that are accounted for. */
  readonly #numbers = new Map<Stream, RangeSet>()
  /** Row of a stream in the damaged database to the stream in the new one. */
  readonly #streams = new Map<number, Stream>()
  /** Streams of whose open end not all could be read. */
  readonly #brokenEnds = new Set<Stream>()
  readonly #visits: KnownRemains

  constructor(parts: CarryingParts) {
    const { ledger } = parts
    this.#parts = parts
    this.#visits = new KnownRemains(parts.tools)
    this.#packets = new PacketTable(ledger)
    this.#objects = new ObjectTable(ledger)
    this.#hasId = ledger.db.prepare('SELECT 1 FROM packets WHERE id = ?')
  }

  /** Answers what is gone for ever. `nowMs` is a monotonic time. */
  carry(nowMs: number): readonly LostRange[] {
    const { ledger, remains, sealer } = this.#parts
    ledger.change(() => this.#carryStreams())
    this.#carryPackets()
    this.doubtful = ledger.change(() => this.#visits.carry(ledger, remains.known, this.#streams))
    // What is sealed from now on names the visit with which its device stood.
    sealer.visits.load()
    ledger.change(() => this.#carryTails(nowMs))
    const lost = ledger.change(() => this.#lostRanges())
    ledger.change(() => this.#carryObjects(lost))
    return lost
  }

  #carryStreams(): void {
    const { epochs, streams } = this.#parts.remains
    for (const [row, { epoch, name }] of streams) {
      const known = epochs.get(epoch)
      if (known !== undefined) this.#stream(row, known, name)
    }
  }

  /** The stream of an old row, made with what the old row said about it. */
  #stream(row: number, epoch: RemainingEpoch, name: string): Stream {
    const { ledger, remains } = this.#parts
    const known = ledger.streams.find(epoch.uuid, name)
    const stream = known ?? this.#begin(epoch, name)
    this.#streams.set(row, stream)
    const remaining = remains.streams.get(row)
    if (known !== null || remaining?.name !== name) return stream
    stream.nextSeq = remaining.nextSeq
    stream.lastHeader = remaining.lastHeader
    stream.packetsReceipted = remaining.packetsReceipted
    stream.recordsReceipted = remaining.recordsReceipted
    // What was removed after its receipt is counted by that alone; the others count as they come.
    stream.recordsSealed = remaining.recordsReceipted
    stream.receiptedThrough = remaining.receiptedThrough
    if (remaining.receiptedThrough >= 0) {
      this.#numbersOf(stream).add(0, remaining.receiptedThrough)
    }
    return stream
  }

  #begin({ uuid, van }: RemainingEpoch, name: string): Stream {
    const { ledger } = this.#parts
    ledger.db.prepare('INSERT OR IGNORE INTO epochs (uuid, van) VALUES (?, ?)').run(uuid, van)
    const stream = ledger.streams.obtain(uuid, name)
    ledger.streams.touch(stream)
    return stream
  }

  #numbersOf(stream: Stream): RangeSet {
    const known = this.#numbers.get(stream)
    if (known !== undefined) return known
    const fresh = new RangeSet()
    this.#numbers.set(stream, fresh)
    return fresh
  }

  #carryPackets(): void {
    const { wreck, tools, ledger } = this.#parts
    let waiting: RemainingPacket[] = []
    let bytes = 0
    const carryWaiting = (): void => {
      ledger.change(() => {
        for (const packet of waiting) this.#carryPacket(packet)
      })
      waiting = []
      bytes = 0
    }
    for (const row of wreck.rows()) {
      const packet = packetOf(row, tools)
      if (packet === null) continue
      waiting.push(packet)
      bytes += packet.headerBytes.length + (packet.body?.length ?? 0)
      if (waiting.length >= rowsPerChange || bytes >= bytesPerChange) carryWaiting()
    }
    carryWaiting()
  }

  #carryPacket(packet: RemainingPacket): void {
    const { header, headerBytes, signature, body } = packet
    const epoch = { uuid: header.epoch, van: header.van }
    const stream = this.#stream(packet.stream, epoch, header.stream)
    stream.class = header.class
    if (header.seq >= stream.nextSeq) stream.lastHeader = headerBytes
    stream.nextSeq = Math.max(stream.nextSeq, header.seq + 1)
    this.#parts.ledger.streams.touch(stream)
    if (!packet.isWhole) return
    if (body !== null && parseStream(header.stream)?.kind === 'visits') {
      this.#visits.see(stream, header, body)
    }
    const ref = this.#seeObject(packet)
    const numbers = this.#numbersOf(stream)
    // Receipted, or an old image of the same row.
    if (numbers.has(header.seq)) return
    numbers.add(header.seq)
    const object = ref === null ? null : this.#putObject(ref.sha256, ref.sizeBytes)
    this.#packets.insert(stream, {
      id: this.#idFor(packet.id),
      seq: header.seq,
      class: header.class,
      records: packet.records,
      object,
      headerBytes,
      signature,
      body,
      wireBytes: wireBytesOf(headerBytes, body?.length ?? header.sizeBytes, signature),
      utcMs: header.utc?.utcMs ?? null,
    })
    // Whether its device may forget it is known again when the hospital has this packet too.
    if (object !== null && ref?.image) this.#objects.instances.add(object, ref.image)
  }

  /** The same as before, so that the oldest stays the oldest, unless it cannot be. */
  #idFor(old: number): number {
    const isFree = old > 0 && old <= idMax && this.#hasId.get(old) === undefined
    return isFree ? old : this.#parts.ledger.totals.nextId
  }

  /** The object of which it is a chunk, or that its record names; null without one. */
  #seeObject(packet: RemainingPacket): SeenObject | null {
    const { header } = packet
    if (header.chunk !== null) {
      this.known.seeChunk(header)
      return { sha256: header.chunk.sha256, sizeBytes: header.chunk.totalBytes, image: null }
    }
    const record = this.#objectRecord(packet)
    if (record === null) return null
    this.known.seeRecord(header, record)
    return { ...record.object, image: record.kind === 'image' ? record : null }
  }

  #objectRecord({ header, body }: RemainingPacket): ObjectRecord | null {
    const kind = parseStream(header.stream)?.kind ?? 'object'
    if (body === null || !['document', 'image', 'rendition'].includes(kind)) return null
    const records = decodeRecords(this.#parts.tools.decompress(body, header.sizeBytes))
    const [record] = records.ok ? records.value : []
    return record !== undefined && hasObject(record) ? record : null
  }

  #putObject(sha256: string, sizeBytes: number): number {
    const isThere = this.#parts.objects.sizeOf(sha256) === sizeBytes
    return this.#objects.put(sha256, sizeBytes, isThere)
  }

  /** Records become the packet for which they were stored, if it is not known by its number. */
  #carryTails(nowMs: number): void {
    const { remains, sealer, tools } = this.#parts
    const groups = Map.groupBy(remains.tail, ({ stream, seq }) => `${stream} ${seq}`)
    for (const rows of groups.values()) {
      const [first] = rows
      const stream = first === undefined ? undefined : this.#streams.get(first.stream)
      if (first === undefined || stream === undefined || first.seq < stream.nextSeq) continue
      const { records, isWhole } = tailRecords(rows, stream.name, first.boot, tools)
      if (!isWhole) this.#brokenEnds.add(stream)
      if (records.length === 0) continue
      // What lies between is not known by anything but its absence.
      if (first.seq > stream.nextSeq) stream.lastHeader = null
      stream.nextSeq = first.seq
      const content = { kind: 'records', records } as const
      const order = { content, class: classOf(stream.name, false), boot: first.boot, object: null }
      sealer.records(stream, order, nowMs)
      this.#numbersOf(stream).add(first.seq)
    }
  }

  #lostRanges(): readonly LostRange[] {
    const { ledger, remains } = this.#parts
    const lost: LostRange[] = []
    const newest = remains.epochs.get(Math.max(...remains.epochs.keys()))
    for (const stream of ledger.streams.all()) {
      const { epoch, name } = stream
      for (const range of this.#numbersOf(stream).missingBelow(stream.nextSeq)) {
        lost.push({ epoch, stream: name, ...range, reason: 'damaged on the disk' })
      }
      const isOpen = newest === undefined || epoch === newest.uuid
      const kind = parseStream(name)?.kind
      const hasEnd = kind !== undefined && repeats(kind)
      const mayLack = !remains.tailIsWhole || this.#brokenEnds.has(stream)
      if (!mayLack || !isOpen || !hasEnd) continue
      // Behind what is left of it. Who has the packet keeps it, since the first of a number counts.
      const range = { from: stream.nextSeq, to: stream.nextSeq }
      lost.push({ epoch, stream: name, ...range, reason: 'its open end may be damaged' })
      stream.nextSeq++
      stream.lastHeader = null
      ledger.streams.touch(stream)
    }
    return lost
  }

  #carryObjects(lost: readonly LostRange[]): void {
    const { remains, ledger } = this.#parts
    // An object without packets is receipted, unless its packets are among those that are lost.
    const isSure = !lost.some(({ stream }) =>
      ['image', 'document', 'rendition', 'object'].includes(parseStream(stream)?.kind ?? ''),
    )
    const rows = new Map<number, number>()
    for (const [row, { sha256, sizeBytes }] of remains.objects) {
      const object = this.#putObject(sha256, sizeBytes)
      rows.set(row, object)
      const isPresent = this.#objects.find(sha256)?.present === 1
      if (!isSure || !isPresent || this.#objects.hasPackets(object, null)) continue
      this.#objects.release(object, ledger.totals.nextId)
      ledger.totals.nextId++
    }
    for (const { object, device, identity } of remains.records) {
      const row = rows.get(object)
      if (row !== undefined) this.#objects.recognise(row, device, identity)
    }
  }
}

function tailRecords(
  rows: readonly RemainingTailRow[],
  streamName: string,
  boot: string,
  tools: JournalTools,
): { readonly records: readonly Record[]; readonly isWhole: boolean } {
  const name = parseStream(streamName)
  const records: Record[] = []
  let bytes = 0
  for (const row of rows) {
    const encoded = unpacked(row.record, tools)
    const record = encoded === null ? null : decodeRecord(encoded)
    if (encoded === null || record?.ok !== true) continue
    const { kind } = record.value
    if (name === null || !carries(name, kind) || !repeats(kind) || row.boot !== boot) continue
    bytes += encoded.length
    if (bytes > recordLimitBytes) break
    records.push(record.value)
  }
  return { records, isWhole: records.length === rows.length }
}

function unpacked(record: Uint8Array, tools: JournalTools): Uint8Array | null {
  try {
    return tools.decompress(record, recordLimitBytes)
  } catch {
    return null
  }
}
