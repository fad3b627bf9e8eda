/** What the page shows of a device, and the words for its silences. */
import type { SerialLine } from '../../drivers/driver.ts'
import { lineWords } from '../links/line-words.ts'
import type { MonotonicMs } from '../../protocols/world/clock.ts'

export type DeviceState =
  /** Not started, or stopped. */
  | 'off'
  | 'opening'
  /** Open, and nothing was understood yet. */
  | 'waiting'
  | 'talking'
  /** It should speak and does not. */
  | 'silent'
  /** Closed after a trouble, until the next try. */
  | 'troubled'

/**
 * What arrives at this opening of the port: `bytes` alone, and no packet among them, is nearly
 * always a wrong line setting; `broken` are bytes behind the last packet of a device that says each
 * result once: it may have been a result.
 */
export type Hearing = 'nothing' | 'bytes' | 'packets' | 'broken'

export interface DeviceStatus {
  readonly id: string
  readonly driver: string
  readonly label: string
  /** A port or an address; empty for the keypad. */
  readonly where: string
  readonly line: SerialLine | null
  readonly simulated: boolean
  readonly state: DeviceState
  readonly link: 'open' | 'opening' | 'closed'
  readonly hearing: Hearing
  readonly bytesIn: number
  readonly bytesOut: number
  readonly packets: number
  readonly noiseCount: number
  readonly noiseBytes: number
  /** As the codec says it; null without noise. */
  readonly lastNoise: string | null
  /** When the newest byte came; null when none came since the start. */
  readonly lastHeardMs: MonotonicMs | null
  /** After so long without a byte it is silent; null when it speaks only when it has a result. */
  readonly silentAfterMs: number | null
  /** How often it was opened anew since it was last understood. */
  readonly retries: number
  /** Mistakes of its driver since the start. */
  readonly driverFailures: number
  readonly trouble: Error | null
  /** Records that are not committed yet. */
  readonly recordsWaiting: number
  readonly recordsLost: number
  /** Why the journal refuses its records; null while it takes them. */
  readonly storeTrouble: Error | null
}

export interface Both {
  readonly en: string
  readonly id: string
}

/** What arrives, in words that lead to the next step; null while the port is not open. */
export function hearingWords(
  status: Pick<DeviceStatus, 'link' | 'hearing' | 'line' | 'silentAfterMs' | 'state'>,
): Both | null {
  if (status.link !== 'open') return null
  if (status.hearing === 'nothing') {
    return {
      en: 'No bytes arrive. Is the device switched on and the cable in its right socket?',
      id: 'Tidak ada data masuk. Apakah alat menyala dan kabelnya di soket yang benar?',
    }
  }
  if (status.hearing === 'bytes') {
    const line = status.line === null ? null : lineWords(status.line)
    const [at, pada] = line === null ? ['', ''] : [` at ${line}`, ` pada ${line}`]
    return {
      en: `Bytes arrive, but none are understood${at}. Try another line setting or driver.`,
      id: `Data masuk, tetapi tidak terbaca${pada}. Coba setelan jalur atau driver lain.`,
    }
  }
  if (status.hearing === 'broken') {
    return {
      en: 'What the device sent last could not be read. If it was a result, send it again or measure again.',
      id: 'Data terakhir dari alat tidak terbaca. Jika itu hasil, kirim lagi atau ukur ulang.',
    }
  }
  if (status.silentAfterMs === null) {
    return {
      en: 'The device was understood. It speaks when it has a result.',
      id: 'Alat terbaca. Alat mengirim data saat ada hasil.',
    }
  }
  return status.state === 'silent'
    ? { en: 'The device spoke and has stopped.', id: 'Alat sempat mengirim data, lalu berhenti.' }
    : { en: 'The device speaks and is understood.', id: 'Alat mengirim data dan terbaca.' }
}
