/** Reads packets out of the database again, for replays and for those who get records passed on. */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import {
  decodeHeader,
  encodePacket,
  type DecodedPacket,
  type PacketHeader,
} from '../../protocols/packet/packet.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { SqliteDatabase } from './database.ts'
import type { Objects } from './objects.ts'
import type { StreamState } from './streams.ts'

interface PacketRow {
  readonly seq: number
  readonly header: Uint8Array
  readonly body: Uint8Array | null
  readonly signature: Uint8Array | null
}

export interface ReplayLimits {
  readonly count: number
  readonly bytes: number
  readonly lost: number
}

export interface Replay {
  /** As they came from the van, lowest number first. */
  readonly packets: readonly Uint8Array[]
  readonly lost: readonly SeqRange[]
  /** The range goes on after the last number that is named here. */
  readonly more: boolean
}

export class Reader {
  readonly #objects: Objects
  readonly #from
  readonly #chunks

  constructor(database: SqliteDatabase, objects: Objects) {
    this.#objects = objects
    this.#from = database.prepare<[number, number, number], PacketRow>(
      `SELECT seq, header, body, signature FROM packet
       WHERE stream_id = ? AND seq BETWEEN ? AND ? ORDER BY seq`,
    )
    this.#chunks = database.prepare<
      [{ readonly sha256: string }],
      { readonly streamId: number; readonly seq: number }
    >(
      `SELECT c.stream_id AS streamId, c.seq FROM chunk c JOIN object o ON o.id = c.object_id
       WHERE o.sha256 = @sha256 OR o.id IN (SELECT carrier FROM carried WHERE sha256 = @sha256) ORDER BY c.stream_id, c.seq`,
    )
  }

  /** What is here of a range. At least one packet when there is any, whatever its size. */
  replay(state: StreamState, range: SeqRange, limits: ReplayLimits): Replay {
    const packets: Uint8Array[] = []
    let bytes = 0
    let covered = range.to
    for (const row of this.#from.iterate(state.id, range.from, range.to)) {
      const packet = this.#wire(state.van, row)
      if (packet === null) continue
      const tooMuch = bytes + packet.length > limits.bytes && packets.length > 0
      if (tooMuch || packets.length >= limits.count) {
        covered = row.seq - 1
        break
      }
      packets.push(packet)
      bytes += packet.length
    }
    const lost = lostWithin(state, range.from, covered, limits.lost + 1)
    const cut = lost[limits.lost]
    if (cut === undefined) return { packets, lost, more: covered < range.to }
    // Too many losses for one answer: it ends before the first that has no place.
    return { ...this.replay(state, { from: range.from, to: cut.from - 1 }, limits), more: true }
  }

  #wire(van: string, row: PacketRow): Uint8Array | null {
    const packet = this.#whole(van, row)
    if (packet === null) return null
    const { headerBytes, body, signature } = packet
    return encodePacket({ header: headerBytes, body, signature })
  }

  #whole(van: string, row: PacketRow): DecodedPacket | null {
    const headerBytes = new Uint8Array(row.header)
    const header = decodeHeader(headerBytes)
    if (!header.ok) return null
    const body = row.body === null ? this.#chunk(van, header.value) : new Uint8Array(row.body)
    if (body === null) return null
    const signature = row.signature === null ? null : new Uint8Array(row.signature)
    return { headerBytes, header: header.value, body, signature }
  }

  #chunk(van: string, { chunk, sizeBytes }: PacketHeader): Uint8Array | null {
    if (chunk === null) return null
    return this.#objects.read({ sha256: chunk.sha256, van }, chunk.offset, sizeBytes)
  }

  /** The packets that hold an object, lowest first in each stream. */
  chunksOf(sha256: string): readonly { readonly streamId: number; readonly seq: number }[] {
    return this.#chunks.all({ sha256 })
  }

  /** The packet with this number, or null when it is not here or its bytes cannot be read. */
  packet(state: StreamState, seq: number): DecodedPacket | null {
    const row = this.#from.get(state.id, seq, seq)
    return row === undefined ? null : this.#whole(state.van, row)
  }
}

/** Declared lost and not here all the same, lowest first. */
export function lostWithin(
  state: StreamState,
  from: number,
  to: number,
  limit: number,
): readonly SeqRange[] {
  if (from > to || state.lost.count === 0) return []
  const lost: SeqRange[] = []
  for (const gap of state.received.missing(from, to)) {
    const present = RangeSet.of(state.lost.missing(gap.from, gap.to))
    lost.push(...present.missing(gap.from, gap.to, limit - lost.length))
    if (lost.length >= limit) break
  }
  return lost
}
