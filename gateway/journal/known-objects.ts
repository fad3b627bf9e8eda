/** Large objects that something readable names, and which of their bytes have a readable packet. */
import { chunkLimitBytes, type PacketHeader } from '../../protocols/packet/packet.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import { chunkClassOf, type ObjectRecord } from './kinds.ts'

export interface KnownObject {
  readonly sha256: string
  readonly device: string
  readonly sizeBytes: number
  readonly class: PacketHeader['class']
  readonly atMs: number
  readonly utc: PacketHeader['utc']
  readonly boot: string
  chunkBytes: number
  /** Offsets of bytes. */
  readonly covered: RangeSet
}

export class KnownObjects {
  readonly #objects = new Map<string, KnownObject>()

  /** The header of a chunk. */
  seeChunk(header: PacketHeader): void {
    const { chunk, sizeBytes } = header
    if (chunk === null) return
    const object = this.#see(header, chunk.sha256, chunk.totalBytes, header.class)
    object.covered.add(chunk.offset, chunk.offset + sizeBytes - 1)
    // All chunks but the last have the same size.
    const isLast = chunk.offset + sizeBytes === chunk.totalBytes
    if (!isLast || chunk.offset === 0) object.chunkBytes = sizeBytes
  }

  /** The header of a packet, and one of its records. */
  seeRecord(header: PacketHeader, record: ObjectRecord): void {
    const { sha256, sizeBytes, chunkBytes } = record.object
    this.#see(header, sha256, sizeBytes, chunkClassOf(record)).chunkBytes = chunkBytes
  }

  /** Objects of which some chunk has no readable packet. */
  incomplete(): readonly KnownObject[] {
    return [...this.#objects.values()].filter(
      ({ covered, sizeBytes }) => covered.firstMissing < sizeBytes,
    )
  }

  #see(
    header: PacketHeader,
    sha256: string,
    sizeBytes: number,
    chunkClass: PacketHeader['class'],
  ): KnownObject {
    const device = parseStream(header.stream)?.device ?? ''
    const key = `${device} ${sha256}`
    const known = this.#objects.get(key)
    if (known !== undefined) return known
    const fresh: KnownObject = {
      sha256,
      device,
      sizeBytes,
      class: chunkClass,
      atMs: header.firstMs,
      utc: header.utc,
      boot: header.boot,
      chunkBytes: chunkLimitBytes,
      covered: new RangeSet(),
    }
    this.#objects.set(key, fresh)
    return fresh
  }
}

/** Whether all bytes of a chunk have a readable packet. */
export function isCovered(object: KnownObject, index: number): boolean {
  const from = index * object.chunkBytes
  const to = Math.min(from + object.chunkBytes, object.sizeBytes) - 1
  return object.covered.missing(from, to, 1).length === 0
}
