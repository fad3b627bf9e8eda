/**
 * Where each lead is drawn on the paper, in millimetres, at 25 mm/s and 10 mm/mV. Sources: AHA,
 * ACCF and HRS 2007, part I (Kligfield et al., Circulation 115:1306) for scale and order.
 */
import type { Lead } from '../../protocols/packet/record.ts'
import type { Strip } from './read.ts'

export const mmPerSecond = 25
export const mmPerMillivolt = 10
/** Room at the left of each row for the pulse of 1 mV during 200 ms. */
export const marginMm = 15
export const pageSeconds = 10
/** Room above the first row, for its lead names. */
const topMm = 8
const rowsMm = { twelve: 18, columns: 30 }

const columns = [
  ['I', 'II', 'III'],
  ['aVR', 'aVL', 'aVF'],
  ['V1', 'V2', 'V3'],
  ['V4', 'V5', 'V6'],
] as const
const rhythm = 'II'

/** `columns`: three rows of four leads, 2.5 s each, and lead II below. `rows`: a row for each. */
export type LayoutKind = 'columns' | 'rows'

export interface Segment {
  readonly lead: number
  readonly name: string
  /** Seconds since the beginning of the page. */
  readonly from: number
  readonly to: number
  readonly xMm: number
  /** The middle of its row. */
  readonly yMm: number
}

export interface Layout {
  readonly segments: readonly Segment[]
  /** Middles of the rows, where the pulse is drawn. */
  readonly rowsMm: readonly number[]
  readonly widthMm: number
  readonly heightMm: number
}

/** The name that is written beside a trace: the end of its code, as hospitals write it. */
export function nameOf({ code }: Lead): string {
  const name = code.replace(/^MDC_ECG_ELEC_POTL_?/, '').replace(/^MDC_/, '')
  return name.replace(/^AV([RLF])$/, 'aV$1') || 'ECG'
}

const millivolts: ReadonlyMap<string, number> = new Map([
  ['V', 1_000],
  ['mV', 1],
  ['uV', 0.001],
  ['nV', 0.000_001],
])

/** Millivolts of one step; null when the wave is no calibrated voltage. */
export function millivoltsPerStep({ unit, lsb }: Lead): number | null {
  const scale = unit === null ? undefined : millivolts.get(unit)
  return scale === undefined || lsb === null ? null : scale * lsb
}

export function canShowColumns({ leads }: Strip): boolean {
  const names = leads.map(nameOf)
  return columns.flat().every((name) => names.includes(name))
}

export function layOut(strip: Strip, kind: LayoutKind): Layout {
  const names = strip.leads.map(nameOf)
  const segment = (name: string, row: number, heightMm: number, from: number, to: number) => ({
    lead: names.indexOf(name),
    name,
    from,
    to,
    xMm: marginMm + from * mmPerSecond,
    yMm: topMm + (row + 0.5) * heightMm,
  })
  const heightMm = kind === 'columns' ? rowsMm.columns : rowsMm.twelve
  const seconds = pageSeconds / columns.length
  const segments: Segment[] =
    kind === 'columns'
      ? [
          ...columns.flatMap((column, at) =>
            column.map((name, row) =>
              segment(name, row, heightMm, at * seconds, (at + 1) * seconds),
            ),
          ),
          segment(rhythm, 3, heightMm, 0, pageSeconds),
        ]
      : strip.leads.map((_, lead) => ({
          ...segment(names[lead] ?? '', lead, heightMm, 0, pageSeconds),
          lead,
        }))
  const rows = kind === 'columns' ? 4 : strip.leads.length
  return {
    segments,
    rowsMm: Array.from({ length: rows }, (_, row) => topMm + (row + 0.5) * heightMm),
    widthMm: marginMm + pageSeconds * mmPerSecond + 2,
    heightMm: topMm + rows * heightMm + 4,
  }
}
