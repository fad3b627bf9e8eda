/**
 * Rows as a person reads them: the many blocks of one wave are one line, and so are the numbers
 * that a monitor repeats. A single result always has a line of its own.
 */
import type { Delivery } from '../view.ts'
import type { Row } from '../wire.ts'

export interface RowGroup {
  /** The newest; for a wave as long as all its parts together. */
  readonly row: Row
  readonly count: number
  /** Parts that the hospital does not have yet. */
  readonly waiting: number
  /** The least far of all parts. */
  readonly delivery: Delivery
  /** The lowest and the highest of the numbers, by code. */
  readonly spans: ReadonlyMap<string, Span>
  readonly oldestMs: number
}

export interface Span {
  readonly low: number
  readonly high: number
}

/** A longer pause than this begins a new line, and so does a longer stretch. */
const pauseMsMax = 30_000
const stretchMsMax = 5 * 60_000

const far: Readonly<{ [D in Delivery]: number }> = {
  failed: 0,
  storing: 1,
  stored: 2,
  sent: 3,
  acknowledged: 4,
  receipted: 5,
}

/** The state of a whole is that of its least far part. */
export function leastFar(deliveries: readonly Delivery[]): Delivery {
  return deliveries.reduce((least, one) => (far[one] < far[least] ? one : least), 'receipted')
}

/** `rows` come newest first. */
export function groupRows(rows: readonly Row[]): readonly RowGroup[] {
  const groups: RowGroup[] = []
  const openBySignal = new Map<string, number>()
  for (const row of rows) {
    const signal = signalOf(row)
    const index = signal === null ? undefined : openBySignal.get(signal)
    const open = index === undefined ? undefined : groups[index]
    if (index !== undefined && open !== undefined && follows(open, row)) {
      groups[index] = joined(open, row)
    } else {
      if (signal !== null) openBySignal.set(signal, groups.length)
      groups.push(single(row))
    }
  }
  return groups
}

/** What a row may join with; null when it stands alone. */
function signalOf({ says, device, simulated }: Row): string | null {
  if (says.kind === 'waveform') return `${device} ${says.wave} ${says.leads.length} ${simulated}`
  if (says.kind !== 'numerics') return null
  const codes = says.values.map((value) => value.code)
  return `${device} ${says.qualifiers['probe'] ?? ''} ${codes.join(' ')} ${simulated}`
}

function follows(open: RowGroup, older: Row): boolean {
  const pauseMs = open.oldestMs - older.atMs
  // Another boot has another monotonic clock: then the older seems younger.
  return pauseMs >= 0 && pauseMs <= pauseMsMax && open.row.atMs - older.atMs <= stretchMsMax
}

function single(row: Row): RowGroup {
  const { delivery, atMs } = row
  const waiting = delivery === 'receipted' ? 0 : 1
  return { row, count: 1, waiting, delivery, spans: spansOf(row, new Map()), oldestMs: atMs }
}

function joined(open: RowGroup, older: Row): RowGroup {
  const { says } = open.row
  const row =
    says.kind === 'waveform' && older.says.kind === 'waveform'
      ? {
          ...open.row,
          says: { ...says, durationMs: says.durationMs + older.says.durationMs },
        }
      : open.row
  return {
    row,
    count: open.count + 1,
    waiting: open.waiting + (older.delivery === 'receipted' ? 0 : 1),
    delivery: leastFar([older.delivery, open.delivery]),
    spans: spansOf(older, open.spans),
    oldestMs: older.atMs,
  }
}

function spansOf(row: Row, before: ReadonlyMap<string, Span>): ReadonlyMap<string, Span> {
  if (row.says.kind !== 'numerics') return before
  const spans = new Map(before)
  for (const { code, value } of row.says.values) {
    if (value === null) continue
    const span = spans.get(code)
    spans.set(code, {
      low: Math.min(value, span?.low ?? value),
      high: Math.max(value, span?.high ?? value),
    })
  }
  return spans
}
