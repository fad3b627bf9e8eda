/**
 * Files that a browser brings, in parts, so that a weak network costs a part and not the file, and
 * so that no file is ever in memory as a whole. They lie under names that say nothing.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { elapsedMs, type Clock, type MonotonicMs } from '../../protocols/world/clock.ts'
import { pageTrouble } from '../errors/page.ts'
import { bad, tooLarge } from './body.ts'
import type { BroughtFile, PictureType } from './media-view.ts'

export const partBytesMax = 256 * 1_024
/** A clip of a minute. */
export const uploadBytesMax = 200 * 1_024 * 1_024
const uploadsMax = 4
/** One of which nothing was heard for so long has been given up. */
const idleLimitMs = 600_000
const nameBytes = 16
const headBytes = 1_024

export interface UploadSaid {
  readonly by: string
  /** Token of the order to which it belongs. */
  readonly order: string
  readonly sizeBytes: number
}

interface Upload extends UploadSaid {
  readonly path: string
  receivedBytes: number
  usedMs: MonotonicMs
  /** While it is being kept, and once it is. */
  kept: Promise<void> | null
}

export class Uploads {
  readonly #folder: string
  readonly #clock: Clock
  readonly #uploads = new Map<string, Upload>()

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder
    this.#clock = clock
  }

  /** What an earlier run left in the folder is removed: nobody can end it any more. */
  static async open(folder: string, clock: Clock): Promise<Uploads> {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new Uploads(folder, clock)
  }

  /** Returns the name of the upload, for its parts. */
  async begin(said: UploadSaid): Promise<string> {
    if (said.sizeBytes > uploadBytesMax) throw tooLarge(uploadBytesMax)
    await this.#forgetIdle()
    if (this.#uploads.size >= uploadsMax) throw pageTrouble('page-too-many-uploads')
    const name = randomBytes(nameBytes).toString('hex')
    const path = join(this.#folder, name)
    const usedMs = this.#clock.monotonicMs()
    this.#uploads.set(name, { ...said, path, receivedBytes: 0, usedMs, kept: null })
    await (await open(path, 'wx', 0o600)).close()
    return name
  }

  /** A part that came before may come again. Returns how much is there. */
  async part(name: string, offset: number, bytes: Uint8Array): Promise<number> {
    const upload = this.#use(name)
    const end = offset + bytes.length
    if (offset > upload.receivedBytes || end > upload.sizeBytes) throw bad('offset')
    const file = await open(upload.path, 'r+')
    try {
      await file.write(bytes, 0, bytes.length, offset)
    } finally {
      await file.close()
    }
    upload.receivedBytes = Math.max(upload.receivedBytes, end)
    return upload.receivedBytes
  }

  /** Hands the whole file over, once, also when it is asked again. */
  async end(
    name: string,
    keep: (by: string, file: BroughtFile, order: string) => Promise<void>,
  ): Promise<void> {
    const upload = this.#use(name)
    if (upload.receivedBytes !== upload.sizeBytes) throw bad('not whole')
    upload.kept ??= this.#keep(upload, keep)
    try {
      await upload.kept
    } catch (error) {
      upload.kept = null
      throw error
    }
  }

  async #keep(
    { path, sizeBytes, by, order }: Upload,
    keep: (by: string, file: BroughtFile, order: string) => Promise<void>,
  ): Promise<void> {
    const type = pictureTypeOf(await headOf(path))
    if (type === null) throw pageTrouble('page-no-picture')
    await keep(by, { path, type, sizeBytes }, order)
    await rm(path, { force: true })
  }

  #use(name: string): Upload {
    const upload = this.#uploads.get(name)
    if (upload === undefined) throw pageTrouble('page-upload-gone')
    upload.usedMs = this.#clock.monotonicMs()
    return upload
  }

  /** One that was kept makes room at once; it is remembered while there is room. */
  async #forgetIdle(): Promise<void> {
    const now = this.#clock.monotonicMs()
    for (const [name, { path, usedMs, kept }] of this.#uploads) {
      const isOver = kept !== null && this.#uploads.size >= uploadsMax
      if (!isOver && elapsedMs(usedMs, now) < idleLimitMs) continue
      this.#uploads.delete(name)
      await kept?.catch(() => {})
      await rm(path, { force: true })
    }
  }
}

/** The bytes say what a file is: a name or a type that somebody sends beside them is not asked. */
export function pictureTypeOf(head: Uint8Array): PictureType | null {
  const text = Buffer.from(head).toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.includes('%PDF-')) return 'pdf'
  if (text.startsWith('BM')) return 'bmp'
  return text.slice(4, 8) === 'ftyp' ? 'mp4' : null
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
