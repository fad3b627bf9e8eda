/** DICOM files that nobody has to be asked for: made here, the same each time. */
import { encodeFileHead } from '../protocols/dicom/part10.ts'
import { explicitLittle } from '../protocols/dicom/uids.ts'

export interface SyntheticShape {
  readonly rows: number
  readonly columns: number
  readonly samples: 1 | 3
  readonly bitsAllocated: 8 | 16
  readonly bitsStored: number
  readonly frames: number
  /** Default: RGB for three samples, MONOCHROME2 for one. */
  readonly photometric?: string
}

/** Explicit VR Little Endian, with the pixels as they are given and an element behind them. */
export function syntheticFile(shape: SyntheticShape, pixels: Uint8Array): Uint8Array {
  const { rows, columns, samples, bitsAllocated, bitsStored, frames } = shape
  const { photometric = samples === 3 ? 'RGB' : 'MONOCHROME2' } = shape
  const meta = { sopClassUid: '1.2.840.10008.5.1.4.1.1.7', sopInstanceUid: '2.25.77' }
  const pixelHead = Buffer.from('e07f10004f57000000000000', 'hex')
  pixelHead.writeUInt32LE(pixels.length, 8)
  return new Uint8Array(
    Buffer.concat([
      encodeFileHead({ ...meta, transferSyntaxUid: explicitLittle }),
      text(0x0008_0016, 'UI', `${meta.sopClassUid}\0`),
      text(0x0008_0018, 'UI', `${meta.sopInstanceUid}\0`),
      us(0x0028_0002, samples),
      text(0x0028_0004, 'CS', photometric),
      text(0x0028_0008, 'IS', String(frames)),
      us(0x0028_0010, rows),
      us(0x0028_0011, columns),
      us(0x0028_0100, bitsAllocated),
      us(0x0028_0101, bitsStored),
      us(0x0028_0102, bitsStored - 1),
      us(0x0028_0103, 0),
      pixelHead,
      pixels,
      text(0x7fe1_0010, 'LO', 'SIMPUL TEST '),
    ]),
  )
}

function us(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.writeUInt16LE(tag >>> 16, 0)
  bytes.writeUInt16LE(tag & 0xffff, 2)
  bytes.write('US', 4, 'latin1')
  bytes.writeUInt16LE(2, 6)
  bytes.writeUInt16LE(value, 8)
  return bytes
}

function text(tag: number, form: string, words: string): Buffer {
  const value = Buffer.from(words.length % 2 === 0 ? words : `${words} `, 'latin1')
  const head = us(tag, 0).subarray(0, 8)
  head.write(form, 4, 'latin1')
  head.writeUInt16LE(value.length, 6)
  return Buffer.concat([head, value])
}

/** Values from 0 to 1 that look without order, and are the same each time. */
export function grain(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A chest of a kind: soft shadows, ribs, and the grain of a detector of 12 bits. */
export function syntheticChest(side: number): Uint8Array {
  const next = grain(1)
  const pixels = Buffer.alloc(side * side * 2)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const across = (2 * x) / side - 1
      const down = (2 * y) / side - 1
      const lungs = Math.exp(-(((Math.abs(across) - 0.45) / 0.3) ** 2 + (down / 0.7) ** 2))
      const ribs = 0.06 * Math.sin(down * 40 + Math.abs(across) * 8) * lungs
      const light = 0.25 + 0.55 * lungs + ribs + (next() + next() - 1) * 0.012
      pixels.writeUInt16LE(Math.round(4_095 * Math.min(1, Math.max(0, light))), (y * side + x) * 2)
    }
  }
  const shape = { rows: side, columns: side, samples: 1, frames: 1 } as const
  return syntheticFile({ ...shape, bitsAllocated: 16, bitsStored: 12 }, pixels)
}

/** A screen of an ultrasound machine: a fan of speckle that moves, on black, with marks. */
export function syntheticScreen(rows: number, columns: number, frames: number): Uint8Array {
  const pixels = Buffer.alloc(rows * columns * 3 * frames)
  for (let frame = 0; frame < frames; frame++) {
    const next = grain(frame + 2)
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const across = (x - columns / 2) / columns
        const isFan = y > rows * 0.1 && Math.abs(across) < 0.45 * (y / rows)
        const depth = Math.sin(y / 23 + frame / 4) * Math.cos(x / 31)
        const grey = isFan ? Math.round(90 + 60 * depth + 40 * next()) : 0
        const isMark = x > columns - 40 && y % 24 < 2
        const at = ((frame * rows + y) * columns + x) * 3
        pixels.fill(isMark ? 200 : grey, at, at + 3)
      }
    }
  }
  const shape = { rows, columns, samples: 3, frames } as const
  return syntheticFile({ ...shape, bitsAllocated: 8, bitsStored: 8 }, pixels)
}
