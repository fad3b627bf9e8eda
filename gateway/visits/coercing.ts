/**
 * Brings an image to the order that a person has chosen for it. Where they differ, a coerced file
 * is made and stored first, then the decision that names it: when the power goes between the two,
 * the image waits on, and the file is one that nobody speaks of. The original stays as it came.
 *
 *     original ─▶ coerced file ─▶ rendition in the journal ─▶ record of the identity
 */
import { createHash } from 'node:crypto'
import type { Attribution } from '../../protocols/dicom/coercion.ts'
import { chunkLimitBytes } from '../../protocols/packet/limits.ts'
import type { Rendition } from '../../protocols/packet/record.ts'
import type { CoercedFile } from '../../protocols/packet/visit-records.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import { stamp } from '../devices/stamp.ts'
import { identityTrouble } from '../errors/identities.ts'
import type { Coercer } from '../imaging/coerce/coercer.ts'
import type { CoercedFileMade } from '../imaging/coerce/messages.ts'
import type { ImageFiles } from '../journal/journal.ts'
import { coercionOf } from './coercion-changes.ts'
import type { Finding, OrderOnBoard } from './identity.ts'
import type { ImageFacts } from './image-identities.ts'
import type { Visits } from './visits.ts'

export interface CoercingParts {
  readonly van: string
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>
  readonly time: UtcSource
  readonly visits: Pick<Visits, 'decideIdentity'>
  readonly files: (sha256: string) => Promise<ImageFiles>
  readonly adopt: (device: string, record: Rendition, path: string) => Promise<unknown>
  /** A file that the journal did not take. */
  readonly remove: (path: string) => void
  readonly coercer: Coercer
}

export interface Assignment {
  readonly image: ImageFacts
  readonly order: OrderOnBoard
  readonly findings: readonly Finding[]
  /** The name of the person. */
  readonly by: string
  readonly reason: string
}

/** LO of DICOM. */
const systemCharactersMax = 64

/** Resolves when the decision is on the disk. Rejects with a `Trouble`; then the image waits on. */
export async function assignImage(parts: CoercingParts, assignment: Assignment): Promise<void> {
  const { image, order, findings, by, reason } = assignment
  const file = await coercedFileOf(parts, assignment)
  const { of, sopInstanceUid } = image
  const { visit } = order
  const about = { of, sopInstanceUid, visit, order: order.order, findings, by, reason }
  const state = file === null ? 'matched' : 'coerced'
  await parts.visits.decideIdentity({ ...about, state, coerced: file })
}

/** null: image and order say the same, and the original goes on. */
async function coercedFileOf(
  parts: CoercingParts,
  { image, order, findings, by }: Assignment,
): Promise<CoercedFile | null> {
  const { image: path } = await parts.files(image.of)
  if (path === null) throw identityTrouble('identity-file-gone')
  const coercion = coercionOf(image, order, findings, { issuer: parts.van, hash })
  const outcome = await parts.coercer.coerce({
    path,
    sha256: image.of,
    changes: coercion.changes,
    attribution: attributionOf(parts, image, by),
  })
  if (outcome.kind === 'same') return null
  if (outcome.kind === 'refused') {
    throw identityTrouble('identity-not-coerced', { count: 1, total: 1, why: outcome.why })
  }
  const { sha256, sizeBytes } = outcome.file
  await keep(parts, image, outcome.file)
  const { studyInstanceUid, seriesInstanceUid } = coercion
  return { sha256, sizeBytes, studyInstanceUid, seriesInstanceUid }
}

async function keep(
  { clock, time, adopt, remove }: CoercingParts,
  image: ImageFacts,
  { path, sizeBytes, sha256 }: CoercedFileMade,
): Promise<void> {
  const record: Rendition = {
    kind: 'rendition',
    ...stamp(time, clock.monotonicMs(), { source: 'device', simulated: image.simulated }),
    role: 'coerced',
    of: image.of,
    object: { sha256, sizeBytes, mediaType: 'application/dicom', chunkBytes: chunkLimitBytes },
    frame: null,
  }
  try {
    await adopt(image.device, record, path)
  } catch (error) {
    remove(path)
    throw error
  }
}

function attributionOf(
  { van, clock, time }: Pick<CoercingParts, 'van' | 'clock' | 'time'>,
  { device }: ImageFacts,
  by: string,
): Attribution {
  // The standard wants a time. While nobody knows it, that of the box stands there, right or wrong.
  const utcMs = time.utcOf(clock.monotonicMs())?.utcMs ?? clock.wallMs()
  const [date = '', clockTime = ''] = new Date(utcMs).toISOString().split('T')
  const person = by.replaceAll(/[^\x20-\x7e]|\\/g, '?')
  return {
    system: `SIMPUL ${van} / ${person}`.slice(0, systemCharactersMax),
    source: device,
    dateTime: `${date.replaceAll('-', '')}${clockTime.slice(0, 12).replaceAll(':', '')}+0000`,
  }
}

function hash(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}
