/**
 * How much the journal may hold, and what gives way. What waits for its receipt never does. What is
 * receipted goes oldest first, in the transaction that needs the room; images that wait for a
 * person, who needs their files to correct them, only when nothing else is left.
 */
import { toHex } from '../../protocols/packet/hex.ts'
import { journalTrouble } from '../errors/journal.ts'
import type { Log } from '../world.ts'
import type { Files } from './files.ts'
import type { Ledger } from './ledger.ts'
import type { ObjectFiles } from './objects.ts'

export interface RoomLimits {
  /** For the database and the object files together. */
  readonly limitBytes: number
  /** What must stay free on the disk. */
  readonly reserveBytes: number
}

export interface RoomParts {
  readonly objects: ObjectFiles
  readonly files: Files
  readonly limits: RoomLimits
  readonly log: Log
}

export interface Need {
  /** In the database. */
  readonly rowBytes: number
  /** In object files. They lie on the disk already, in the folder for incoming files. */
  readonly fileBytes: number
  /** Bulk is refused first: a measurement still finds room when what is repeated does not. */
  readonly bulk: boolean
}

/** Kept for all that is not bulk: some ten thousand measurements. Less in a small journal. */
const spotReserveBytes = 16_777_216
/** Above it unused pages of the database are given back to the disk, a few at each commit. */
const unusedLimitBytes = 67_108_864
/** The same while the disk has less left than its reserve. */
const unusedShortBytes = 1_048_576
const returnedPages = 256
/** Removed objects that are still recognised when they come again. */
const forgottenObjectsMax = 100_000

const pageBytes = 4_096
/** A small row may still begin a page in each tree that it touches. */
const slackBytes = 8 * pageBytes

/** A reading was refused although all that may go would have gone. */
interface InVain {
  readonly rowBytes: number
  readonly freeBytes: number
  readonly unreceiptedPackets: number
}

interface Pages {
  readonly all: number
  readonly unused: number
}

interface Unit {
  readonly id: number
  readonly object: number | null
}

export class Room {
  readonly #ledger: Ledger
  readonly #objects: ObjectFiles
  readonly #files: Files
  readonly #limits: RoomLimits
  readonly #log: Log
  readonly #pages
  readonly #oldest
  readonly #oldestUnneeded
  readonly #deletePacket
  readonly #deleteObjectPackets
  readonly #forgetObject
  readonly #deleteUnit
  readonly #forgetCarrying
  /** Files to remove once the commit no longer names them, and what that will free. */
  #removals: string[] = []
  #removalBytes = 0
  /** null while readings find room. */
  #inVain: InVain | null = null

  constructor(ledger: Ledger, parts: RoomParts) {
    const { db } = ledger
    this.#ledger = ledger
    this.#objects = parts.objects
    this.#files = parts.files
    this.#limits = parts.limits
    this.#log = parts.log
    this.#pages = db.prepare<[], Pages>(
      `SELECT page_count AS "all", freelist_count AS unused
       FROM pragma_page_count(), pragma_freelist_count()`,
    )
    this.#oldest = db.prepare<[], Unit>('SELECT id, object FROM receipted ORDER BY id LIMIT 1')
    this.#oldestUnneeded = db.prepare<[], Unit>(
      `SELECT id, object FROM receipted
       WHERE object IS NULL OR NOT EXISTS (
         SELECT 1 FROM objects JOIN known ON kind = 'identity' AND is_held = 1
           AND token BETWEEN lower(hex(sha256)) AND lower(hex(sha256)) || '~'
         WHERE objects.id = receipted.object)
       ORDER BY id LIMIT 1`,
    )
    this.#deletePacket = db.prepare('DELETE FROM packets WHERE id = ?')
    this.#deleteObjectPackets = db.prepare('DELETE FROM packets WHERE object = ?')
    this.#forgetObject = db.prepare<[number], { sha256: Uint8Array; size_bytes: number }>(
      'UPDATE objects SET present = 0 WHERE id = ? AND present = 1 RETURNING sha256, size_bytes',
    )
    this.#deleteUnit = db.prepare('DELETE FROM receipted WHERE id = ?')
    this.#forgetCarrying = db.prepare('DELETE FROM carried WHERE ? IN (object, carrier)')
    ledger.follow(() => {
      this.#removals = []
      this.#removalBytes = 0
    })
  }

  get limitBytes(): number {
    return this.#limits.limitBytes
  }

  usedBytes(): number {
    return this.#usedBytes(this.#pageCounts())
  }

  /** Whether a reading would be refused now, as far as is known without trying. */
  isFull(): boolean {
    const smallest = { rowBytes: 0, fileBytes: 0, bulk: false }
    if (!this.#lacks(smallest, this.#freeBytes())) return false
    return this.#oldest.get() === undefined || this.#inVain !== null
  }

  /**
   * Before a transaction is begun: a full journal is asked again and again, and refusing must not
   * cost what undoing costs. Throws `journal-full`.
   */
  refuseHopeless(need: Need): void {
    if (this.#isHopeless(need)) throw journalTrouble('journal-full')
  }

  /** Inside a transaction, before it adds anything. Throws `journal-full`. */
  make(need: Need): void {
    const freeBytes = this.#freeBytes()
    while (this.#lacks(need, freeBytes)) {
      const unit = this.#oldestUnneeded.get() ?? this.#oldest.get()
      if (unit === undefined) {
        if (!need.bulk) this.#noteVain(need, freeBytes)
        throw journalTrouble('journal-full')
      }
      this.#remove(unit)
    }
    if (!need.bulk) this.#inVain = null
  }

  /** The disk may be short because of others, and then all that may go is not enough. */
  #noteVain({ rowBytes }: Need, freeBytes: number): void {
    const { unreceiptedPackets } = this.#ledger.totals
    this.#inVain = { rowBytes, freeBytes, unreceiptedPackets }
  }

  /**
   * After the commit: only now nothing names what is removed. Never throws, because what was
   * committed is stored: a file that stays is removed at the next start.
   */
  settle(): void {
    const removals = this.#removals
    this.#removals = []
    this.#removalBytes = 0
    try {
      for (const sha256 of removals) this.#objects.remove(sha256)
      const unusedBytes = this.#pageCounts().unused * pageBytes
      const isShort = this.#freeBytes() < this.#limits.reserveBytes
      if (unusedBytes > (isShort ? unusedShortBytes : unusedLimitBytes)) {
        this.#ledger.db.pragma(`incremental_vacuum(${returnedPages})`)
      }
    } catch (error) {
      this.#log.warn('room could not be given back to the disk', { err: error })
    }
  }

  /** At the start: the memory of what was here must not grow for ever either. */
  forgetOldObjects(): void {
    const { db } = this.#ledger
    const forgotten = `
      SELECT id FROM objects
      WHERE present = 0 AND NOT EXISTS (SELECT 1 FROM packets WHERE object = objects.id)`
    const last = db
      .prepare<[number], number>(`${forgotten} ORDER BY id DESC LIMIT 1 OFFSET ?`)
      .pluck()
      .get(forgottenObjectsMax)
    if (last === undefined) return
    this.#ledger.change(() => {
      const old = `${forgotten} AND id <= ?`
      db.prepare(`DELETE FROM object_records WHERE object IN (${old})`).run(last)
      db.prepare(`DELETE FROM instances WHERE object IN (${old})`).run(last)
      db.prepare(`DELETE FROM objects WHERE id IN (${old})`).run(last)
    })
  }

  #isHopeless(need: Need): boolean {
    const freeBytes = this.#freeBytes()
    if (!this.#lacks(need, freeBytes)) return false
    return this.#oldest.get() === undefined || this.#isVainAgain(need, freeBytes)
  }

  /** Nothing has changed since it was tried: neither is more of the disk free, nor may more go. */
  #isVainAgain({ rowBytes }: Need, freeBytes: number): boolean {
    const vain = this.#inVain
    if (vain === null || rowBytes < vain.rowBytes || freeBytes > vain.freeBytes) return false
    return this.#ledger.totals.unreceiptedPackets >= vain.unreceiptedPackets
  }

  #lacks(need: Need, freeBytes: number): boolean {
    const { limitBytes, reserveBytes } = this.#limits
    const kept = need.bulk ? Math.min(spotReserveBytes, Math.floor(limitBytes / 8)) : 0
    const rowBytes = need.rowBytes + slackBytes
    const pages = this.#pageCounts()
    const usedBytes = this.#usedBytes(pages)
    if (usedBytes + rowBytes + need.fileBytes > limitBytes - kept) return true
    // Unused pages are ours to fill, or to give back. Files lie on the disk already.
    const unusedBytes = pages.unused * pageBytes
    return freeBytes + unusedBytes + this.#removalBytes - rowBytes < reserveBytes + kept
  }

  #remove(unit: Unit): void {
    this.#deleteUnit.run(unit.id)
    if (unit.object === null) {
      this.#deletePacket.run(unit.id)
      return
    }
    this.#deleteObjectPackets.run(unit.object)
    this.#forgetCarrying.run(unit.object)
    const gone = this.#forgetObject.get(unit.object)
    if (gone === undefined) return
    this.#removals.push(toHex(gone.sha256))
    this.#removalBytes += gone.size_bytes
    this.#ledger.totals.objectBytes -= gone.size_bytes
  }

  #usedBytes({ all, unused }: Pages): number {
    return (all - unused) * pageBytes + this.#ledger.totals.objectBytes
  }

  #freeBytes(): number {
    return this.#files.freeBytes(this.#objects.folder)
  }

  #pageCounts(): Pages {
    return this.#pages.get() ?? { all: 0, unused: 0 }
  }
}
