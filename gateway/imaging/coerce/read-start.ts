/** The beginning of a file of an image, for the main thread, which must not wait for the disk. */
import { open } from 'node:fs/promises'

/** At most so many bytes; null when the file is gone, or cannot be read. */
export async function readStart(path: string, bytes: number): Promise<Uint8Array | null> {
  try {
    const file = await open(path)
    try {
      const buffer = new Uint8Array(bytes)
      let filled = 0
      while (filled < bytes) {
        const { bytesRead } = await file.read(buffer, filled, bytes - filled, filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return buffer.subarray(0, filled)
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}
