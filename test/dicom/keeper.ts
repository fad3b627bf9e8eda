/**
 * A journal for tests of the imaging node: keeps objects by their hash, durably, and nothing else.
 */
import { open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReceivedImage, StoreOutcome } from '../../gateway/imaging/received-image.ts'
import type { Keeper } from '../../gateway/imaging/storing.ts'

export class FolderKeeper implements Keeper {
  readonly images: ReceivedImage[] = []
  readonly #folder: string
  readonly #hashes = new Map<string, readonly string[]>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async known(sopInstanceUid: string): Promise<readonly string[]> {
    return this.#hashes.get(sopInstanceUid) ?? []
  }

  async store(image: ReceivedImage): Promise<StoreOutcome> {
    const { sopInstanceUid, object } = image.image
    const hashes = this.#hashes.get(sopInstanceUid) ?? []
    if (hashes.includes(object.sha256)) {
      await unlink(image.temporaryPath)
      return { status: 'already' }
    }
    await rename(image.temporaryPath, this.pathOf(object.sha256))
    const folder = await open(this.#folder)
    await folder.sync()
    await folder.close()
    this.#hashes.set(sopInstanceUid, [...hashes, object.sha256])
    this.images.push(image)
    return { status: 'stored' }
  }

  pathOf(sha256: string): string {
    return join(this.#folder, sha256)
  }

  names(): Promise<readonly string[]> {
    return readdir(this.#folder)
  }
}
