/**
 * Packets on their way out. Each is compared with the digest in its header before it leaves: the
 * pages of SQLite carry no checksum, and the hospital would refuse a damaged packet for ever.
 */
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { decodeHeader, encodePacket, type PacketClass } from '../../protocols/packet/packet.ts'
import { openPacket, shortHash, type OpenedPacket } from '../../protocols/packet/seal.ts'
import { outlineOf, type Outline } from '../../protocols/packet/outline.ts'
import { WaveOutliner } from '../../protocols/packet/wave-reader.ts'
import type { Again, Outgoing, OutgoingQuery, RecentRecord } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { ObjectFiles } from './objects.ts'
import type { JournalTools } from './seal-tools.ts'
import type { Stream } from './streams.ts'

/** Of each chain, by its stream and its key packet. */
type Chains = Map<string, ReadonlyMap<number, readonly Outline[]>>

export interface PacketRow {
  readonly id: number
  readonly stream: number
  readonly seq: number
  readonly class: number
  readonly header: Uint8Array
  readonly signature: Uint8Array | null
  readonly body: Uint8Array | null
  /** null when it does not wait for a receipt. */
  readonly waits: number | null
}

/**
 * What was asked for, and what of it turned out to be unreadable although it waits for a receipt.
 */
export interface Read<T> {
  readonly found: T
  readonly damaged: readonly Damaged[]
}

export interface Damaged {
  readonly stream: Stream
  readonly seq: number
}

const classes: readonly PacketClass[] = [0, 1, 2, 3, 4, 5, 6]

/** The classes in which something waits behind the id that is given for each. */
const classesWaiting = classes
  .map(
    (number) =>
      `SELECT ${number} WHERE EXISTS (SELECT 1 FROM unreceipted WHERE class = ${number} AND id > ?)`,
  )
  .join(' UNION ALL ')

/** An answer never takes more memory than this and one packet, whatever is asked for. */
export const answerLimitBytes = 8_388_608
export const answerLimitCount = 4_096

const columns = 'packets.id, packets.stream, packets.seq, packets.class, header, signature, body'

export class PacketReader {
  readonly #streams
  readonly #objects: ObjectFiles
  readonly #tools: JournalTools
  readonly #waiting
  readonly #outgoing
  readonly #again
  readonly #recent

  constructor(ledger: Ledger, objects: ObjectFiles, tools: JournalTools) {
    const { db } = ledger
    this.#streams = ledger.streams
    this.#objects = objects
    this.#tools = tools
    this.#waiting = db.prepare<number[], PacketClass>(classesWaiting).pluck()
    this.#outgoing = db.prepare<[number, number, number], PacketRow>(
      `SELECT ${columns}, 1 AS waits
       FROM unreceipted CROSS JOIN packets ON packets.id = unreceipted.id
       WHERE unreceipted.class = ? AND unreceipted.id > ?
       ORDER BY unreceipted.id LIMIT ?`,
    )
    const left = 'LEFT JOIN unreceipted USING (stream, seq)'
    this.#again = db.prepare<[number, number, number], PacketRow>(
      `SELECT ${columns}, unreceipted.id AS waits FROM packets ${left}
       WHERE packets.stream = ? AND packets.seq BETWEEN ? AND ?
       ORDER BY packets.seq`,
    )
    this.#recent = db.prepare<[number], PacketRow>(
      `SELECT ${columns}, unreceipted.id AS waits FROM packets ${left}
       WHERE listed = 1 ORDER BY packets.id DESC LIMIT ?`,
    )
  }

  outgoing(query: OutgoingQuery): Read<readonly Outgoing[]> {
    const answer = new Answer(query.limitCount, query.limitBytes)
    // Asked several times a second, and mostly there is nothing.
    const waiting = this.#waiting.all(...classes.map((number) => query.after[number] ?? 0))
    for (const number of classes) {
      if (!waiting.includes(number)) continue
      if (answer.isFull) break
      const after = query.after[number] ?? 0
      for (const row of this.#outgoing.iterate(number, after, answer.roomCount)) {
        const packet = this.#read(row)
        if (packet === null) answer.damaged.push(this.#name(row))
        else if (!answer.takes(packet)) break
      }
    }
    return { found: answer.packets, damaged: answer.damaged }
  }

  again(epoch: string, streamName: string, range: SeqRange, limit: number): Read<Again> {
    const stream = this.#streams.find(epoch, streamName)
    const last = Math.min(range.to, (stream?.nextSeq ?? 0) - 1)
    const answer = new Answer(limit, answerLimitBytes)
    const lost: SeqRange[] = []
    let next = range.from
    if (stream !== null) {
      for (const row of this.#again.iterate(stream.id, range.from, last)) {
        if (answer.isFull) break
        const packet = this.#read(row)
        if (packet !== null && !answer.takes(packet)) break
        addLost(lost, next, packet === null ? row.seq : row.seq - 1)
        if (packet === null && row.waits !== null) answer.damaged.push({ stream, seq: row.seq })
        next = row.seq + 1
      }
    }
    const more = answer.isFull && next <= last
    if (!more) addLost(lost, next, last)
    return { found: { packets: answer.packets, lost, more }, damaged: answer.damaged }
  }

  recent(limit: number): readonly RecentRecord[] {
    const found: RecentRecord[] = []
    const chains: Chains = new Map()
    for (const row of this.#recent.all(Math.min(limit, answerLimitCount))) {
      const opened = this.#open(row)
      if (opened === null) continue
      const { epoch, stream } = opened.header
      const shown = { id: row.id, epoch, seq: row.seq, receipted: row.waits === null }
      for (const record of this.#outlines(row, opened, chains).toReversed()) {
        if (found.length < limit) found.push({ stream, record, packet: shown })
      }
      if (found.length >= limit) break
    }
    return found
  }

  #outlines(row: PacketRow, { header, content }: OpenedPacket, chains: Chains): readonly Outline[] {
    if (content.kind === 'records') return content.records.map(outlineOf)
    if (content.kind === 'chunk') return []
    const keySeq = row.seq - (header.keyDistance ?? 0)
    const name = `${row.stream} ${keySeq}`
    const chain = chains.get(name) ?? this.#chain(row, keySeq)
    // The newest packet of a chain comes first, and brings all that are before it.
    chains.set(name, chain)
    return chain.get(row.seq) ?? []
  }

  /** What the packets of a chain hold, by their number, up to this one. */
  #chain(row: PacketRow, keySeq: number): ReadonlyMap<number, readonly Outline[]> {
    const outliner = new WaveOutliner()
    const outlines = new Map<number, readonly Outline[]>()
    for (const one of this.#again.all(row.stream, keySeq, row.seq)) {
      const opened = this.#open(one)
      if (opened?.content.kind !== 'waves') continue
      const waves = outliner.read(opened.header, opened.content.body)
      if (waves.ok) outlines.set(one.seq, waves.value)
    }
    return outlines
  }

  #open(row: PacketRow): OpenedPacket | null {
    const packet = this.#read(row)
    const opened = packet === null ? null : openPacket(packet.bytes, this.#tools)
    return opened?.ok === true ? opened.value : null
  }

  #name(row: PacketRow): Damaged {
    return { stream: this.#streams.byId(row.stream), seq: row.seq }
  }

  /** null when it is not what was sealed. */
  #read(row: PacketRow): Outgoing | null {
    const { epoch, name } = this.#streams.byId(row.stream)
    const { signature } = row
    const header = decodeHeader(row.header)
    if (!header.ok) return null
    const { chunk, sizeBytes, digest } = header.value
    if (header.value.epoch !== epoch || header.value.stream !== name) return null
    if (header.value.seq !== row.seq || (chunk === null) !== (row.body !== null)) return null
    const body = row.body ?? (chunk && this.#objects.chunk(chunk.sha256, chunk.offset, sizeBytes))
    if (body === null) return null
    const plain = chunk === null ? this.#unpack(body, sizeBytes) : body
    if (plain?.length !== sizeBytes) return null
    if (!sameBytes(shortHash(plain, this.#tools.sha256), digest)) return null
    const bytes = encodePacket({ header: row.header, body, signature })
    return {
      id: row.id,
      epoch,
      stream: name,
      seq: row.seq,
      class: row.class as PacketClass,
      bytes,
    }
  }

  #unpack(body: Uint8Array, sizeBytes: number): Uint8Array | null {
    try {
      return this.#tools.decompress(body, sizeBytes)
    } catch {
      return null
    }
  }
}

/** Packets up to a count and a size; the first always fits, so that a large one is not stuck. */
class Answer {
  readonly packets: Outgoing[] = []
  readonly damaged: Damaged[] = []
  readonly #limitCount: number
  readonly #limitBytes: number
  #bytes = 0
  #refused = false

  constructor(limitCount: number, limitBytes: number) {
    this.#limitCount = Math.min(limitCount, answerLimitCount)
    this.#limitBytes = Math.min(limitBytes, answerLimitBytes)
  }

  get roomCount(): number {
    return Math.max(0, this.#limitCount - this.packets.length)
  }

  get isFull(): boolean {
    return this.#refused || this.roomCount === 0
  }

  /** False when it no longer fits, and then nothing will. */
  takes(packet: Outgoing): boolean {
    const bytes = this.#bytes + packet.bytes.length
    if (this.packets.length > 0 && bytes > this.#limitBytes) this.#refused = true
    if (this.isFull) return false
    this.packets.push(packet)
    this.#bytes = bytes
    return true
  }
}

function addLost(lost: SeqRange[], from: number, to: number): void {
  if (from > to) return
  const before = lost.at(-1)
  if (before?.to === from - 1) lost[lost.length - 1] = { from: before.from, to }
  else lost.push({ from, to })
}
