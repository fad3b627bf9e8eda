/** What stands in every preview: that it is none to diagnose from, in both languages. */
import type { Picture } from '../../../protocols/frame-codec/frame-codec.ts'

export const markLines = ['NOT FOR DIAGNOSIS', 'BUKAN UNTUK DIAGNOSIS'] as const

const glyphWidth = 5
const glyphHeight = 7
const stepWidth = glyphWidth + 1
const bandHeight = glyphHeight + 4
const white = 255

/** Five columns of each letter, the highest row in the lowest bit. */
const glyphs: { readonly [letter: string]: readonly number[] } = {
  A: [0x7e, 0x09, 0x09, 0x09, 0x7e],
  B: [0x7f, 0x49, 0x49, 0x49, 0x36],
  D: [0x7f, 0x41, 0x41, 0x41, 0x3e],
  F: [0x7f, 0x09, 0x09, 0x09, 0x01],
  G: [0x3e, 0x41, 0x49, 0x49, 0x3a],
  I: [0x00, 0x41, 0x7f, 0x41, 0x00],
  K: [0x7f, 0x08, 0x14, 0x22, 0x41],
  N: [0x7f, 0x04, 0x08, 0x10, 0x7f],
  O: [0x3e, 0x41, 0x41, 0x41, 0x3e],
  R: [0x7f, 0x09, 0x19, 0x29, 0x46],
  S: [0x26, 0x49, 0x49, 0x49, 0x32],
  T: [0x01, 0x01, 0x7f, 0x01, 0x01],
  U: [0x3f, 0x40, 0x40, 0x40, 0x3f],
}

/** The picture between two black bands with white words, as large as the longer words allow. */
export function marked(picture: Picture): Picture {
  const { width: pictureWidth, height: pictureHeight, samples, pixels } = picture
  const longest = Math.max(...markLines.map((line) => line.length)) * stepWidth
  const scale = Math.max(1, Math.floor(pictureWidth / (2 * longest)))
  const width = Math.max(pictureWidth, longest * scale + 2)
  const band = bandHeight * scale
  const height = pictureHeight + 2 * band
  const marked = new Uint8Array(width * height * samples)
  const left = Math.floor((width - pictureWidth) / 2)
  for (let row = 0; row < pictureHeight; row++) {
    const from = row * pictureWidth * samples
    const line = pixels.subarray(from, from + pictureWidth * samples)
    marked.set(line, ((row + band) * width + left) * samples)
  }
  const dot = (column: number, row: number): void => {
    for (let y = row; y < row + scale; y++) {
      const from = (y * width + column) * samples
      marked.fill(white, from, from + scale * samples)
    }
  }
  for (const [index, line] of markLines.entries()) {
    const top = index * (pictureHeight + band) + 2 * scale
    const start = Math.floor((width - line.length * stepWidth * scale) / 2)
    for (const [place, letter] of line.split('').entries()) {
      for (const [column, bits] of (glyphs[letter] ?? []).entries()) {
        const x = start + (place * stepWidth + column) * scale
        for (let row = 0; row < glyphHeight; row++) {
          if (bits & (1 << row)) dot(x, top + row * scale)
        }
      }
    }
  }
  return { width, height, samples, pixels: marked }
}
