/**
 * Reports of values.
 *
 *   request u16 | report-number u16 | list of
 *     fixed     handle u16 | octets, the values in the order of the object's map
 *     var       handle u16 | list of attributes
 *     grouped   octets, the values of several objects in the order of the scanner's map
 *
 * In a report about several people each of them has `person u16` before a list of the same (before
 * one group, when grouped). The store has a report of its own, and the configuration too.
 */
import { joinBytes } from '../bytes/bytes.ts'
import type { Configuration } from './configuration.ts'
import {
  encodeAttribute,
  list,
  MderReader,
  octets,
  readAttribute,
  u16,
  type Attribute,
} from './mder.ts'
import { decodeFixed, decodeNamed, type Decoding, type Observation } from './observation.ts'

export type ScanForm = 'fixed' | 'var' | 'grouped'

interface ScanKind {
  readonly form: ScanForm
  readonly hasPeople: boolean
}

const mdsKinds: readonly ScanKind[] = [
  { form: 'fixed', hasPeople: false },
  { form: 'var', hasPeople: false },
  { form: 'fixed', hasPeople: true },
  { form: 'var', hasPeople: true },
]
/** In this order for the episodic scanner, and again for the periodic one. */
const scannerKinds: readonly ScanKind[] = [false, true].flatMap((hasPeople) =>
  (['var', 'fixed', 'grouped'] as const).map((form) => ({ form, hasPeople })),
)
const firstMds = 3_357
const firstScanner = 3_362

/** By type of event. */
export const scanKinds: ReadonlyMap<number, ScanKind> = new Map([
  ...mdsKinds.map((kind, index) => [firstMds + index, kind] as const),
  ...[...scannerKinds, ...scannerKinds].map((kind, index) => [firstScanner + index, kind] as const),
])

/** Values of one object, or of one group of objects, as they came. */
export type ScanItem =
  | { readonly form: 'fixed'; readonly handle: number; readonly bytes: Uint8Array }
  | { readonly form: 'var'; readonly handle: number; readonly attributes: readonly Attribute[] }
  | { readonly form: 'grouped'; readonly bytes: Uint8Array }

export interface PersonScan {
  /** null in a report that knows no people. */
  readonly person: number | null
  readonly items: readonly ScanItem[]
}

export interface ScanReport {
  readonly requestId: number
  readonly reportNumber: number
  readonly people: readonly PersonScan[]
  /** Bytes behind the report, which agents with a wrong length send. */
  readonly leftBytes: number
}

/** null when the type is none of a scan report, or when the report is cut short. */
export function readScanReport(eventType: number, info: Uint8Array): ScanReport | null {
  const kind = scanKinds.get(eventType)
  if (kind === undefined) return null
  const reader = new MderReader(info)
  const [requestId, reportNumber] = [reader.u16(), reader.u16()]
  const people = kind.hasPeople
    ? reader.list((one) => readPerson(one, kind.form))
    : [{ person: null, items: reader.list((one) => readItem(one, kind.form)) }]
  return reader.isWhole ? { requestId, reportNumber, people, leftBytes: reader.left } : null
}

function readPerson(reader: MderReader, form: ScanForm): PersonScan {
  const person = reader.u16()
  if (form === 'grouped') return { person, items: [readItem(reader, form)] }
  return { person, items: reader.list((one) => readItem(one, form)) }
}

function readItem(reader: MderReader, form: ScanForm): ScanItem {
  switch (form) {
    case 'fixed':
      return { form, handle: reader.u16(), bytes: reader.octets() }
    case 'var':
      return { form, handle: reader.u16(), attributes: reader.list(readAttribute) }
    case 'grouped':
      return { form, bytes: reader.octets() }
  }
}

/** The form of all items must be that of the type. */
export function encodeScanReport(eventType: number, report: ScanReport): Uint8Array {
  const hasPeople = scanKinds.get(eventType)?.hasPeople ?? false
  const people = report.people.map(({ person, items }) => {
    const encoded = items.map(encodeItem)
    const isGroup = items[0]?.form === 'grouped'
    return hasPeople
      ? joinBytes(u16(person ?? 0), isGroup ? joinBytes(...encoded) : list(encoded))
      : list(encoded)
  })
  const body = hasPeople ? list(people) : joinBytes(...people)
  return joinBytes(u16(report.requestId), u16(report.reportNumber), body)
}

function encodeItem(item: ScanItem): Uint8Array {
  switch (item.form) {
    case 'fixed':
      return joinBytes(u16(item.handle), octets(item.bytes))
    case 'var':
      return joinBytes(u16(item.handle), list(item.attributes.map(encodeAttribute)))
    case 'grouped':
      return octets(item.bytes)
  }
}

/** Why something in a report is not among its observations, or why some of it is not believed. */
export type ScanProblem = 'unknown-object' | 'too-short' | 'too-long' | 'left-over' | 'no-map'

export interface Observed {
  readonly observations: readonly Observation[]
  readonly problems: readonly ScanProblem[]
}

/** What the values mean. One object that cannot be read costs nothing but itself. */
export function observe(
  report: ScanReport,
  scanner: number,
  configuration: Configuration,
): Observed {
  const observations: Observation[] = []
  const problems = new Set<ScanProblem>(report.leftBytes > 0 ? ['left-over'] : [])
  for (const { person, items } of report.people) {
    for (const item of items) {
      const found =
        item.form === 'grouped'
          ? observeGroup(item.bytes, person, scanner, configuration)
          : [observeItem(item, person, configuration)]
      for (const one of found) {
        if (typeof one === 'string') problems.add(one)
        else {
          if (one.leftBytes > 0) problems.add('too-long')
          if (one.observation === null) problems.add('too-short')
          else observations.push(one.observation)
        }
      }
    }
  }
  return { observations, problems: [...problems] }
}

function observeItem(
  item: Exclude<ScanItem, { form: 'grouped' }>,
  person: number | null,
  configuration: Configuration,
): Decoding | ScanProblem {
  const metric = configuration.metrics.get(item.handle)
  if (metric === undefined) return 'unknown-object'
  if (item.form === 'var') {
    return { observation: decodeNamed(metric, person, item.attributes), leftBytes: 0 }
  }
  if (metric.map === null) return 'no-map'
  return decodeFixed(metric, metric.map, person, item.bytes)
}

/** In a group every object stands where the ones before it end: one that is unknown is passed. */
function observeGroup(
  bytes: Uint8Array,
  person: number | null,
  scanner: number,
  configuration: Configuration,
): readonly (Decoding | ScanProblem)[] {
  const maps = configuration.scanners.get(scanner)?.map
  if (maps === undefined || maps.length === 0) return ['no-map']
  const reader = new MderReader(bytes)
  const found: (Decoding | ScanProblem)[] = []
  for (const { handle, map } of maps) {
    const part = reader.take(map.reduce((sum, { length }) => sum + length, 0))
    const metric = configuration.metrics.get(handle)
    if (!reader.isWhole) return [...found, 'too-short']
    found.push(metric === undefined ? 'unknown-object' : decodeFixed(metric, map, person, part))
  }
  if (reader.left > 0) found.push('too-long')
  return found
}

/** Watches the numbers of reports. Many agents say 0 always, which tells nothing. */
export class Counter {
  readonly #last = new Map<number, number>()

  /** How many reports were missed before this one. A number that goes back is a new beginning. */
  missingBefore(requestId: number, reportNumber: number): number {
    const last = this.#last.get(requestId)
    if (last !== undefined || this.#last.size < requestsMax) this.#last.set(requestId, reportNumber)
    if (last === undefined || reportNumber <= last) return 0
    return reportNumber - last - 1
  }
}

/** Requests that are watched in one association. */
const requestsMax = 16
