/** Pixels of a picture as DICOM keeps them when nothing compresses them. */

/** A square of this side is more than any camera of a clinic makes, and DICOM counts to 65,535. */
export const sideMax = 65_535

/** Beyond it, making the pixels would take memory that the box has for other things. */
export const pixelBytesMax = 67_108_864

export interface Picture {
  readonly columns: number
  readonly rows: number
  /** 1: grey, 0 is black. 3: red, green, blue, pixel by pixel. */
  readonly samples: 1 | 3
  readonly bits: 8 | 16
  /** Row by row from the top, without padding; 16 bits little-endian. */
  readonly pixels: Uint8Array
}

/** null: it fits. Else why not, in words. */
export function tooLarge(columns: number, rows: number, bytesPerPixel: number): string | null {
  if (columns < 1 || rows < 1) return 'a picture without pixels'
  if (columns > sideMax || rows > sideMax) return `a side longer than ${sideMax} pixels`
  if (columns * rows * bytesPerPixel > pixelBytesMax) return 'too many pixels'
  return null
}

/** Red, green and blue of each entry, one after the other. */
export interface Palette {
  readonly colours: Uint8Array
  readonly isGrey: boolean
}

export function paletteOf(colours: Uint8Array): Palette {
  let isGrey = true
  for (let at = 0; at + 2 < colours.length; at += 3) {
    const red = colours[at]
    if (red !== colours[at + 1] || red !== colours[at + 2]) isGrey = false
  }
  return { colours, isGrey }
}
