/** Decides whether what the broker delivered is a packet to be stored. Never throws for bytes. */
import { sameBytes } from '../../protocols/packet/hex.ts'
import {
  decodePacket,
  signedBytes,
  type DecodedPacket,
  type PacketHeader,
} from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { openDecoded, shortHash, strangerOn } from '../../protocols/packet/seal.ts'
import { parseUpTopic } from '../../protocols/packet/topics.ts'
import { openTools, sha256, unzstd, type Verifier } from '../open-tools.ts'

/** A message as the broker delivered it. */
export interface Arrival {
  readonly topic: string
  readonly payload: Uint8Array
  readonly wallMs: number
}

/** Why a message is kept apart instead of stored. */
export type BadReason =
  | 'unknown-topic'
  | 'undecodable'
  | 'topic-disagrees'
  | 'unknown-van'
  | 'bad-signature'
  | 'another-content'
  | 'object-disagrees'
  | 'store-failed'

export interface Bad {
  readonly arrival: Arrival
  readonly reason: BadReason
  readonly detail: string
  /** null when not even the topic names one. */
  readonly van: string | null
}

export interface Good {
  readonly arrival: Arrival
  readonly header: PacketHeader
  readonly headerBytes: Uint8Array
  /** As on the wire: compressed for records, raw for a chunk. */
  readonly body: Uint8Array
  /** Verified, or null when the packet has none. */
  readonly signature: Uint8Array | null
  /** What the successor's header must name as `prev`. */
  readonly link: Uint8Array
  /**
   * Empty for a chunk, for waves, which are read when somebody wants them, and when `unread` says
   * why they could not be read.
   */
  readonly records: readonly Record[]
  readonly unread: string | null
}

/** The keys with which a van may have signed; empty for a van that nobody knows. */
export type KeysOf = (van: string) => readonly Verifier[]

export function judge(arrival: Arrival, keysOf: KeysOf): Good | Bad {
  const place = parseUpTopic(arrival.topic)
  if (place === null) return bad(arrival, 'unknown-topic', 'no stream of this version', null)
  const packet = decodePacket(arrival.payload)
  if (!packet.ok) return bad(arrival, 'undecodable', packet.reason, place.van)
  const { header, headerBytes, body, signature } = packet.value
  const stranger = strangerOn(arrival.topic, header)
  if (stranger !== null) return bad(arrival, 'topic-disagrees', stranger, place.van)
  const keys = keysOf(header.van)
  if (keys.length === 0) return bad(arrival, 'unknown-van', 'no key for this van', header.van)
  if (signature !== null) {
    const message = signedBytes(headerBytes)
    if (!keys.some((verify) => verify(message, signature)))
      return bad(arrival, 'bad-signature', 'by none of the keys of this van', header.van)
  }
  const read = readContent(packet.value)
  if (read.damaged) return bad(arrival, 'undecodable', read.unread ?? 'damaged', header.van)
  const { records, unread } = read
  const link = shortHash(headerBytes, sha256)
  return { arrival, header, headerBytes, body, signature, link, records, unread }
}

export function isBad(judged: Good | Bad): judged is Bad {
  return 'reason' in judged
}

function bad(arrival: Arrival, reason: BadReason, detail: string, van: string | null): Bad {
  return { arrival, reason, detail, van }
}

export interface Content {
  /** Empty for a chunk, and for waves. */
  readonly records: readonly Record[]
  /** For a `WaveReader`; null for what is no wave. */
  readonly waves: Uint8Array | null
  readonly unread: string | null
  /** The bytes are not those that the van sealed. */
  readonly damaged: boolean
}

/** What the van sealed is kept also when this version cannot read it: a later one may. */
export function readContent(packet: DecodedPacket): Content {
  const opened = openDecoded(packet, openTools)
  const none = { records: [], waves: null, unread: null, damaged: false }
  if (!opened.ok) return { ...none, unread: opened.reason, damaged: !digestIsRight(packet) }
  const { content } = opened.value
  if (content.kind === 'waves') return { ...none, waves: content.body }
  return content.kind === 'records' ? { ...none, records: content.records } : none
}

function digestIsRight({ header, body }: DecodedPacket): boolean {
  try {
    const plain = header.codec === 'chunk' ? body : unzstd(body, header.sizeBytes)
    return sameBytes(shortHash(plain, sha256), header.digest)
  } catch {
    return false
  }
}
