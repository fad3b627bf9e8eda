/**
 * A picture of what was read: the display of a device, the strip, the thermometer. It is kept
 * beside the values, so that whoever doubts a number can look.
 */
import type { Texts } from './read.ts'

export const photoTypes = ['image/jpeg', 'image/png'] as const
export type PhotoType = (typeof photoTypes)[number]

export interface Photo {
  readonly mediaType: PhotoType
  readonly bytes: Uint8Array
  /** True when the values were read off the photo, false when it only shows what was read. */
  readonly isSource: boolean
}

/** One filled form as the page hands it over. */
export interface Filled {
  readonly form: string
  readonly texts: Texts
  /** Fields of which the person saw the warning and said that they are right. */
  readonly confirmed: readonly string[]
  readonly photo: Photo | null
}

/** Of the document that a photo becomes. The page has it in both languages. */
export const photoTitle = 'Photo of the display'

/** A photo of 1,600 pixels, as the page makes it, has a third of it. */
export const photoLimitBytes = 1_500_000

/** How a file of each format begins. */
const beginnings: Readonly<{ [type in PhotoType]: readonly number[] }> = {
  'image/jpeg': [0xff, 0xd8, 0xff],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
}

/** What the bytes are, whatever anybody says that they are; null for anything else. */
export function photoTypeOf(bytes: Uint8Array): PhotoType | null {
  const begins = (type: PhotoType) => beginnings[type].every((byte, at) => bytes[at] === byte)
  return photoTypes.find(begins) ?? null
}
