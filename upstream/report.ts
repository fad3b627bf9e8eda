/**
 * What the landing has, stream by stream, read from its database while it runs or afterwards: for
 * people, for the demonstration, and for runs that break things on purpose.
 */
import { join } from 'node:path'
import { openForReading, type SqliteDatabase } from './landing/database.ts'
import { countDoubles } from './landing/doubles.ts'
import { holesOf, Streams, type StreamState } from './landing/streams.ts'

export interface StreamReport {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly packets: number
  readonly records: number
  /** Numbers below the highest that are neither here nor declared lost. */
  readonly missing: number
  /** Declared lost by the van, and not here. */
  readonly lost: number
  /** Contents that are here more than once, under different numbers. */
  readonly doubled: number
  /** Packets for which no signature vouches yet. */
  readonly unproven: number
  /** Packets whose records this version could not read. */
  readonly unread: number
}

export interface AlarmReport {
  readonly code: string
  readonly van: string
  readonly stream: string
  readonly seq: number
  readonly detail: string
  readonly times: number
}

export interface LandingReport {
  readonly streams: readonly StreamReport[]
  /** The newest first. */
  readonly alarms: readonly AlarmReport[]
  readonly alarmCount: number
  readonly quarantine: readonly { readonly reason: string; readonly messages: number }[]
  readonly objects: { readonly whole: number; readonly partial: number; readonly broken: number }
}

const alarmsShownMost = 50

/** Throws `DatabaseRefused` when there is no landing database of this version in the folder. */
export function readReport(folder: string): LandingReport {
  const database = openForReading(join(folder, 'landing.db'))
  try {
    // One transaction, so that all numbers are of the same moment.
    return database.transaction(() => reportOf(database))()
  } finally {
    database.close()
  }
}

function reportOf(database: SqliteDatabase): LandingReport {
  const phases = new Map(
    database
      .prepare<[], [string, number]>('SELECT phase, count(*) FROM object GROUP BY phase')
      .raw()
      .all(),
  )
  const [whole = 0, partial = 0, broken = 0] = ['whole', 'partial', 'broken'].map((phase) =>
    phases.get(phase),
  )
  return {
    streams: streamsOf(database),
    alarms: database
      .prepare<[number], AlarmReport>(
        'SELECT code, van, stream, seq, detail, times FROM alarm ORDER BY id DESC LIMIT ?',
      )
      .all(alarmsShownMost),
    alarmCount: Number(database.prepare('SELECT count(*) FROM alarm').pluck().get()),
    quarantine: database
      .prepare<[], { readonly reason: string; readonly messages: number }>(
        `SELECT reason, sum(times) AS messages FROM quarantine GROUP BY reason ORDER BY reason`,
      )
      .all(),
    objects: { whole, partial, broken },
  }
}

function streamsOf(database: SqliteDatabase): readonly StreamReport[] {
  const doubles = countDoubles(database)
  const count = (what: string) =>
    new Map(
      database
        .prepare<[], [number, number]>(
          `SELECT stream_id, count(*) FROM packet WHERE ${what} GROUP BY stream_id`,
        )
        .raw()
        .all(),
    )
  const unproven = count(`proof = 'pending'`)
  const unread = count('unread IS NOT NULL')
  return [...new Streams(database).all()]
    .map((state) => ({
      van: state.van,
      epoch: state.epoch,
      stream: state.stream,
      packets: state.packets,
      records: state.records,
      missing: sizeOf(holesOf(state, Infinity)),
      lost: state.lost.count - overlap(state),
      doubled: doubles.get(state.id) ?? 0,
      unproven: unproven.get(state.id) ?? 0,
      unread: unread.get(state.id) ?? 0,
    }))
    .toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

function sizeOf(ranges: readonly { readonly from: number; readonly to: number }[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

/** Numbers that are here although they were declared lost. */
function overlap({ received, lost }: StreamState): number {
  let both = 0
  for (const { from, to } of lost.ranges())
    both += to - from + 1 - sizeOf(received.missing(from, to))
  return both
}

function keyOf({ van, epoch, stream }: StreamReport): string {
  return `${van} ${epoch} ${stream}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Whether nothing is missing, doubled or odd. What the van declared lost is not missing. */
export function isClean(report: LandingReport): boolean {
  const { streams, alarmCount, quarantine, objects } = report
  const odd = streams.some(({ missing, doubled, unread }) => missing + doubled + unread > 0)
  const apart = quarantine.length + objects.broken + objects.partial
  return !odd && alarmCount === 0 && apart === 0
}

const columns = ['packets', 'records', 'missing', 'lost', 'doubled', 'unproven'] as const

/** The report as a table of text. */
export function reportText(report: LandingReport): string {
  const head = ['stream', ...columns]
  const rows = report.streams.map((one) => [
    `${one.van}/${one.stream}`,
    ...columns.map((column) => String(one[column])),
  ])
  const total = columns.map((column) => report.streams.reduce((sum, one) => sum + one[column], 0))
  const table = [head, ...rows, ['together', ...total.map(String)]]
  const widths = head.map((_, at) => Math.max(...table.map((row) => (row[at] ?? '').length)))
  const lines = table.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  )
  const { whole, partial, broken } = report.objects
  lines.push('', `objects: ${whole} whole, ${partial} partial, ${broken} broken`)
  lines.push(`alarms: ${report.alarmCount}`)
  for (const { code, van, stream, seq, detail, times } of report.alarms)
    lines.push(`  ${code} ${van}/${stream} ${seq} (${times}x): ${detail}`)
  const apart = report.quarantine.map(({ reason, messages }) => `${messages} ${reason}`)
  lines.push(`quarantine: ${apart.length === 0 ? 'empty' : apart.join(', ')}`)
  return `${lines.join('\n')}\n`
}
