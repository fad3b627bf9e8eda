/**
 * Looks at the landing's database from outside, through a connection of its own that sees what is
 * committed and nothing else, and at the files of its objects.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { SeqRange, StreamReceipt } from '../../protocols/packet/messages.ts'
import { openForReading } from '../../upstream/landing/database.ts'
import type { KnownPacket, Witness } from './witness.ts'

interface PlacedRow extends Row {
  readonly epoch: string
  readonly stream: string
  readonly seq: number
}

interface Row {
  readonly header: Uint8Array
  readonly body: Uint8Array | null
  readonly signature: Uint8Array | null
}

export class LandingWatch {
  readonly #folder: string
  readonly #van: string
  readonly #witness: Witness
  readonly #database
  readonly #packet
  readonly #packets
  readonly #numbers

  constructor(folder: string, van: string, witness: Witness) {
    this.#folder = folder
    this.#van = van
    this.#witness = witness
    this.#database = openForReading(join(folder, 'landing.db'))
    const columns = 'packet.header, packet.body, packet.signature'
    const joined = 'FROM packet JOIN stream ON stream.id = packet.stream_id'
    const ofStream = `${joined}
       WHERE stream.van = ? AND stream.epoch = ? AND stream.stream = ?`
    this.#packet = this.#database.prepare<[string, string, string, number], Row>(
      `SELECT ${columns} ${ofStream} AND packet.seq = ?`,
    )
    this.#packets = this.#database.prepare<[], PlacedRow>(
      `SELECT stream.epoch, stream.stream, packet.seq, ${columns} ${joined}`,
    )
    this.#numbers = this.#database
      .prepare<[string, string, string], number>(
        `SELECT packet.seq ${ofStream} ORDER BY packet.seq`,
      )
      .pluck()
  }

  close(): void {
    this.#database.close()
  }

  /** Many questions about one state of the database. */
  #atOnce<T>(ask: () => T): T {
    return this.#database.transaction(ask).deferred()
  }

  /** At the moment at which the landing says so, all of it must be on its disk. */
  said(epoch: string, receipts: readonly StreamReceipt[]): void {
    const fresh = receipts.flatMap(({ stream, ranges }) =>
      this.#witness.receipted(epoch, stream, ranges),
    )
    if (fresh.length === 0) return
    this.#atOnce(() => {
      for (const packet of fresh) this.#look(packet)
    })
  }

  /** Everything that was ever receipted, after a restart or at the end. */
  holdsWhatItSaid(): void {
    this.#atOnce(() => this.#holdsReceipted())
  }

  #holdsReceipted(): void {
    for (const { epoch, stream, receipted } of this.#witness.streams()) {
      const here = new Set(this.#numbers.iterate(this.#van, epoch, stream))
      const gone = numbersIn(receipted.ranges()).find((seq) => !here.has(seq))
      if (gone !== undefined) {
        this.#witness.fail(`${stream} ${gone} was receipted and is not in the landing`)
      }
    }
  }

  /** Whether every packet that the van gave out is here; the first that is not, or null. */
  missing(): string | null {
    return this.#atOnce(() => this.#missing())
  }

  #missing(): string | null {
    for (const { epoch, stream, packets } of this.#witness.streams()) {
      const here = new Set(this.#numbers.iterate(this.#van, epoch, stream))
      for (const seq of packets.keys()) if (!here.has(seq)) return `${stream} ${seq}`
    }
    return null
  }

  /** At the end: nothing but what the van gave out, and all of it as it was. */
  holdsAll(): void {
    this.#atOnce(() => this.#holdsAll())
  }

  #holdsAll(): void {
    let count = 0
    for (const { epoch, stream, seq, ...row } of this.#packets.iterate()) {
      count++
      const packet = this.#witness.stream(epoch, stream).packets.get(seq)
      if (packet === undefined) {
        this.#witness.fail(`the landing has ${stream} ${seq}, which never was`)
      } else if (!this.#isSame(row, packet)) {
        this.#witness.fail(`${packet.name} arrived but is stored as something else`)
      }
    }
    const { packetCount } = this.#witness
    if (count !== packetCount) {
      this.#witness.fail(`expected ${packetCount} packets in the landing, found ${count}`)
    }
    this.#holdsRecords()
    this.#holdsObjects()
    const apart = this.#database
      .prepare<[], string>(`SELECT reason || ': ' || detail FROM quarantine LIMIT 1`)
      .pluck()
      .get()
    if (apart !== undefined) this.#witness.fail(`the landing keeps a packet apart: ${apart}`)
    const alarm = this.#database
      .prepare<[], string>(`SELECT code || ' ' || stream || ' ' || seq || ' ' || detail FROM alarm`)
      .pluck()
      .get()
    if (alarm !== undefined) this.#witness.fail(`the landing raised an alarm: ${alarm}`)
  }

  /** The tables that are read from packets have each record once. */
  #holdsRecords(): void {
    const tables = {
      measurement: 0,
      numerics: 0,
      event: 0,
      image: 0,
      document: 0,
      device: 0,
      clock: 0,
    }
    for (const { packets } of this.#witness.streams()) {
      for (const { records } of packets.values()) {
        for (const { kind } of records) if (kind in tables) tables[kind as keyof typeof tables]++
      }
    }
    for (const [kind, expected] of Object.entries(tables)) {
      const table = kind === 'clock' ? 'clock_fix' : kind
      const found = Number(this.#database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
      if (found !== expected) {
        this.#witness.fail(`expected ${expected} rows in ${table}, found ${found}`)
      }
    }
  }

  #holdsObjects(): void {
    for (const sha256 of this.#witness.adoptedObjects) {
      const bytes = this.#witness.objects.get(sha256) ?? new Uint8Array()
      const path = this.#wholePath(sha256)
      const isWhole = existsSync(path) && sameBytes(readFileSync(path), bytes)
      if (!isWhole) this.#witness.fail(`the object ${sha256.slice(0, 8)} is not whole`)
    }
  }

  #look(packet: KnownPacket): void {
    const { header, name } = packet
    const row = this.#packet.get(this.#van, header.epoch, header.stream, header.seq)
    if (row === undefined) this.#witness.fail(`${name} was receipted and is not committed`)
    else if (!this.#isSame(row, packet)) {
      this.#witness.fail(`${name} was receipted and is stored as something else`)
    }
  }

  #isSame(row: Row, packet: KnownPacket): boolean {
    return (
      sameBytes(row.header, packet.headerBytes) &&
      sameOrNone(row.signature, packet.signature) &&
      (packet.chunk === null ? this.#hasBody(row, packet) : this.#hasChunk(packet, packet.chunk))
    )
  }

  #hasBody({ body }: Row, { bytes }: KnownPacket): boolean {
    // The body stands in the packet as it is; where exactly is the packet's business.
    return body !== null && Buffer.from(bytes).includes(Buffer.from(body))
  }

  #hasChunk({ header: { chunk } }: KnownPacket, bytes: Uint8Array): boolean {
    if (chunk === null) return false
    const { sha256, offset } = chunk
    const part = join(this.#folder, 'objects', `${sha256}.${this.#van}.part`)
    const path = existsSync(part) ? part : this.#wholePath(sha256)
    if (!existsSync(path)) return false
    return sameBytes(readFileSync(path).subarray(offset, offset + bytes.length), bytes)
  }

  #wholePath(sha256: string): string {
    return join(this.#folder, 'objects', sha256.slice(0, 2), sha256)
  }
}

function sameOrNone(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other
  return sameBytes(one, other)
}

function numbersIn(ranges: readonly SeqRange[]): readonly number[] {
  return ranges.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  )
}
