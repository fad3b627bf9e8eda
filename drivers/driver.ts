/**
 * The driver contract. A driver says what a device is and how its bytes become readings. It is data
 * and plain generators: no opening, waiting, retrying, logging, stamping or storing.
 */
import type { DeviceTime, EventLevel, Lead, Value, Words } from '../protocols/packet/record.ts'

/** What a session is told. `atMs` counts from the moment when the session began. */
export type Heard =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly atMs: number }
  | { readonly kind: 'silence'; readonly atMs: number }
  /** Answers a `commit`; false: the disk did not take it, and the device must not be told so. */
  | { readonly kind: 'committed'; readonly isStored: boolean; readonly atMs: number }

/** What a device said, in our words, before the gateway stamps it. */
export type Said =
  | {
      readonly kind: 'measurement'
      readonly values: readonly Value[]
      readonly deviceTime?: DeviceTime
      readonly qualifiers?: Words
      /** Whose it is, as the device was told: see Measurement.identifiers. */
      readonly identifiers?: Words
      /** The device says that it only demonstrates. */
      readonly simulated?: true
    }
  | {
      /** What the device repeats while it monitors, such as a heart rate every second. */
      readonly kind: 'numerics'
      readonly values: readonly Value[]
      readonly qualifiers?: Words
      readonly simulated?: true
    }
  | {
      /** One instant of a wave: one sample a lead; null marks a missing instant (lead off). */
      readonly kind: 'samples'
      readonly wave: string
      readonly samples: readonly number[] | null
      readonly simulated?: true
    }
  | {
      /** A whole recording that the device hands over at once, such as a resting ECG. */
      readonly kind: 'strip'
      readonly wave: string
      readonly rate: Wave['rate']
      readonly leads: readonly Lead[]
      /** One array a lead, all of the same length. */
      readonly samples: readonly Int32Array[]
      readonly simulated?: true
    }
  | {
      /** A file that is kept as it came: PDF, SCP-ECG, photo. */
      readonly kind: 'document'
      /** What it is, in the words of the field. Never the name of the file, never of a person. */
      readonly title: string
      readonly mediaType: string
      readonly bytes: Uint8Array
      readonly simulated?: true
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
  | {
      readonly kind: 'send'
      readonly bytes: Uint8Array
      readonly why: string
      /** A feature report, with its number in front when the device numbers them. HID only. */
      readonly as?: 'feature'
    }
  /**
   * Resumed by the next bytes, or by silence after `ms`. Bytes that came while the session did not
   * listen are heard first; 0 asks only for those.
   */
  | { readonly kind: 'listen'; readonly ms: number }
  /**
   * Resumed by `committed` when everything that was said before is on the disk. What a device may
   * forget once it is acknowledged is acknowledged only after this.
   */
  | { readonly kind: 'commit' }
  | { readonly kind: 'noise'; readonly reason: string; readonly bytes: Uint8Array }

export type Session = Generator<Want, void, Heard | undefined>

export interface SerialLine {
  readonly baud: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
}

/** A driver with a serial link also runs behind a serial device server, over TCP. */
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
  | {
      readonly kind: 'tcp'
      readonly weAre: 'server' | 'client'
      /** The factory setting; null when there is none. */
      readonly port: number | null
      readonly splits: 'bytes' | 'lines'
    }
  /** We speak first. Each datagram is heard and sent as one piece. */
  | {
      readonly kind: 'udp'
      /** The factory setting. */
      readonly port: number
    }
  | {
      readonly kind: 'hid'
      /** USB ids `vid:pid`. */
      readonly usb: readonly string[]
      /**
       * `reports`: a session hears and sends whole reports, without the report number when that is
       * 0. `cp2110`: the link runs the bridge, and the session hears the bytes behind it.
       */
      readonly carries: 'reports' | 'cp2110'
      /** The settings of the line behind the bridge, the factory's first; empty for reports. */
      readonly lines: readonly SerialLine[]
    }
  | {
      readonly kind: 'usb'
      /** USB ids `vid:pid`; empty: any device of the class that `carries` names. */
      readonly usb: readonly string[]
      /**
       * `phdc`: Personal Healthcare Device Class 1.0; a session hears whole transfers. `scsi`: mass
       * storage, bulk only; a session sends requests and hears answers as in protocols/usb/scsi.ts.
       */
      readonly carries: 'phdc' | 'scsi'
    }
  /** Each file that appears is heard whole, as one piece, when nobody writes to it any more. */
  | {
      readonly kind: 'folder'
      /** Ends of names in lower case, such as `.scp`. */
      readonly endings: readonly string[]
      readonly limitBytes: number
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
  /** In which ways it can be reached, the usual one first. */
  readonly links: readonly [DriverLink, ...DriverLink[]]
  /**
   * What a session sends before it has understood a packet. `harmless`: questions and enabling
   * commands that may also be sent to a device of which nobody knows yet what it is.
   */
  readonly asks: 'nothing' | 'harmless' | 'only-when-chosen'
  readonly waves: readonly Wave[]
  /** Kinds of record that it can produce, for the table of drivers. */
  readonly streams: readonly ('measurement' | 'numerics' | 'waveform' | 'event' | 'document')[]
  /**
   * After so long without a byte the link is reopened; null for a device that speaks only when it
   * has something to say.
   */
  readonly silentAfterMs: number | null
  /**
   * Starts a new dialogue over one of `links`, the first when not said. Nothing is shared between
   * two sessions.
   */
  session(over?: DriverLink['kind']): Session
}
