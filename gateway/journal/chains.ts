/**
 * Waves are packed as they come, a second at a time, so that nothing else waits long for the
 * journal. While nobody watches, each packet stands for itself. Watched packets are short, and go
 * on with what the one before has learned; a new key comes when the watch begins and every half
 * minute, for whoever comes later.
 */
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import { keyDistanceMax } from '../../protocols/packet/limits.ts'
import type { SealContent } from '../../protocols/packet/seal.ts'
import { WavePacker } from '../../protocols/packet/wave-packer.ts'
import type { Chain, Stream, Tail } from './streams.ts'

const keyEveryMs = 30_000

export interface Now {
  readonly atMs: number
  readonly boot: string
  readonly isWatched: boolean
  /** How waves are packed. */
  readonly waves: ChainProfile
}

/** Of the packet that begins now: the one that is there, or a new one. */
export function chainFor(stream: Stream, now: Now): Chain {
  const { chain, nextSeq } = stream
  const goesOn =
    chain !== null &&
    chain.isWatched &&
    now.isWatched &&
    chain.boot === now.boot &&
    nextSeq - chain.keySeq < keyDistanceMax &&
    now.atMs - chain.beganMs < keyEveryMs
  if (goesOn) return chain
  const { boot, isWatched, waves } = now
  return { packer: new WavePacker(waves), keySeq: nextSeq, beganMs: now.atMs, boot, isWatched }
}

/** What the packet holds; null when its waves must be stored as plain records. */
export function wavesOf(
  stream: Stream,
  tail: Tail,
): Extract<SealContent, { kind: 'waves' }> | null {
  const { chain } = stream
  const packed = chain?.packer.finish() ?? null
  if (chain === null || packed === null) {
    stream.chain = null
    return null
  }
  const keyDistance = stream.nextSeq - chain.keySeq
  return { kind: 'waves', ...packed, keyDistance, times: tail.times }
}
