/** What the thread that coerces images is told, and what it says. */
import type { Attribution, Change } from '../../../protocols/dicom/coercion.ts'

export interface CoercionJob {
  readonly id: number
  /** Of the file of an image. */
  readonly path: string
  readonly sha256: string
  /** Where the coerced file is written, under a name that begins with `coercedPrefix`. */
  readonly target: string
  /** Data of a patient: not for logs. */
  readonly changes: readonly Change[]
  readonly attribution: Attribution
}

/** Its bytes are on the disk. */
export interface CoercedFileMade {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export type Coerced =
  | { readonly kind: 'made'; readonly file: CoercedFileMade }
  /** The image says all of it already. No file is left. */
  | { readonly kind: 'same' }
  /** No file is left. The reason has no data of a patient. */
  | { readonly kind: 'refused'; readonly why: string }

export const coercedPrefix = 'coerced-'
