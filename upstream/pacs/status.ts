/** How far the images of each destination have come, from the database alone. */
import { join } from 'node:path'
import { openDatabase, openForReading } from '../landing/database.ts'
import { isParkedReason, parkedReasons } from './reasons.ts'

export interface DestinationStatus {
  readonly destination: string
  /** It is not decided yet whose they are. */
  readonly held: number
  /** Their file has not come whole. */
  readonly awaited: number
  readonly waiting: number
  readonly sent: number
  readonly confirmed: number
  readonly parked: readonly ParkedImages[]
  /** Wall time at which the oldest image that still waits became ready, in ms; null: none waits. */
  readonly oldestWallMs: number | null
  /** Why nothing goes now; null when all is well or nothing was tried. */
  readonly trouble: string | null
}

export interface ParkedImages {
  readonly reason: string
  readonly count: number
  /** The last words of the destination about one of them. */
  readonly said: string | null
}

interface CountRow {
  readonly destination: string
  readonly phase: string
  readonly reason: string | null
  readonly said: string | null
  readonly count: number
  readonly oldest: number
}

/** Throws `DatabaseRefused` when the folder holds no landing of this version. */
export function readForwardStatus(folder: string): readonly DestinationStatus[] {
  const database = openForReading(join(folder, 'landing.db'))
  try {
    const rows = database
      .prepare<[], CountRow>(
        `SELECT destination, phase, reason, max(said) AS said, count(*) AS count,
                min(ready_wall_ms) AS oldest
         FROM forward GROUP BY destination, phase, reason ORDER BY destination, phase, reason`,
      )
      .all()
    const troubles = database
      .prepare<[], { readonly destination: string; readonly trouble: string | null }>(
        'SELECT destination, trouble FROM forward_destination',
      )
      .all()
    const names = new Set([...rows, ...troubles].map(({ destination }) => destination))
    return [...names].toSorted().map((name) => {
      const own = rows.filter(({ destination }) => destination === name)
      const count = (phase: string): number =>
        own.filter((row) => row.phase === phase).reduce((sum, row) => sum + row.count, 0)
      return {
        destination: name,
        held: count('held'),
        awaited: count('awaited'),
        waiting: count('waiting'),
        sent: count('sent'),
        confirmed: count('confirmed'),
        parked: own
          .filter(({ phase }) => phase === 'parked')
          .map(({ reason, count: parked, said }) => ({
            reason: reason ?? '',
            count: parked,
            said,
          })),
        oldestWallMs: own.find(({ phase }) => phase === 'waiting')?.oldest ?? null,
        trouble: troubles.find(({ destination }) => destination === name)?.trouble ?? null,
      }
    })
  } finally {
    database.close()
  }
}

/** Lines for a person, in the language. */
export function forwardStatusText(
  all: readonly DestinationStatus[],
  language: 'en' | 'id',
  nowWallMs: number,
): string {
  const say = words[language]
  if (all.length === 0) return `${say.nothing}\n`
  const lines = all.flatMap((one) => [
    `${one.destination}: ${say.counts(one)}`,
    ...(one.oldestWallMs === null
      ? []
      : [`  ${say.oldest(minutes(nowWallMs - one.oldestWallMs))}`]),
    ...(one.trouble === null ? [] : [`  ${say.trouble} ${printable(one.trouble)}`]),
    ...one.parked.flatMap(({ reason, count, said }) => [
      `  ${say.parked} ${count} (${reason})${said === null ? '' : ` "${printable(said)}"`}`,
      ...(isParkedReason(reason) ? [`    ${parkedReasons[reason][language]}`] : []),
    ]),
  ])
  return `${lines.join('\n')}\n`
}

function minutes(ms: number): number {
  return Math.max(0, Math.round(ms / 60_000))
}

/** What a peer says must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}

type Counts = Pick<
  DestinationStatus,
  'held' | 'awaited' | 'waiting' | 'sent' | 'confirmed' | 'parked'
>

function parkedOf({ parked }: Counts): number {
  return parked.reduce((sum, { count }) => sum + count, 0)
}

const words = {
  en: {
    nothing: 'No image was to be forwarded yet.',
    counts: (one: Counts) =>
      `${one.confirmed} confirmed, ${one.sent} sent, ${one.waiting} waiting, ${one.awaited} still arriving, ${one.held} held until it is decided whose they are, ${parkedOf(one)} parked`,
    oldest: (count: number) => `the oldest that waits has been ready for ${count} min`,
    trouble: 'nothing goes now:',
    parked: 'parked',
  },
  id: {
    nothing: 'Belum ada gambar yang harus diteruskan.',
    counts: (one: Counts) =>
      `${one.confirmed} terkonfirmasi, ${one.sent} terkirim, ${one.waiting} menunggu, ${one.awaited} masih diterima, ${one.held} menunggu kepastian pasien, ${parkedOf(one)} ditahan`,
    oldest: (count: number) => `yang terlama sudah siap sejak ${count} menit`,
    trouble: 'saat ini tidak terkirim:',
    parked: 'ditahan',
  },
} as const

/**
 * Parked images of a destination wait again, all or those of one reason: a person has done
 * something about it. Answers how many. May be called beside a running landing.
 */
export function sendAgain(folder: string, destination: string, reason: string | null): number {
  // Opened for reading first, so that a wrong folder is not made a landing.
  openForReading(join(folder, 'landing.db')).close()
  const database = openDatabase(join(folder, 'landing.db'))
  try {
    return database
      .prepare(
        `UPDATE forward SET phase = 'awaited', reason = NULL, tries = 0, refusals = 0,
           absences = 0, due_wall_ms = 0
         WHERE destination = ? AND phase = 'parked' AND reason = coalesce(?, reason)`,
      )
      .run(destination, reason).changes
  } finally {
    database.close()
  }
}
