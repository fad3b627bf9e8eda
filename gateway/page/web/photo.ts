/** Makes of any picture of a camera a small JPEG, without what the camera wrote beside it. */
import { photoLimitBytes } from '../../../drivers/keypad/photo.ts'

export interface Shot {
  readonly base64: string
  readonly bytes: number
  /** Drawn, for a small view of it. */
  readonly canvas: HTMLCanvasElement
}

/** Enough to read the finest figures of a display that fills a third of the picture. */
const sideMax = 1_600
/** Tried one after the other, until it is small enough. */
const qualities = [0.82, 0.65, 0.45]

/** null when it is no picture that this browser can read, or when it stays too large. */
export async function shrink(file: Blob): Promise<Shot | null> {
  const canvas = await drawn(file)
  if (canvas === null) return null
  for (const quality of qualities) {
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/jpeg', quality)
    })
    if (blob === null || blob.size > photoLimitBytes) continue
    return { base64: await base64Of(blob), bytes: blob.size, canvas }
  }
  return null
}

async function drawn(file: Blob): Promise<HTMLCanvasElement | null> {
  try {
    const picture = await createImageBitmap(file)
    const scale = Math.min(1, sideMax / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(picture.width * scale)
    canvas.height = Math.round(picture.height * scale)
    const pen = canvas.getContext('2d')
    if (pen === null) return null
    // What is transparent in a PNG would become black.
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    return canvas
  } catch {
    return null
  }
}

/** In pieces, because a function takes only so many arguments. */
const pieceBytes = 0x8000

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    text += String.fromCharCode(...bytes.subarray(at, at + pieceBytes))
  }
  return btoa(text)
}
