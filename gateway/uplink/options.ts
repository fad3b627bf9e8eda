/** What the uplink is told by whoever starts it. */
import type { Stamp } from './backfill.ts'
import { receiptWindowLimits, type ReceiptWindowLimits } from './receipt-window.ts'
import type { HeardTime } from './time-questions.ts'

export interface UplinkOptions {
  /** Names the van in topics, and is its client id at the broker. */
  readonly van: string
  /** Name and version of this program, for the hospital. */
  readonly software: string
  readonly keepaliveSeconds: number
  /** Packets on the way at once; the broker may allow less. */
  readonly windowMax: number
  /** Bytes on the way at once; the window follows the link below this. */
  readonly inFlightLimitBytes: number
  /** Packets that the broker has and the hospital has not yet receipted. */
  readonly unreceipted: ReceiptWindowLimits
  /** So long a receipt may take before what the broker acknowledged is sent again. */
  readonly receiptTimeoutMs: number
  /** The time doubles up to this while no receipt comes. */
  readonly receiptTimeoutMaxMs: number
  /** The time of the records that the uplink makes itself. */
  readonly stamp: () => Stamp
  /** The landing said what time it is. null: nobody wants to know, and it is not asked. */
  readonly heardTime: ((time: HeardTime) => void) | null
}

export const uplinkDefaults = {
  keepaliveSeconds: 60,
  windowMax: 512,
  inFlightLimitBytes: 4 * 1024 * 1024,
  unreceipted: receiptWindowLimits,
  receiptTimeoutMs: 30_000,
  receiptTimeoutMaxMs: 600_000,
  heardTime: null,
} as const satisfies Partial<UplinkOptions>
