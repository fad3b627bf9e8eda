/** What the page, the command line and the log may know of the uplink. */
import type { MonotonicMs } from '../../protocols/world/clock.ts'
import type { NotedTrouble } from './troubles.ts'

export interface UplinkStatus {
  readonly state: 'stopped' | 'offline' | 'connecting' | 'online'
  readonly sinceMs: MonotonicMs
  readonly doing: UplinkDoing
  /** `doing` as a sentence. */
  readonly words: { readonly en: string; readonly id: string }
  /** null while there is no connection. */
  readonly protocol: '5' | '3.1.1' | null
  /** When the next attempt begins, in ms from now; null when none is planned. */
  readonly nextAttemptMs: number | null
  /** What may be on its way at once, and what is. null while there is no connection. */
  readonly window: UplinkWindow | null
  /** Smoothed time until the broker answers; null before the first answer. */
  readonly roundTripMs: number | null
  /** Since the start, in packets. One that was sent twice counts twice. */
  readonly sent: number
  readonly acknowledged: number
  readonly receipted: number
  /** Of those sent, because the hospital had asked for them again. */
  readonly sentAgain: number
  readonly declaredLost: number
  /** Acknowledged by the broker, and not receipted yet. */
  readonly unreceipted: number
  readonly lastReceiptMs: MonotonicMs | null
  /** Messages from the hospital that could not be used. */
  readonly badMessages: number
  /** Answers to the question what time it is; `ignored` came late, or to no question of ours. */
  readonly times: { readonly heard: number; readonly ignored: number }
  readonly landing: UplinkLanding
  /** Newest first; the first is what to show when there is room for one. */
  readonly troubles: readonly NotedTrouble[]
}

export interface UplinkWindow {
  readonly count: number
  readonly countLimit: number
  readonly bytes: number
  readonly bytesLimit: number
}

export interface UplinkLanding {
  /** null while it has not been heard on this connection. */
  readonly online: boolean | null
  readonly name: string | null
}

export type UplinkDoing =
  | 'stopped'
  | 'waiting'
  | 'connecting'
  | 'sending'
  | 'nothing-to-send'
  | 'held-back'
  | 'nobody-listens'

export const uplinkWords: {
  readonly [D in UplinkDoing]: { readonly en: string; readonly id: string }
} = {
  stopped: {
    en: 'Sending is switched off.',
    id: 'Pengiriman dimatikan.',
  },
  waiting: {
    en: 'No connection. Data is safe here and is sent later.',
    id: 'Tidak ada sambungan. Data aman di sini dan dikirim nanti.',
  },
  connecting: {
    en: 'Connecting.',
    id: 'Sedang menyambung.',
  },
  sending: {
    en: 'Connected. Sending.',
    id: 'Terhubung. Sedang mengirim.',
  },
  'nothing-to-send': {
    en: 'Connected. Everything has been sent.',
    id: 'Terhubung. Semua sudah dikirim.',
  },
  'held-back': {
    en: 'Connected, but the broker asks us to wait.',
    id: 'Terhubung, tetapi broker meminta menunggu.',
  },
  'nobody-listens': {
    en: 'Connected, but nobody at the hospital is listening.',
    id: 'Terhubung, tetapi di rumah sakit belum ada yang menerima.',
  },
}
