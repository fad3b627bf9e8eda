/** What the thread of the media is told, and what it says. Copied, never shared. */
import type { ReceivedImage, StoreOutcome } from '../imaging/received-image.ts'
import type { Look } from './looking.ts'
import type { TakeRefusal } from './taking.ts'
import type { WrapOrder } from './wrapping.ts'

/** A folder as it was looked at. */
export interface Place {
  readonly root: string
  /** The number of its file system; null: it is not a medium, and is not pulled out. */
  readonly dev: number | null
}

export type Job =
  | { readonly kind: 'look'; readonly id: number; readonly folder: string }
  | {
      readonly kind: 'take'
      readonly id: number
      readonly place: Place
      readonly names: readonly string[]
      readonly device: string
    }
  | {
      readonly kind: 'wrap'
      readonly id: number
      readonly place: Place
      readonly files: readonly { readonly name: string; readonly order: WrapOrder }[]
    }

export interface RunReport {
  readonly stored: number
  readonly already: number
  /** Among the stored: of an instance that is here with another content. */
  readonly conflicts: number
  readonly refused: Readonly<Partial<{ [R in TakeRefusal]: number }>>
  /** Pictures that DICOM cannot hold, by why. */
  readonly unfit: Readonly<{ [why: string]: number }>
  readonly ending: RunEnding
}

/** `whole`: everything was tried. Of the others the rest was not, and can be taken later. */
export type RunEnding = 'whole' | 'gone' | 'full' | 'stopped' | 'failed'

export type JobResult =
  | { readonly kind: 'looked'; readonly look: Look }
  | { readonly kind: 'ran'; readonly report: RunReport }
  /** The medium is gone, or cannot be read at all. */
  | { readonly kind: 'gone' }

export type ToMediaWorker =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'known'; readonly ask: number; readonly hashes: readonly string[] }
  | { readonly kind: 'outcome'; readonly ask: number; readonly outcome: StoreOutcome }

export type FromMediaWorker =
  | {
      readonly kind: 'progress'
      readonly id: number
      readonly done: number
      readonly total: number
    }
  | { readonly kind: 'known'; readonly ask: number; readonly sopInstanceUid: string }
  | { readonly kind: 'store'; readonly ask: number; readonly image: ReceivedImage }
  | { readonly kind: 'done'; readonly id: number; readonly result: JobResult }

export interface MediaWorkerData {
  readonly incomingFolder: string
  readonly reserveBytes: number
}

/** How our temporary files are told from those of others when a dead thread left some. */
export const mediaPrefix = 'media-'
