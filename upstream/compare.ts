/** Compares what a van's journal says that it numbered with what the landing has. */
import { join } from 'node:path'
import { sameBytes } from '../protocols/packet/hex.ts'
import { decodeHeader } from '../protocols/packet/packet.ts'
import { openForReading } from './landing/database.ts'

/** A packet as the journal knows it. */
export interface JournalPacket {
  readonly epoch: string
  readonly stream: string
  readonly seq: number
  /** As in the header: the first 16 bytes of SHA-256 over the body before compression. */
  readonly digest: Uint8Array
}

export interface Comparison {
  readonly compared: number
  /** In the journal and not in the landing. */
  readonly missing: number
  /** In both, with another content. */
  readonly different: number
  /** In the landing, in a stream of the journal, under a number that the journal never gave. */
  readonly invented: number
  /** The first few of them in words. */
  readonly findings: readonly string[]
}

const findingsMost = 50

export function isSame({ missing, different, invented }: Comparison): boolean {
  return missing + different + invented === 0
}

/** `packets` may come in any order, each once. Throws `DatabaseRefused` as `readReport` does. */
export function compareWithJournal(
  folder: string,
  van: string,
  packets: Iterable<JournalPacket>,
): Comparison {
  const database = openForReading(join(folder, 'landing.db'))
  try {
    const header = database
      .prepare<[string, string, string, number], Uint8Array>(
        `SELECT p.header FROM packet p JOIN stream s ON s.id = p.stream_id
         WHERE s.van = ? AND s.epoch = ? AND s.stream = ? AND p.seq = ?`,
      )
      .pluck()
    const count = database
      .prepare<[string, string, string], number>(
        'SELECT packets FROM stream WHERE van = ? AND epoch = ? AND stream = ?',
      )
      .pluck()
    const counts = { compared: 0, missing: 0, different: 0, invented: 0 }
    const findings: string[] = []
    const say = (words: string) => {
      if (findings.length < findingsMost) findings.push(words)
    }
    const here = new Map<
      string,
      { readonly epoch: string; readonly stream: string; count: number }
    >()
    for (const { epoch, stream, seq, digest } of packets) {
      counts.compared += 1
      const key = `${epoch} ${stream}`
      const seen = here.get(key) ?? { epoch, stream, count: 0 }
      here.set(key, seen)
      const found = header.get(van, epoch, stream, seq)
      if (found === undefined) {
        counts.missing += 1
        say(`missing: ${van}/${stream} ${seq} of ${epoch}`)
        continue
      }
      seen.count += 1
      const decoded = decodeHeader(new Uint8Array(found))
      if (decoded.ok && sameBytes(decoded.value.digest, digest)) continue
      counts.different += 1
      say(`different: ${van}/${stream} ${seq} of ${epoch}`)
    }
    for (const { epoch, stream, count: seen } of here.values()) {
      const more = (count.get(van, epoch, stream) ?? 0) - seen
      if (more === 0) continue
      counts.invented += more
      say(`invented: ${more} in ${van}/${stream} of ${epoch}`)
    }
    return { ...counts, findings }
  } finally {
    database.close()
  }
}
