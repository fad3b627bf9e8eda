/** Everything that touches the outside comes through here, so that a seed can replace all of it. */
import type { SerialLine } from '../drivers/driver.ts'
import type { Broker } from '../protocols/world/broker.ts'
import type { Clock } from '../protocols/world/clock.ts'
import type { Random } from '../protocols/world/random.ts'

export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly links: Links
  readonly broker: Broker
  readonly log: Log
  /** Names the boot: monotonic times of one boot can be compared, those of two cannot. */
  readonly bootId: string
}

/** Where a device is plugged in. */
export type LinkAddress =
  | { readonly kind: 'serial'; readonly path: string; readonly line: SerialLine }
  | { readonly kind: 'tcp-client'; readonly host: string; readonly port: number }
  | { readonly kind: 'tcp-server'; readonly port: number }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | (UsbAddress & { readonly kind: 'hid'; readonly carries: 'reports' })
  | (UsbAddress & {
      readonly kind: 'hid'
      readonly carries: 'cp2110'
      /** Behind the bridge. */
      readonly line: SerialLine
    })
  | (UsbAddress & { readonly kind: 'usb'; readonly carries: 'phdc' | 'scsi' })
  | FolderAddress

/** The first device that fits and that nobody else reads. */
export interface UsbAddress {
  /** `vid:pid`, of which it has one; empty: any of the class that the link is for. */
  readonly usb: readonly string[]
  /** null: any. */
  readonly serialNumber: string | null
  /** The socket that it is plugged into, as the kernel names it: `1-1.2`; null: any. */
  readonly socket: string | null
}

export interface FolderAddress {
  readonly kind: 'folder'
  readonly path: string
  /** Ends of names in lower case, such as `.pdf`. */
  readonly endings: readonly string[]
  /** A larger file is not read. */
  readonly limitBytes: number
  /** What becomes of a file that is stored. */
  readonly after: 'leave' | 'move'
}

/**
 * `whole`: each piece is one thing, a report, a transfer or a file, and must not be cut.
 */
export type Splits = 'bytes' | 'lines' | 'whole'

export interface Links {
  /** Rejects with a `Trouble` when it cannot be opened. After opening, `closed` is heard once. */
  open(address: LinkAddress, splits: Splits, hears: LinkHears): Promise<Link>
  /**
   * Listens on a TCP port to which several devices may be connected at a time. Rejects as `open`
   * does.
   */
  listen(port: number, splits: Splits, hears: ListenHears): Promise<Listening>
}

export interface ListenHears {
  /**
   * Somebody has connected. `accept` begins to read; the connection is closed again when it is not
   * called at once.
   */
  called(accept: (hears: LinkHears) => Link): void
  /** null when `close` was called. Nothing is heard afterwards. */
  closed(trouble: Error | null): void
}

export interface Listening {
  /** Closes the connections too. */
  close(): Promise<void>
}

/** What became of a file that was handed over. Only the first two are not handed over again. */
export type FileOutcome = 'stored' | 'not-understood' | 'not-stored' | 'driver-failed'

/** May be called before `open` has resolved: nothing that arrives after opening is lost. */
export interface LinkHears {
  /**
   * As they arrived, or with `lines` one whole line without its end, never empty. `ageMs` says how
   * long ago the first of them arrived (0 when absent): a line is heard only when it is complete.
   */
  bytes(bytes: Uint8Array, ageMs?: number): void
  /** With `lines` only: everything as it arrived, line ends included, before it is split. */
  raw?(bytes: Uint8Array): void
  /** With `lines` only: what was thrown away because it was no whole line, and why. */
  noise?(reason: string, bytes: Uint8Array): void
  /**
   * From a folder only: a whole file. The next one comes after `taken` was called with what became
   * of it.
   */
  file?(bytes: Uint8Array, taken: (outcome: FileOutcome) => void): void
  /** From a folder only: a file that cannot be handed over, and why. Told once for each. */
  unreadable?(why: string): void
  /** null when `close` was called. Nothing is heard afterwards. */
  closed(trouble: Error | null): void
}

export interface Link {
  /**
   * Resolves when the bytes are on their way. `feature`: a feature report of a HID device; other
   * links have none.
   */
  write(bytes: Uint8Array, as?: 'feature'): Promise<void>
  close(): Promise<void>
}

/** Messages are constant; what varies is a field from the list, never an identifier of a person. */
export interface LogFields {
  readonly device?: string
  readonly driver?: string
  readonly link?: string
  readonly seq?: number
  readonly bytes?: number
  readonly count?: number
  readonly ms?: number
  readonly code?: string
  readonly why?: string
  readonly err?: unknown
}

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: { readonly device?: string; readonly driver?: string }): Log
}
