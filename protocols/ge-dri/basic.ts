/**
 * The basic class of a physiological record: what a monitor shows.
 *
 *   0 time u32   4 270 bytes of groups   274 marker   275 reserved   276 word u16
 *   word: low byte = level << 4 | kind (1 displayed, 2 and 3 trends), high byte = class (0 basic)
 *
 *   group: 0 status u32 (0 exists, 1 active), 4 label u16, then i16 each; below -32,001 is no value
 *
 * Source: recordings of a CARESCAPE monitor, of which each class is a part of its own; independent
 * clients.
 */
import { viewOf } from '../bytes/bytes.ts'
import type { DriPart } from './frame.ts'
import { noValueBelow } from './wave.ts'

/** Name, offset in its group, and by what the number is divided. */
type Field = readonly [name: string, at: number, divisor: number]

interface Layout {
  readonly at: number
  readonly fields: readonly Field[]
}

const pressure: readonly Field[] = [
  ['systolicMmHg', 6, 100],
  ['diastolicMmHg', 8, 100],
  ['meanMmHg', 10, 100],
  ['pulsePerMinute', 12, 1],
]
const temperature: readonly Field[] = [['celsius', 6, 100]]
const gas: readonly Field[] = [
  ['expiredPercent', 6, 100],
  ['inspiredPercent', 8, 100],
]

const layouts = {
  ecg: {
    at: 0,
    fields: [
      ['heartPerMinute', 6, 1],
      ['st1Mm', 8, 100],
      ['st2Mm', 10, 100],
      ['st3Mm', 12, 100],
      ['breathsPerMinute', 14, 1],
    ],
  },
  p1: { at: 16, fields: pressure },
  p2: { at: 30, fields: pressure },
  p3: { at: 44, fields: pressure },
  p4: { at: 58, fields: pressure },
  cuff: { at: 72, fields: pressure },
  t1: { at: 86, fields: temperature },
  t2: { at: 94, fields: temperature },
  t3: { at: 102, fields: temperature },
  t4: { at: 110, fields: temperature },
  oximeter: {
    at: 118,
    fields: [
      ['saturationPercent', 6, 100],
      ['pulsePerMinute', 8, 1],
    ],
  },
  co2: {
    at: 132,
    fields: [...gas, ['breathsPerMinute', 10, 1], ['ambientMmHg', 12, 10]],
  },
  o2: { at: 146, fields: gas },
  n2o: { at: 156, fields: gas },
  agent: { at: 166, fields: gas },
  p5: { at: 240, fields: pressure },
  p6: { at: 254, fields: pressure },
} as const satisfies { readonly [name: string]: Layout }

export type DriGroupName = keyof typeof layouts
const names = Object.keys(layouts) as DriGroupName[]

export interface DriGroup {
  readonly isActive: boolean
  /** Bits above the two that say whether it exists and is active. */
  readonly status: number
  readonly label: number
  /** null in a group that is not active, too. */
  readonly values: { readonly [name: string]: number | null }
}

export interface DriBasic {
  readonly kind: 'displayed' | 'trend'
  readonly unixSeconds: number
  readonly groups: { readonly [name in DriGroupName]: DriGroup }
}

const partBytes = 278
const groupsAt = 4
const wordAt = 276
const basicClass = 0
const displayedKind = 1
const noValue = -32_767

/** null when the part is not of the basic class. */
export function readBasic({ bytes }: DriPart): DriBasic | null {
  if (bytes.length < partBytes) return null
  const view = viewOf(bytes)
  const word = view.getUint16(wordAt, true)
  if (word >> 8 !== basicClass) return null
  const groups = names.map((name) => [name, readGroup(view, layouts[name])] as const)
  return {
    kind: (word & 0x0f) === displayedKind ? 'displayed' : 'trend',
    unixSeconds: view.getUint32(0, true),
    groups: Object.fromEntries(groups) as DriBasic['groups'],
  }
}

function readGroup(view: DataView, { at, fields }: Layout): DriGroup {
  const start = groupsAt + at
  const status = view.getUint32(start, true)
  const isActive = (status & 3) === 3
  const values = fields.map(([name, offset, divisor]) => {
    const raw = view.getInt16(start + offset, true)
    return [name, isActive && raw >= noValueBelow ? raw / divisor : null] as const
  })
  return {
    isActive,
    status: status >>> 2,
    label: view.getUint16(start + 4, true),
    values: Object.fromEntries(values),
  }
}

export function basicPart(basic: DriBasic, level: number): DriPart {
  const bytes = new Uint8Array(partBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, basic.unixSeconds, true)
  for (const name of names) {
    const { at, fields }: Layout = layouts[name]
    const group = basic.groups[name]
    const start = groupsAt + at
    view.setUint32(start, ((group.status << 2) | (group.isActive ? 3 : 0)) >>> 0, true)
    view.setUint16(start + 4, group.label, true)
    for (const [field, offset, divisor] of fields) {
      const value = group.values[field] ?? null
      view.setInt16(start + offset, value === null ? noValue : Math.round(value * divisor), true)
    }
  }
  const kind = basic.kind === 'displayed' ? displayedKind : displayedKind + 1
  view.setUint16(wordAt, ((level & 0x0f) << 4) | kind, true)
  return { type: kind, bytes }
}
