/**
 * The driver contract. A driver says what a device is and how its bytes become readings. It is data
 * and plain generators: no opening, waiting, retrying, logging, stamping or storing.
 */
import type { DeviceTime, EventLevel, Lead, Value, Words } from '../protocols/packet/record.ts'

/** What a session is told. `atMs` counts from the moment when the session began. */
export type Heard =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly atMs: number }
  | { readonly kind: 'silence'; readonly atMs: number }

/** What a device said, in our words, before the gateway stamps it. */
export type Said =
  | {
      readonly kind: 'measurement'
      readonly values: readonly Value[]
      readonly deviceTime?: DeviceTime
      readonly qualifiers?: Words
    }
  | {
      /** What the device repeats while it monitors, such as a heart rate every second. */
      readonly kind: 'numerics'
      readonly values: readonly Value[]
      readonly qualifiers?: Words
    }
  | {
      /** One instant of a wave: one sample a lead; null marks a missing instant (lead off). */
      readonly kind: 'samples'
      readonly wave: string
      readonly samples: readonly number[] | null
    }
  | {
      readonly kind: 'event'
      readonly code: string
      readonly level: EventLevel
      readonly active: boolean | null
      readonly detail?: Words
    }
  | {
      readonly kind: 'identity'
      readonly model: string | null
      readonly serialNumber: string | null
      readonly firmware: string | null
    }

/** What a session wants: it yields these, and is resumed with what was heard after a `listen`. */
export type Want =
  | Said
  | {
      /**
       * A whole packet was understood. `atMs` is when its first byte was heard, on the clock of
       * `Heard`. What is said until the next `packet` or `listen` was caused by it and is stamped
       * with it; without it, a record is stamped with the bytes that were heard last. It comes
       * again when only the silence behind a packet shows what it meant.
       */
      readonly kind: 'packet'
      readonly atMs: number
    }
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly why: string }
  /**
   * Resumed by the next bytes, or by silence after `ms`. Bytes that came while the session did not
   * listen are heard first; 0 asks only for those.
   */
  | { readonly kind: 'listen'; readonly ms: number }
  | { readonly kind: 'noise'; readonly reason: string; readonly bytes: Uint8Array }

export type Session = Generator<Want, void, Heard | undefined>

export interface SerialLine {
  readonly baud: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
}

export type DriverLink =
  | {
      readonly kind: 'serial'
      /** The first is the factory setting. */
      readonly lines: readonly SerialLine[]
      /** USB ids `vid:pid` that may carry it. Never enough to identify it. */
      readonly usb: readonly string[]
      /**
       * Text that ends by a line end (CR, LF or both): the link splits it, and a session hears
       * whole lines without their ends, one at a time and never an empty one.
       */
      readonly splits: 'bytes' | 'lines'
    }
  /** The page hands over whole forms; what comes of them was typed, not measured by a device. */
  | { readonly kind: 'keypad' }

export interface Wave {
  readonly name: string
  readonly rate: { readonly samples: number; readonly perMs: number }
  readonly leads: readonly Lead[]
}

export type Evidence = 'documented' | 'captured' | 'inferred'

export interface Driver {
  readonly id: string
  readonly label: string
  readonly source: string
  readonly evidence: Evidence
  readonly confidence: 'high' | 'medium-high' | 'medium' | 'low'
  readonly link: DriverLink
  readonly waves: readonly Wave[]
  /** Kinds of record that it can produce, for the table of drivers. */
  readonly streams: readonly ('measurement' | 'numerics' | 'waveform' | 'event')[]
  /**
   * After so long without a byte the link is reopened; null for a device that speaks only when it
   * has something to say.
   */
  readonly silentAfterMs: number | null
  /** Starts a new dialogue. Nothing is shared between two sessions. */
  session(): Session
}
