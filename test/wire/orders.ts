/** Orders to seal packets of each kind, as the gateway gives them. */
import type { Record, Waveform } from '../../protocols/packet/record.ts'
import type { SealOrder } from '../../protocols/packet/seal.ts'
import type { WavePacker } from '../../protocols/packet/wave-packer.ts'
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

/** `blocks` go through the packer, which keeps the chain from one packet to the next. */
export function wavesOrder(
  stream: string,
  packer: WavePacker,
  blocks: readonly Waveform[],
  change: Partial<SealOrder> & { readonly keyDistance: number },
): SealOrder {
  const { keyDistance, ...rest } = change
  for (const block of blocks) packer.add(block)
  const packed = packer.finish()
  if (packed === null) throw new RangeError('the waves do not fit into a packet')
  const content = { kind: 'waves', ...packed, keyDistance, times: blocks } as const
  return { ...common, stream, content, ...rest }
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
