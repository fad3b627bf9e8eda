/**
 * All that the page knows of the gateway. The daemon fills a `PageSource` from its devices, journal
 * and uplink; a test fills it from a script. Times named `…Ms` without `utc` are monotonic
 * milliseconds of the box, so that an age is right even while the box does not know the date.
 */
import type { Both, TroubleWords } from './both.ts'
import type { Form } from '../../drivers/keypad/fields.ts'
import type { Filled } from '../../drivers/keypad/photo.ts'
import type { Outline } from '../../protocols/packet/outline.ts'
import type { IdentifyDesk, PortView } from './identify-view.ts'
import type { MediaDesk } from './media-view.ts'
import type { VisitsDesk } from './visits-view.ts'
import type { Record } from '../../protocols/packet/record.ts'

export interface PageSource {
  status(): Promise<PageStatus>
  /** The newest records first. */
  recent(query: RecentQuery): Promise<readonly SourceRecord[]>
  /**
   * Hears what happens until the function that is returned is called. What is heard may be lost to
   * a slow browser; `status` and `recent` are the truth.
   */
  live(hears: (happened: Happened) => void): () => void
  /** The forms of the keypad, in the order in which they are offered. */
  forms(): readonly Form[]
  /**
   * Stores what a person typed, with the texts exactly as typed, and answers after the commit.
   * Rejects with a `Trouble` when it could not be stored.
   */
  typed(filled: Filled): Promise<Typed>
  readonly identify: IdentifyDesk
  readonly visits: VisitsDesk
  readonly media: MediaDesk
  /** Says which device an AE title is. Rejects with a `Trouble` when that is no name. */
  answerSender(aeTitle: string, device: string): Promise<void>
  /** The flight recorder of one device as a `.cap` text; null when it holds nothing. */
  capture(device: string): Promise<string | null>
}

export interface PageStatus {
  readonly van: string
  readonly software: string
  readonly clock: ClockView
  readonly devices: readonly DeviceView[]
  /** Where no device is known to be, and one is searched for. */
  readonly ports: readonly PortView[]
  /** Devices that send images, and of which nobody has said which they are. */
  readonly strangers: readonly StrangerView[]
  /** What no device of the list is to blame for, newest first. */
  readonly troubles: readonly TroubleWords[]
  readonly journal: JournalView
  readonly uplink: UplinkView
}

export interface StrangerView {
  readonly aeTitle: string
  /** Its address, without a port. */
  readonly peer: string
  /** The name under which its images are kept meanwhile. */
  readonly device: string
  readonly images: number
  /** Devices that it may be. */
  readonly candidates: readonly string[]
}

export interface ClockView {
  /** null while the box has no believable time. */
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
  /** Who said so: `ntp`, `broker`, `gnss`, `rtc`, `person`; null while nobody did. */
  readonly authority: string | null
}

export interface DeviceView {
  readonly id: string
  readonly driver: string
  readonly label: string
  /** Where it is plugged in, as a person would look for it: a port, an address. */
  readonly where: string
  /** The cable or the network: is there a way to the device at all? */
  readonly link: 'open' | 'opening' | 'closed'
  /**
   * The device itself: `talking` sends what we understand; `waiting` speaks only when it has a
   * result, and nothing is wrong; `silent` should speak and does not; `garbled` speaks, but what it
   * said last cannot be understood; `unknown` while the link is not open.
   */
  readonly state: 'talking' | 'waiting' | 'silent' | 'garbled' | 'unknown'
  readonly simulated: boolean
  /** It was recognised and taken into use on the page, and may be taken out of use there. */
  readonly forgettable: boolean
  /** When the last byte came; null when none came since the start. */
  readonly lastHeardMs: number | null
  readonly bytes: number
  /** Bytes that could not be understood, out of `bytes`. */
  readonly noiseBytes: number
  /**
   * Why the newest noise was not understood, as the codec says it; null without noise. Shown before
   * anybody signs in, so no value of a patient may be in it.
   */
  readonly noiseReason: string | null
  /** What arrives, as a sentence that leads to the next step; null when there is nothing to say. */
  readonly words: Both | null
  /** After so long a shown number is no longer live; null when it sends single results. */
  readonly staleAfterMs: number | null
  readonly trouble: TroubleWords | null
}

/** The part of the journal's status that the page shows. */
export interface JournalView {
  readonly streams: readonly StreamView[]
  readonly usedBytes: number
  readonly limitBytes: number
  /** True when intake refuses. */
  readonly full: boolean
  readonly unreceiptedPackets: number
  readonly unreceiptedBytes: number
}

export interface StreamView {
  /** `{device}/{kind}`. */
  readonly stream: string
  readonly recordsStored: number
  readonly recordsReceipted: number
  readonly oldestUnreceiptedUtcMs: number | null
}

export interface UplinkView {
  readonly state: 'online' | 'connecting' | 'offline'
  /** Since when it is in this state. */
  readonly sinceMs: number
  /** What it does, as a sentence. */
  readonly words: Both
  /**
   * Whether the hospital's landing says that it is there; `unknown` while the uplink is not online.
   */
  readonly landing: 'online' | 'offline' | 'unknown'
  readonly lastReceiptMs: number | null
  readonly trouble: TroubleWords | null
}

/**
 * How far a record has come. `storing` was heard but is not committed yet; `acknowledged` means
 * that the broker has it, which is no promise; only `receipted` means that the hospital has it.
 */
export type Delivery = 'storing' | 'stored' | 'sent' | 'acknowledged' | 'receipted' | 'failed'

export type RecordKind = Record['kind']

export interface RecentQuery {
  readonly limit: number
  /** null means all. */
  readonly device: string | null
  /** null means all. */
  readonly kinds: readonly RecordKind[] | null
}

export interface SourceRecord {
  /** Names the record: the same in every answer, and in the answer of `typed`. */
  readonly key: string
  readonly device: string
  readonly record: Outline
  readonly delivery: Delivery
}

export type Happened =
  /** Said by a device just now, before it is stored. */
  | { readonly kind: 'record'; readonly device: string; readonly record: Record }
  /**
   * Something in `status()`, in `recent()`, in the visits with their images, or on the media is
   * different. May come as often as it likes.
   */
  | { readonly kind: 'changed'; readonly what: 'status' | 'records' | 'visits' | 'media' }

/** What was typed, by the name of the field. The text as typed, with comma or dot. */
export type Texts = Readonly<{ [field: string]: string }>

export type Typed =
  /** The keys of the records that came of it: one form may hold several acts of measuring. */
  | { readonly kind: 'stored'; readonly keys: readonly string[] }
  /**
   * Nothing was stored: each wrong field with its reason. The field is empty for the form as a
   * whole.
   */
  | { readonly kind: 'refused'; readonly fields: readonly { field: string; why: Both }[] }
  /** Nothing was stored: the person must look at these again, and correct or confirm them. */
  | { readonly kind: 'asks'; readonly fields: readonly { field: string; why: Both }[] }
