/** What a subscriber is given. */
import type { StreamPlace } from '../../protocols/packet/messages.ts'
import type { Record } from '../../protocols/packet/record.ts'

interface Placed extends StreamPlace {
  readonly seq: number
  /** Which record of its packet, from 0. */
  readonly index: number
  readonly boot: string
  /**
   * An opaque token, or null when no visit was open. Of a record of `van/visits`: the visit that it
   * names.
   */
  readonly visit: string | null
  /**
   * As the van stored it. `utcMs` and `uncertaintyMs` themselves are corrected: when a clock fix of
   * the same boot was known that is more certain, they are `atMs` plus its offset. A fix that
   * comes later corrects nothing that was handed out before; it comes as a record of `van/clock`.
   */
  readonly storedUtcMs: number | null
  readonly storedUncertaintyMs: number | null
}

export type ReceivedRecord = Record & Placed

export type GapReason =
  /** The van has declared it: it is gone for ever. */
  | 'lost'
  /** The landing does not have it and patience ended. It may come later: replay it then. */
  | 'not-here'
  /** The landing did not answer and patience ended. */
  | 'landing-away'
  /** It is here, and this version cannot read it. */
  | 'unreadable'
  /**
   * It is here, and a packet of waves that it goes on with is not. From the next one that stands
   * for itself on, half a minute later at most, everything can be read again.
   */
  | 'without-key'

/** Packets between two others that were not handed out, both ends included. */
export interface Gap extends StreamPlace {
  readonly kind: 'gap'
  readonly from: number
  readonly to: number
  readonly reason: GapReason
}

export type Item = ReceivedRecord | Gap

/** Where to go on: the packet after the last one of which everything was handed out. */
export interface Position extends StreamPlace {
  readonly next: number
}

/** Where streams begin that were not followed before. */
export type Start =
  /** What comes from now on. A journal that begins later is read from its beginning. */
  | 'now'
  /** Everything that the landing has. */
  | 'beginning'
  | { readonly positions: readonly Position[]; readonly otherwise: 'now' | 'beginning' }
