/** A disk in memory that can be slow, full, or broken at the n-th operation. */
import type { Files } from '../../gateway/imaging/files.ts'
import { concat } from '../../protocols/dicom/text.ts'

export class FakeFiles implements Files {
  readonly contents = new Map<string, Uint8Array>()
  readonly log: string[] = []
  free = 1_000_000_000_000
  /** Operations until one fails; null: none does. */
  failAfter: number | null = null
  failCode = 'ENOSPC'
  #held: (() => void)[] | null = null

  /** From now on every write waits for `release`. */
  hold(): void {
    this.#held = []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const go of held) go()
  }

  async create(path: string) {
    await this.#step('create')
    if (this.contents.has(path)) throw coded('EEXIST')
    this.contents.set(path, new Uint8Array())
    return {
      write: async (pieces: readonly Uint8Array[]): Promise<void> => {
        await this.#step(`write ${pieces.length}`)
        this.contents.set(path, concat([this.contents.get(path) ?? new Uint8Array(), ...pieces]))
      },
      sync: (): Promise<void> => this.#step('sync'),
      close: async (): Promise<void> => void this.log.push('close'),
    }
  }

  async remove(path: string): Promise<void> {
    this.log.push('remove')
    this.contents.delete(path)
  }

  async freeBytes(): Promise<number> {
    return this.free
  }

  async #step(what: string): Promise<void> {
    this.log.push(what)
    const held = this.#held
    if (held !== null && what.startsWith('write')) {
      await new Promise<void>((resolve) => held.push(resolve))
    }
    if (this.failAfter === null) return
    if (this.failAfter === 0) throw coded(this.failCode)
    this.failAfter--
  }
}

export function coded(code: string): Error {
  return Object.assign(new Error(`${code}: it fails`), { code })
}
