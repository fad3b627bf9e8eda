/**
 * Takes images from a medium on the same way that those go which come over the network: each is
 * copied while it is hashed, under a head of our own, and is taken when the journal has committed
 * it. So the same image becomes the same file whichever way it comes, and a run that was cut off is
 * continued by running it again: what is here already is only read.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { HeaderReader, type HeaderFindings } from '../../protocols/dicom/header-reader.ts'
import {
  mediaFlags,
  mediaHeadBytes,
  readMediaFile,
  type MediaFile,
} from '../../protocols/dicom/media-file.ts'
import { chunkLimitBytes } from '../../protocols/packet/limits.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'
import { isDiskFull, type Files } from '../imaging/files.ts'
import { ObjectWriter, type WrittenObject } from '../imaging/object-writer.ts'
import type { ReceivedImage, StoreOutcome } from '../imaging/received-image.ts'
import type { Room } from '../imaging/room.ts'
import type { Slabs } from '../imaging/slabs.ts'
import type { FileRefusal } from './looking.ts'
import { beginningOf, MediumGone, NotAFile, openSource, type SourceFile } from './source-file.ts'

/** Says of an image for ever that it was carried here, and not sent by its device. */
export const carriedFlag = 'from-medium'

/** As over the network. */
export const instanceBytesMax = 4_294_967_296
const pieceBytes = 262_144
/** More waits for the disk than that: reading waits too. */
const waitingBytesMax = 2_097_152

export interface TakingDoors {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly files: Files
  readonly room: Room
  readonly slabs: Slabs
  /** A name for a temporary file that nobody has had, in the folder for incoming files. */
  temporaryPath(): string
  /** SHA-256 in hex of everything that is stored under this SOP instance UID. */
  known(sopInstanceUid: string): Promise<readonly string[]>
  /** Resolves after the commit. Never rejects. */
  store(image: ReceivedImage): Promise<StoreOutcome>
}

export type Taken =
  | { readonly kind: 'stored'; readonly isConflict: boolean }
  | { readonly kind: 'already' }
  | { readonly kind: 'refused'; readonly reason: TakeRefusal }
  /** There is no room: nothing else will fit either. */
  | { readonly kind: 'full' }

export type TakeRefusal =
  | FileRefusal
  | 'too-large'
  /** It is not any more what it was when it was looked at. */
  | 'changed'
  | 'not-kept'

type Instance = Extract<MediaFile, { kind: 'instance' }>

/** Rejects with `MediumGone`. */
export async function takeInstance(
  root: string,
  name: string,
  device: string,
  doors: TakingDoors,
): Promise<Taken> {
  let file: SourceFile
  try {
    file = await openSource(join(root, name), root)
  } catch (error) {
    return refusedBy(error)
  }
  try {
    const bytes = await beginningOf(file, mediaHeadBytes)
    const found = readMediaFile(bytes, file.sizeBytes)
    if (found.kind === 'refused') return found
    if (found.kind !== 'instance') return { kind: 'refused', reason: 'changed' }
    if (file.sizeBytes > instanceBytesMax) return { kind: 'refused', reason: 'too-large' }
    return await takeOpen(file, found, device, doors)
  } catch (error) {
    return refusedBy(error)
  } finally {
    await file.close()
  }
}

/** What was written until then is gone. Throws when it is not about this one file. */
export function refusedBy(error: unknown): Taken {
  if (error instanceof MediumGone) throw error
  if (error instanceof WriteFailed) {
    return isDiskFull(error.cause) ? { kind: 'full' } : { kind: 'refused', reason: 'not-kept' }
  }
  const isOther = error instanceof NotAFile || error instanceof SizeChanged
  return { kind: 'refused', reason: isOther ? 'changed' : 'unreadable' }
}

class SizeChanged extends Error {}

/** Our own disk did not take it. */
class WriteFailed extends Error {}

async function takeOpen(
  file: SourceFile,
  instance: Instance,
  device: string,
  doors: TakingDoors,
): Promise<Taken> {
  const sinceMs = doors.clock.monotonicMs()
  const { meta, isCut } = instance
  const known = await doors.known(meta.sopInstanceUid)
  if (known.length > 0 && known.includes(await hashOf(file, instance))) return { kind: 'already' }
  const copied = await copy(file, instance, doors)
  const { written, found, headBytes } = copied
  // It was read once before in that case, and may have changed between.
  if (known.includes(written.sha256)) {
    await doors.files.remove(written.path)
    return { kind: 'already' }
  }
  const { studyInstanceUid, seriesInstanceUid, modality, identity } = found
  const outcome = await doors.store({
    device,
    simulated: false,
    peerAddress: 'medium',
    calledAeTitle: '',
    temporaryPath: written.path,
    receivingMs: elapsedMs(sinceMs, doors.clock.monotonicMs()),
    identity,
    image: {
      kind: 'image',
      object: {
        sha256: written.sha256,
        sizeBytes: written.sizeBytes,
        mediaType: 'application/dicom',
        chunkBytes: chunkLimitBytes,
      },
      ...meta,
      studyInstanceUid,
      seriesInstanceUid,
      modality,
      callingAeTitle: '',
      dataSetOffset: headBytes,
      flags: [...mediaFlags(meta, found, isCut), carriedFlag],
    },
  })
  return takenOf(outcome, written.path, known.length > 0, doors)
}

export async function takenOf(
  outcome: StoreOutcome,
  temporaryPath: string,
  isConflict: boolean,
  { files }: Pick<TakingDoors, 'files'>,
): Promise<Taken> {
  if (outcome.status === 'stored') return { kind: 'stored', isConflict }
  if (outcome.status === 'already') return { kind: 'already' }
  await files.remove(temporaryPath)
  return outcome.status === 'full' ? { kind: 'full' } : { kind: 'refused', reason: 'not-kept' }
}

/** Of the file that it would become. Nothing is written. */
async function hashOf(file: SourceFile, instance: Instance): Promise<string> {
  const hash = createHash('sha256')
  hash.update(encodeFileHead(instance.meta))
  await eachPiece(file, instance.dataSetOffset, async (piece) => void hash.update(piece))
  return hash.digest('hex')
}

interface Copied {
  readonly written: WrittenObject
  readonly found: HeaderFindings
  readonly headBytes: number
}

async function copy(file: SourceFile, instance: Instance, doors: TakingDoors): Promise<Copied> {
  const head = encodeFileHead(instance.meta)
  const reader = new HeaderReader(instance.meta.transferSyntaxUid)
  const written = await writeObject(doors, async (append) => {
    await append(head)
    await eachPiece(file, instance.dataSetOffset, async (piece) => {
      if (!reader.done) reader.push(piece)
      await append(piece)
    })
  })
  reader.end()
  return { written, found: reader.findings(), headBytes: head.length }
}

/** Resolves when what was appended is on the disk; after a rejection nothing is left of it. */
export async function writeObject(
  doors: Pick<TakingDoors, 'files' | 'room' | 'slabs' | 'temporaryPath'>,
  fill: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<WrittenObject> {
  let wake = (): void => {}
  const failed: { why: unknown }[] = []
  const writer = new ObjectWriter({
    files: doors.files,
    room: doors.room,
    slabs: doors.slabs,
    path: doors.temporaryPath(),
    drained: () => wake(),
    failed: (why) => {
      failed.push({ why })
      wake()
    },
  })
  const throwFailed = (): void => {
    const [first] = failed
    if (first !== undefined) throw new WriteFailed('not written', { cause: first.why })
  }
  try {
    await fill(async (bytes) => {
      writer.append(bytes)
      while (writer.waitingBytes > waitingBytesMax && failed.length === 0) {
        await new Promise<void>((resolve) => (wake = resolve))
      }
      throwFailed()
    })
  } catch (error) {
    await writer.discard()
    throw error
  }
  const written = await writer.finish()
  throwFailed()
  if (written === null) throw new WriteFailed('not written')
  return written
}

/** Each is used again for the next: who keeps it copies it. */
export async function eachPiece(
  file: SourceFile,
  from: number,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(pieceBytes)
  let at = from
  while (at < file.sizeBytes) {
    const piece = buffer.subarray(0, Math.min(pieceBytes, file.sizeBytes - at))
    if ((await file.read(piece, at)) < piece.length) throw new SizeChanged('the file is shorter')
    await take(piece)
    at += piece.length
  }
}
