/**
 * How much room the disk has, without asking it at every step: what is written is counted, and the
 * disk is asked again when it may have come to matter. Nobody waits for the answer.
 */
import type { Files } from './files.ts'

/** How much may be written before the disk is asked again, and so how far off we may be. */
const askAgainBytes = 16_777_216

export class Room {
  readonly #files: Files
  readonly #folder: string
  readonly #reserveBytes: number
  #writtenBytes = 0
  #asking = false
  /** Something has changed since the disk was asked. */
  #outdated = false
  #full = false

  /** `reserveBytes` is what must stay free on the disk of `folder`. */
  constructor(files: Files, folder: string, reserveBytes: number) {
    this.#files = files
    this.#folder = folder
    this.#reserveBytes = reserveBytes
  }

  /** True when the reserve was touched at the last look. */
  get full(): boolean {
    return this.#full
  }

  /** So much is about to be written. */
  take(bytes: number): void {
    this.#writtenBytes += bytes
    if (this.#writtenBytes >= askAgainBytes) this.look()
  }

  look(): void {
    this.#writtenBytes = 0
    this.#outdated = true
    if (!this.#asking) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#asking = true
    while (this.#outdated) {
      this.#outdated = false
      try {
        this.#full = (await this.#files.freeBytes(this.#folder)) < this.#reserveBytes
      } catch {
        // A folder that cannot be looked at fails the writing itself, with its own reason.
        this.#full = false
      }
    }
    this.#asking = false
  }
}
