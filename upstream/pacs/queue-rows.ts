/** The statements of the queue of images, and the rows that they give. */
import type { SqliteDatabase } from '../landing/database.ts'

export type Phase = 'held' | 'awaited' | 'waiting' | 'sent' | 'confirmed' | 'parked'

export interface ImageRow {
  readonly packet_id: number
  readonly position: number
  readonly van: string
  readonly sha256: string
  readonly size_bytes: number
  readonly sop_class_uid: string
  readonly sop_instance_uid: string
  readonly transfer_syntax_uid: string
  readonly study_instance_uid: string | null
  readonly series_instance_uid: string | null
  readonly data_set_offset: number
  readonly simulated: number
  readonly flags: string
}

export interface ForwardRow extends Omit<
  ImageRow,
  'packet_id' | 'position' | 'simulated' | 'flags'
> {
  readonly id: number
  /** Of the file that goes out. */
  readonly file_sha256: string
  readonly study: string
  readonly phase: Phase
  readonly reason: string | null
  readonly question: string | null
  readonly identity_open: number
  readonly needs_order: number
}

/** What the file that goes out says of itself. */
export type FileRow = Pick<ImageRow, 'size_bytes' | 'study_instance_uid' | 'series_instance_uid'>

export interface Counts {
  readonly phase: Phase
  readonly file_sha256: string
  readonly tries: number
  readonly refusals: number
  readonly absences: number
}

/** What is used of a statement that reads. */
interface Ask<Values extends unknown[], Row> {
  get(...values: Values): Row | undefined
  all(...values: Values): Row[]
}

interface Change {
  run(...values: readonly unknown[]): unknown
}

/** A clock that was set back must not hold images: what is due very late is due now. */
const isDue = '(due_wall_ms <= ? OR due_wall_ms > ?)'

export function prepare(database: SqliteDatabase) {
  const ask = <Values extends unknown[], Row = unknown>(sql: string): Ask<Values, Row> =>
    database.prepare<Values, Row>(sql)
  const change = (sql: string): Change => database.prepare(sql)
  return {
    images: ask<[number, number, number], ImageRow>(
      `SELECT packet_id, position, van, sha256, size_bytes, sop_class_uid, sop_instance_uid,
              transfer_syntax_uid, study_instance_uid, series_instance_uid, data_set_offset,
              simulated, flags
       FROM image WHERE (packet_id, position) > (?, ?) ORDER BY packet_id, position LIMIT ?`,
    ),
    known: ask<[string, string]>('SELECT 1 FROM forward WHERE destination = ? AND sha256 = ?'),
    twin: ask<[string, string, string]>(
      `SELECT 1 FROM forward WHERE destination = ? AND sop_instance_uid = ? AND sha256 <> ?
       AND reason IS NOT 'simulated' AND reason IS NOT 'identity-refused'`,
    ),
    add: change(
      `INSERT INTO forward (destination, van, sha256, file_sha256, size_bytes, sop_class_uid,
         sop_instance_uid, transfer_syntax_uid, study, study_instance_uid, series_instance_uid,
         data_set_offset, identity_open, needs_order, phase, reason, said, tries, refusals,
         absences, due_wall_ms, question, ready_wall_ms, changed_wall_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, 0, 0, 0, NULL, ?, ?)
       ON CONFLICT DO NOTHING`,
    ),
    added: ask<[string, string], ForwardRow>(
      'SELECT * FROM forward WHERE destination = ? AND sha256 = ?',
    ),
    row: ask<[number], ForwardRow>('SELECT * FROM forward WHERE id = ?'),
    ofImage: ask<[string, string], ForwardRow>(
      'SELECT * FROM forward WHERE sha256 = ? AND van = ?',
    ),
    ownFile: ask<[string, string], FileRow>(
      `SELECT size_bytes, study_instance_uid, series_instance_uid FROM image
       WHERE sha256 = ? AND van = ? LIMIT 1`,
    ),
    awaited: ask<[string], ForwardRow>(
      `SELECT * FROM forward WHERE file_sha256 = ? AND phase = 'awaited'`,
    ),
    allAwaited: ask<[], ForwardRow>(`SELECT * FROM forward WHERE phase = 'awaited'`),
    ready: change(
      `UPDATE forward SET phase = 'waiting', due_wall_ms = ?, ready_wall_ms = ?,
         changed_wall_ms = ? WHERE id = ?`,
    ),
    hold: change(
      `UPDATE forward SET phase = 'held', reason = NULL, question = NULL, changed_wall_ms = ?
       WHERE id = ?`,
    ),
    goes: change(
      `UPDATE forward SET phase = 'awaited', file_sha256 = ?, size_bytes = ?, study = ?,
         study_instance_uid = ?, series_instance_uid = ?, reason = NULL, question = NULL,
         tries = 0, refusals = 0, absences = 0, changed_wall_ms = ? WHERE id = ?`,
    ),
    newestDue: ask<[string, number, number, number], { readonly study: string }>(
      `SELECT study FROM forward WHERE destination = ? AND phase = 'waiting' AND ${isDue}
       ORDER BY id DESC LIMIT ?`,
    ),
    dueOf: ask<[string, string, number, number], ForwardRow>(
      `SELECT * FROM forward WHERE destination = ? AND study = ? AND phase = 'waiting'
       AND ${isDue} ORDER BY id`,
    ),
    quietStudy: ask<[string, number, number, number, number], { readonly study: string }>(
      `SELECT study FROM forward f WHERE destination = ? AND phase = 'waiting' AND ${isDue}
       AND NOT EXISTS (
         SELECT 1 FROM forward o WHERE o.destination = f.destination AND o.study = f.study
         AND (o.phase IN ('held', 'awaited') OR (o.phase IN ('waiting', 'sent', 'confirmed')
              AND o.ready_wall_ms > ? AND o.ready_wall_ms <= ?)))
       ORDER BY id LIMIT 1`,
    ),
    wholeStudy: ask<[string, string], ForwardRow>(
      `SELECT * FROM forward WHERE destination = ? AND study = ?
       AND phase IN ('waiting', 'sent', 'confirmed') ORDER BY id`,
    ),
    unproven: ask<[string, number, number, number], ForwardRow>(
      `SELECT * FROM forward WHERE destination = ? AND phase = 'sent' AND ${isDue}
       ORDER BY due_wall_ms LIMIT ?`,
    ),
    counts: ask<[number], Counts>(
      'SELECT phase, file_sha256, tries, refusals, absences FROM forward WHERE id = ?',
    ),
    stored: change(
      `UPDATE forward SET phase = 'sent', said = ?, reason = NULL, question = NULL, tries = 0,
         absences = 0, due_wall_ms = ?, changed_wall_ms = ? WHERE id = ?`,
    ),
    later: change(
      `UPDATE forward SET phase = 'waiting', question = NULL, absences = 0, tries = ?,
         refusals = ?, said = ?, due_wall_ms = ?, changed_wall_ms = ? WHERE id = ?`,
    ),
    park: change(
      `UPDATE forward SET phase = 'parked', question = NULL, reason = ?, said = ?,
         changed_wall_ms = ? WHERE id = ?`,
    ),
    confirm: change(
      `UPDATE forward SET phase = 'confirmed', question = NULL, said = ?, changed_wall_ms = ?
       WHERE id = ?`,
    ),
    asked: change(
      `UPDATE forward SET question = ?, absences = ?, due_wall_ms = ?, changed_wall_ms = ?
       WHERE id = ?`,
    ),
    byQuestion: ask<[string], { readonly sop_instance_uid: string; readonly id: number }>(
      `SELECT sop_instance_uid, id FROM forward WHERE question = ? AND phase = 'sent'`,
    ),
    trouble: ask<[string], { readonly trouble: string | null }>(
      'SELECT trouble FROM forward_destination WHERE destination = ?',
    ),
    setTrouble: change(
      `INSERT INTO forward_destination (destination, trouble, since_wall_ms) VALUES (?, ?, ?)
       ON CONFLICT (destination) DO UPDATE
       SET trouble = excluded.trouble, since_wall_ms = excluded.since_wall_ms`,
    ),
  }
}
