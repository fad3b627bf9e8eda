/** Which streams there are, and in which packets an object lies. */
import {
  directoryRangesMax,
  directoryStreamsMax,
  type DirectoryAnswer,
  type DirectoryRequest,
  type StreamPlace,
} from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Reader } from './reader.ts'
import type { StreamState, Streams } from './streams.ts'

export function directoryOf(
  streams: Streams,
  reader: Reader,
  { van, object, after }: DirectoryRequest,
): DirectoryAnswer {
  const found = object === null ? everything(streams, van) : chunksOf(streams, reader, van, object)
  const rest = found
    .filter(({ state }) => after === null || compare(state, after) > 0)
    .toSorted((a, b) => compare(a.state, b.state))
  const entries = rest.slice(0, directoryStreamsMax).map(({ state, seqs }) => ({
    van: state.van,
    epoch: state.epoch,
    stream: state.stream,
    ranges: seqs.ranges(directoryRangesMax),
  }))
  return { van, object, streams: entries, more: rest.length > entries.length }
}

interface Found {
  readonly state: StreamState
  readonly seqs: RangeSet
}

function everything(streams: Streams, van: string | null): readonly Found[] {
  const states = van === null ? streams.all() : streams.ofVan(van)
  return [...states].map((state) => ({ state, seqs: state.received }))
}

function chunksOf(
  streams: Streams,
  reader: Reader,
  van: string | null,
  object: string,
): readonly Found[] {
  const seqsOf = new Map<StreamState, RangeSet>()
  for (const { streamId, seq } of reader.chunksOf(object)) {
    const state = streams.byId(streamId)
    if (state === undefined || (van !== null && state.van !== van)) continue
    const seqs = seqsOf.get(state) ?? new RangeSet()
    seqsOf.set(state, seqs)
    seqs.add(seq)
  }
  return [...seqsOf].map(([state, seqs]) => ({ state, seqs }))
}

function compare(a: StreamPlace, b: StreamPlace): number {
  for (const part of ['van', 'epoch', 'stream'] as const)
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  return 0
}
