/**
 * What the page knows of sticks and discs that are plugged in, and of files that a browser brings.
 * Names of files and of studies may say whose they are: only for who is signed in.
 */
import type { Both, TroubleWords } from './both.ts'

export interface MediumView {
  /** Names the medium until it is pulled out. */
  readonly medium: string
  /** As it calls itself; empty when it does not. */
  readonly label: string
  readonly state: 'looking' | 'ready' | 'working' | 'done'
  readonly studies: readonly MediumStudy[]
  readonly pictures: readonly MediumPicture[]
  /** Files that are neither images nor pictures. */
  readonly otherFiles: number
  /** While it is working. */
  readonly progress: { readonly done: number; readonly total: number } | null
  /** What became of the newest work; null before any. */
  readonly report: MediumReport | null
  readonly trouble: TroubleWords | null
}

/** As the browser hears it: a full stick would be too much for a phone. */
export interface MediumShown extends MediumView {
  /** Studies and pictures that are there and are not listed. */
  readonly unlisted: number
}

/** Images of one examination. */
export interface MediumStudy {
  readonly study: string
  readonly modality: string | null
  /** As the images say; null when they do not. */
  readonly patientName: string | null
  /** `YYYY-MM-DD` as the images say; null when they do not. */
  readonly date: string | null
  readonly images: number
  readonly sizeBytes: number
}

/** A file that is no DICOM image but can be made one. */
export interface MediumPicture {
  readonly picture: string
  readonly name: string
  readonly type: PictureType
  readonly sizeBytes: number
}

export const pictureTypes = ['jpeg', 'png', 'pdf', 'bmp', 'mp4'] as const

export type PictureType = (typeof pictureTypes)[number]

export interface MediumReport {
  readonly stored: number
  /** That were in the van already. */
  readonly known: number
  /** Among the stored, those whose identity waits for a person. */
  readonly waiting: number
  readonly refused: readonly { readonly files: number; readonly why: Both }[]
}

/** A file that a browser brought, as it lies on the disk. Whoever takes it may move it away. */
export interface BroughtFile {
  readonly path: string
  readonly type: PictureType
  readonly sizeBytes: number
}

/** `by` is the name of the person who does it. All of it rejects with a `Trouble`. */
export interface MediaDesk {
  media(): Promise<readonly MediumView[]>
  /** Begins to take these studies from a medium; the view says how far it is. */
  take(by: string, medium: string, studies: readonly string[]): Promise<void>
  /** Begins to make images of these pictures, for an order. */
  wrap(by: string, medium: string, pictures: readonly string[], order: string): Promise<void>
  /** Makes an image of a file that a browser brought, for an order. Resolves after the commit. */
  keep(by: string, file: BroughtFile, order: string): Promise<void>
}
