/** Packets for the chunks of a large object, whose bytes stay in its file. */
import type { PacketClass, PacketHeader } from '../../protocols/packet/packet.ts'
import { streamFor } from '../../protocols/packet/topics.ts'
import type { Ledger } from './ledger.ts'
import type { ScannedFile } from './objects.ts'
import type { Sealer } from './sealing.ts'

export interface Chunks extends ScannedFile {
  readonly epoch: string
  readonly device: string
  readonly boot: string
  readonly chunkBytes: number
  readonly class: PacketClass
  readonly atMs: number
  readonly utc: PacketHeader['utc']
  /** Whether the chunk of this index is to be sent. */
  readonly wanted: (index: number) => boolean
}

/** Inside a transaction. `object` is the row of the object. */
export function sealChunks(
  parts: { readonly ledger: Ledger; readonly sealer: Sealer },
  object: number,
  chunks: Chunks,
  nowMs: number,
): void {
  const { epoch, device, sizeBytes, chunkBytes, digests, wanted, ...rest } = chunks
  const stream = parts.ledger.streams.obtain(epoch, streamFor(device, 'object'))
  const all = digests.map((digest, index) => {
    const offset = index * chunkBytes
    return { offset, sizeBytes: Math.min(chunkBytes, sizeBytes - offset), digest }
  })
  const order = { ...rest, totalBytes: sizeBytes, object }
  const found = all.filter((_, index) => wanted(index))
  parts.sealer.chunks(stream, { ...order, chunks: found }, nowMs)
}
