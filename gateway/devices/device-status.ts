/** What the page shows of a device, and the words for its silences. */
import type { DriverLink, SerialLine } from '../../drivers/driver.ts'
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
  /** By which of its links the driver is reached; null when it cannot be. */
  readonly over: DriverLink['kind'] | null
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
  status: Pick<DeviceStatus, 'link' | 'hearing' | 'line' | 'over' | 'silentAfterMs' | 'state'>,
): Both | null {
  if (status.link !== 'open') return null
  if (status.hearing === 'nothing') return nothingWords(status.over)
  if (status.hearing === 'bytes' && status.over === 'folder') {
    return {
      en: 'Files have come, but none was understood. Try another driver.',
      id: 'Ada berkas masuk, tetapi tidak terbaca. Coba driver lain.',
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

function nothingWords(over: DeviceStatus['over']): Both {
  switch (over) {
    case 'folder':
      return {
        en: 'No new file has come. Does the device save its files in this folder?',
        id: 'Belum ada berkas baru. Apakah alat menyimpan berkasnya di folder ini?',
      }
    case 'tcp':
    case 'udp':
      return {
        en: 'Nothing has come over the network. Is the device set to the address of this gateway?',
        id: 'Belum ada data dari jaringan. Apakah alat diatur ke alamat gateway ini?',
      }
    case 'hid':
    case 'usb':
      return {
        en: 'The device is plugged in and says nothing. Is it switched on, and in its computer mode?',
        id: 'Alat terpasang tetapi belum mengirim data. Apakah alat menyala dan di mode komputer?',
      }
    default:
      return {
        en: 'No bytes arrive. Is the device switched on and the cable in its right socket?',
        id: 'Tidak ada data masuk. Apakah alat menyala dan kabelnya di soket yang benar?',
      }
  }
}
