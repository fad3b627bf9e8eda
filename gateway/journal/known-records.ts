/**
 * The newest record of everything that visits are about, so that the van knows it again after a
 * start, also when the packet that said it was receipted and removed. Written in the transaction
 * that stores the record. What is over for long and is with the hospital is removed.
 */
import { decodeRecord, encodeRecord } from '../../protocols/packet/body.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'
import { isVisitRecord } from '../../protocols/packet/visit-records.ts'
import type { Db } from './database.ts'
import { JournalDamage } from './failures.ts'

/** Which packet says it. */
export interface SaidIn {
  /** Row of the stream. */
  readonly stream: number
  readonly seq: number
}

interface Row {
  readonly record: Uint8Array
}

/** What was closed so long ago is the hospital's alone. */
export const rememberedMs = 90 * 86_400_000
/** Records behind which one counts as old where nobody knew the time. */
export const rememberedMax = 100_000
/** Looking for what is old takes a look at every row. */
const putsBetweenForgetting = 512

/** Rows of one kind that may go if `more` holds: old, and with the hospital. */
const forgetting = (kind: VisitRecordKind, more: string): string => `
  DELETE FROM known WHERE kind = '${kind}' AND is_held = 0 AND (${more})
    AND (id <= @oldId OR utc_ms < @beforeUtcMs)
    AND NOT EXISTS (SELECT 1 FROM unreceipted
                    WHERE unreceipted.stream = known.stream AND unreceipted.seq = known.seq)`

const noVisit = (column: 'token' | 'about', same: 'token' | 'about') => `
  NOT EXISTS (SELECT 1 FROM known AS visit
              WHERE visit.kind = 'visit' AND visit.${same} = known.${column})`

export class KnownRecords {
  readonly #put
  readonly #all
  readonly #newestId
  readonly #oldId
  readonly #forget
  #putsLeft = 0

  constructor(db: Db) {
    // The row gets a new id: rows stand in the order in which they were said.
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO known (kind, token, about, is_held, stream, seq, utc_ms, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#all = db.prepare<[string], Row>('SELECT record FROM known WHERE kind = ? ORDER BY id')
    this.#newestId = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM known').pluck()
    // Said before something that is old is old too, whether or not the time was known.
    this.#oldId = db
      .prepare<[number], number>('SELECT coalesce(max(id), 0) FROM known WHERE utc_ms < ?')
      .pluck()
    // Visits first: the others go with them.
    this.#forget = [
      forgetting('visit', 'true'),
      forgetting('order', noVisit('about', 'token')),
      forgetting('patient', noVisit('token', 'about')),
      forgetting('procedure', 'true'),
      forgetting('identity', 'true'),
    ].map((sql) => db.prepare<[{ oldId: number; beforeUtcMs: number }]>(sql))
  }

  /** Inside the transaction that stores its packet. */
  put(record: VisitRecord, { stream, seq }: SaidIn): void {
    const held = isHeld(record) ? 1 : 0
    const { kind, utcMs } = record
    const about = aboutOf(record)
    this.#put.run(kind, tokenOf(record), about, held, stream, seq, utcMs, encodeRecord(record))
    if (utcMs === null || this.#putsLeft-- > 0) return
    this.#putsLeft = putsBetweenForgetting
    this.forget(utcMs - rememberedMs)
  }

  /** The newest of each token, in the order in which they were stored. */
  all(kind: VisitRecordKind): readonly VisitRecord[] {
    return this.#all.all(kind).map(({ record }) => {
      const answer = decodeRecord(record)
      if (!answer.ok || !isVisitRecord(answer.value)) {
        throw new JournalDamage(`what is known of a ${kind} cannot be read`)
      }
      return answer.value
    })
  }

  /** Inside a transaction. Nothing that is open, waits for a person, or waits for its receipt. */
  forget(beforeUtcMs: number): void {
    const newestId = this.#newestId.get() ?? 0
    const oldId = Math.max(this.#oldId.get(beforeUtcMs) ?? 0, newestId - rememberedMax)
    for (const statement of this.#forget) statement.run({ oldId, beforeUtcMs })
  }
}

/** What tells records of one kind apart. */
export function tokenOf(record: VisitRecord): string {
  switch (record.kind) {
    case 'patient':
      return record.patient
    case 'visit':
      return record.visit
    case 'order':
      return record.order
    case 'identity':
      return `${record.of} ${record.sopInstanceUid}`
    case 'procedure':
      return record.sopInstanceUid
  }
}

/** The token of what it belongs to; null for what is forgotten by its age alone. */
function aboutOf(record: VisitRecord): string | null {
  if (record.kind === 'visit') return record.patient
  return record.kind === 'order' ? record.visit : null
}

/** Never old: it is not over. */
function isHeld(record: VisitRecord): boolean {
  if (record.kind === 'visit') return record.state === 'open'
  return record.kind === 'identity' && record.state === 'waiting'
}
