/** What the transcoding thread is told, and what it says. */
import type { Coding } from '../../../protocols/packed-image/packed-image.ts'

export interface Job {
  readonly id: number
  /** Of the file of an image, whole and verified. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  /** Where what is made is written, under names that begin with `transcodedPrefix`. */
  readonly folder: string
}

/** A file that was made; its bytes are on the disk. */
export interface MadeFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export type FromTranscoder =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'preview'
      readonly frame: number
      readonly file: MadeFile
    }
  /** The last word about the job. */
  | {
      readonly kind: 'done'
      readonly outcome: Transcoded
    }

export type Transcoded =
  | { readonly kind: 'packed'; readonly coding: Coding; readonly file: MadeFile }
  | { readonly kind: 'as-is'; readonly why: string }

export const transcodedPrefix = 'transcoded-'
