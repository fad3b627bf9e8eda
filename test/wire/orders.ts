/** Orders to seal packets of each kind, as the gateway gives them. */
import type { Record } from '../../protocols/packet/record.ts'
import type { SealOrder } from '../../protocols/packet/seal.ts'
import { boot, epoch } from './samples.ts'

const common = {
  van: 'van-02',
  epoch,
  seq: 0,
  previousHeader: null,
  class: 2,
  boot,
  visit: null,
  signed: true,
} as const

export function recordsOrder(
  stream: string,
  records: readonly Record[],
  change: Partial<SealOrder> = {},
): SealOrder {
  return { ...common, stream, content: { kind: 'records', records }, ...change }
}

export interface ChunkChoice {
  readonly object: Uint8Array
  readonly sha256: string
  readonly offset: number
  readonly chunkBytes: number
}

export function chunkOrder(
  stream: string,
  { object, sha256, offset, chunkBytes }: ChunkChoice,
  change: Partial<SealOrder> = {},
): SealOrder {
  return {
    ...common,
    class: 4,
    stream,
    content: {
      kind: 'chunk',
      bytes: object.slice(offset, offset + chunkBytes),
      place: { sha256, offset, totalBytes: object.length },
      atMs: 61_234,
      utc: { utcMs: 1_758_873_600_000, uncertaintyMs: 40 },
    },
    ...change,
  }
}
