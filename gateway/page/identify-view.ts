/**
 * What the page knows of ports on which no device is known to be, and what it may ask for there.
 */
import type { Both, TroubleWords } from './both.ts'

/** A port on which something is searched for. */
export interface PortView {
  readonly path: string
  /** As the adapter calls itself; null when it does not. */
  readonly product: string | null
  readonly state: 'listening' | 'asking' | 'found' | 'closed'
  /** What was found and why, or what is being done. */
  readonly words: Both
  /** What it may be, the likeliest first; empty while nothing was found. */
  readonly proposals: readonly DriverChoice[]
  /** Known devices that are not where they were, and that it may be. */
  readonly knownDevices: readonly string[]
  /** What was seen where nothing was recognised, or why the port cannot be opened. */
  readonly trouble: TroubleWords | null
  /** Whether there is anything in its recorder. */
  readonly hasRecording: boolean
}

export interface DriverChoice {
  readonly driver: string
  readonly label: string
}

export type IdentifyRequest =
  /** Takes it into use: as a new device, or as the known one that `as` names. */
  | {
      readonly kind: 'use'
      readonly path: string
      readonly driver: string
      readonly as: string | null
    }
  /** It is none of those that were found. */
  | { readonly kind: 'again'; readonly path: string }
  /** Takes a recognised device out of use. */
  | { readonly kind: 'forget'; readonly device: string }

export interface IdentifyDesk {
  /** Rejects with a `Trouble` when it cannot be done. */
  ask(request: IdentifyRequest): Promise<void>
  /** Every device that may be at a serial port. */
  drivers(): readonly DriverChoice[]
  /** What went over the wire of a port, as a `.cap` text; null when it holds nothing. */
  capture(path: string): string | null
}
