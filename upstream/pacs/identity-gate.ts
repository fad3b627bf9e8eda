/**
 * Whether an image may go on, by what the van has decided about whose it is.
 *
 *   identity       no flag   identity-open
 *   none           goes      held
 *   waiting        held      held
 *   matched        goes      goes
 *   accepted       goes      goes
 *   coerced        another file goes in its place
 *   refused        parked    parked
 *
 * The newest record counts, in whichever order records, images and files arrive.
 */
import type { CoercedFile, ImageIdentity } from '../../protocols/packet/visit-records.ts'
import type { SqliteDatabase } from '../landing/database.ts'
import type { ParkedReason } from './reasons.ts'

export const openFlag = 'identity-open'

export type DecidedIdentity = Pick<ImageIdentity, 'state' | 'order' | 'coerced'>

export type Way =
  /** `file` null: the one of the image itself. */
  | { readonly kind: 'go'; readonly file: CoercedFile | null }
  | { readonly kind: 'hold' }
  | { readonly kind: 'park'; readonly reason: ParkedReason }

/** Reasons that the gate gives, and may take back. */
export const gateReasons: ReadonlySet<string | null> = new Set<ParkedReason>([
  'identity-refused',
  'order-unknown',
])

export interface Gated {
  /** The image carries the flag. */
  readonly isOpen: boolean
  /** The destination files images by their accession number alone. */
  readonly needsOrder: boolean
}

/** `decided` null: the van has said nothing. */
export function wayOf(decided: DecidedIdentity | null, { isOpen, needsOrder }: Gated): Way {
  if (decided === null) return isOpen ? { kind: 'hold' } : { kind: 'go', file: null }
  switch (decided.state) {
    case 'waiting':
      return { kind: 'hold' }
    case 'refused':
      return { kind: 'park', reason: 'identity-refused' }
    case 'coerced':
      return decided.coerced === null ? { kind: 'hold' } : { kind: 'go', file: decided.coerced }
    case 'matched':
    case 'accepted':
      return needsOrder && decided.order === null
        ? { kind: 'park', reason: 'order-unknown' }
        : { kind: 'go', file: null }
  }
}

export interface IdentityPlace {
  readonly packet_id: number
  readonly position: number
  readonly van: string
  readonly image_sha256: string
}

interface IdentityRow {
  readonly state: ImageIdentity['state']
  readonly imaging_order: string | null
  readonly coerced: string | null
}

/** What the landing has of the records of identities. */
export class Identities {
  readonly #newest
  readonly #after

  constructor(database: SqliteDatabase) {
    this.#newest = database.prepare<[string, string, string], IdentityRow>(
      `SELECT state, imaging_order, coerced FROM image_identity
       WHERE image_sha256 = ? AND sop_instance_uid = ? AND van = ?
       ORDER BY epoch DESC, seq DESC, position DESC LIMIT 1`,
    )
    this.#after = database.prepare<[number, number, number], IdentityPlace>(
      `SELECT packet_id, position, van, image_sha256 FROM image_identity
       WHERE (packet_id, position) > (?, ?) ORDER BY packet_id, position LIMIT ?`,
    )
  }

  newest(image: {
    readonly sha256: string
    readonly sop_instance_uid: string
    readonly van: string
  }): DecidedIdentity | null {
    const row = this.#newest.get(image.sha256, image.sop_instance_uid, image.van)
    if (row === undefined) return null
    const { state, imaging_order: order, coerced } = row
    return { state, order, coerced: coerced === null ? null : fileOf(coerced) }
  }

  /** In the order in which they came. */
  after(packetId: number, position: number, most: number): readonly IdentityPlace[] {
    return this.#after.all(packetId, position, most)
  }
}

/** As the landing wrote it, from a record that it had checked. */
function fileOf(json: string): CoercedFile {
  return JSON.parse(json) as CoercedFile
}
