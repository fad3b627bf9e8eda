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

export interface Links {
  /** Rejects with a `Trouble` when it cannot be opened. After opening, `closed` is heard once. */
  open(address: LinkAddress, splits: 'bytes' | 'lines', hears: LinkHears): Promise<Link>
}

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
  /** null when `close` was called. Nothing is heard afterwards. */
  closed(trouble: Error | null): void
}

export interface Link {
  write(bytes: Uint8Array): Promise<void>
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
