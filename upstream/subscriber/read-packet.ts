/** A packet as it came, opened once for all who want its records. */
import type { StreamPlace } from '../../protocols/packet/messages.ts'
import { decodePacket, type ChunkPlace, type PacketHeader } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { openDecoded, strangerOn } from '../../protocols/packet/seal.ts'
import { openTools } from '../open-tools.ts'

export interface ReadPacket {
  readonly header: PacketHeader
  /** Empty for a chunk, for waves, and when the content could not be read. */
  readonly records: readonly Record[]
  /** For a `WaveReader`, which may have to read other packets first; null for what is no wave. */
  readonly waves: Uint8Array | null
  readonly chunk: { readonly place: ChunkPlace; readonly bytes: Uint8Array } | null
  readonly readable: boolean
}

/** null when it is no packet at all, or not one of the topic on which it came. */
export function readPacket(bytes: Uint8Array, topic: string | null): ReadPacket | null {
  const packet = decodePacket(bytes)
  if (!packet.ok) return null
  const { header } = packet.value
  if (topic !== null && strangerOn(topic, header) !== null) return null
  const opened = openDecoded(packet.value, openTools)
  const none = { header, records: [], waves: null, chunk: null }
  if (!opened.ok) return { ...none, readable: false }
  const { content } = opened.value
  switch (content.kind) {
    case 'records':
      return { ...none, records: content.records, readable: true }
    case 'waves':
      return { ...none, waves: content.body, readable: true }
    case 'chunk':
      return { ...none, chunk: content, readable: true }
  }
}

export function keyOf({ van, epoch, stream }: StreamPlace): string {
  return `${van} ${epoch} ${stream}`
}
