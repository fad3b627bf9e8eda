/**
 * Frames inside of encapsulated pixel data. Source: PS3.5 section A.4.
 *
 *   | FFFE,E000 item | length (4) | offset table | FFFE,E000 | length | fragment | … | FFFE,E0DD |
 */
import type { ReadBytes } from '../../../protocols/packed-image/packed-image.ts'
import { frameLimitBytes } from '../../../protocols/packed-image/packed-image.ts'

const fragmentsMax = 65_536
const item = 0xe000_fffe

interface Fragment {
  readonly offset: number
  readonly length: number
}

/**
 * The coded bytes of each wanted frame; null for a frame whose fragments cannot be told from those
 * of others.
 */
export function codedFrames(
  read: ReadBytes,
  pixelOffset: number,
  frames: number,
): (frame: number) => Uint8Array | null {
  const fragments = fragmentsOf(read, pixelOffset)
  return (frame) => {
    const own = frames === 1 ? fragments : fragments.slice(frame, frame + 1)
    const length = own.reduce((sum, fragment) => sum + fragment.length, 0)
    const isClear = frames === 1 || fragments.length === frames
    if (!isClear || length === 0 || length > frameLimitBytes) return null
    const parts = own.map((fragment) => read(fragment.offset, fragment.length))
    return new Uint8Array(Buffer.concat(parts))
  }
}

/** Without the offset table, which is the first item. */
function fragmentsOf(read: ReadBytes, pixelOffset: number): readonly Fragment[] {
  const items: Fragment[] = []
  let at = pixelOffset
  while (items.length <= fragmentsMax) {
    const head = read(at, 8)
    if (head.length < 8) break
    const view = new DataView(head.buffer, head.byteOffset, 8)
    if (view.getUint32(0, true) !== item) break
    const length = view.getUint32(4, true)
    items.push({ offset: at + 8, length })
    at += 8 + length
  }
  return items.slice(1)
}
