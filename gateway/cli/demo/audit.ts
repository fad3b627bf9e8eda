/**
 * Whether everything arrived: what the simulators said, what the journal numbered, and what the
 * landing has are read from their files and compared. Call it when nothing runs any more.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseStream, streamFor, vanDevice } from '../../../protocols/packet/topics.ts'
import type { Record } from '../../../protocols/packet/record.ts'
import {
  compareWithJournal,
  type Comparison,
  type JournalPacket,
} from '../../../upstream/compare.ts'
import { landedRecords } from '../../../upstream/landed.ts'
import { openTools } from '../../../upstream/open-tools.ts'
import { readReport, type LandingReport } from '../../../upstream/report.ts'
import { inspectJournal } from '../../journal/inspect.ts'
import { dataSetOf } from './data-set.ts'
import { demoSenders, type SentImage } from './images.ts'
import { demoDevices, demoVan, type Van } from './van.ts'

export interface AuditRow {
  readonly stream: string
  /** What the simulator said; null where nobody counts, as for events. */
  readonly produced: number | null
  /** Records in the journal; samples for waveforms, chunks for objects. */
  readonly stored: number
  /** The same in the landing, whose commit is the receipt. */
  readonly receipted: number
  readonly missing: number
  readonly doubled: number
}

export interface Audit {
  readonly rows: readonly AuditRow[]
  readonly comparison: Comparison
  readonly report: LandingReport
  readonly images: { readonly answered: number; readonly different: readonly string[] }
  readonly lost: number
  readonly doubled: number
  readonly findings: readonly string[]
}

export interface AuditOptions {
  readonly images: readonly SentImage[]
  /**
   * True when the gateway ran all the time: then what a simulator said must have been stored. A
   * gateway that was killed cannot store what was said while it was dead.
   */
  readonly gatewayLived: boolean
}

export function audit(van: Van, options: AuditOptions): Audit {
  const stored = new Map<string, Tally>()
  const packets: JournalPacket[] = []
  for (const { header, records } of inspectJournal(van.gatewayFolder, openTools)) {
    const { epoch, stream, seq, digest } = header
    packets.push({ epoch, stream, seq, digest })
    tally(stored, stream).add(records, header.codec === 'chunk')
  }
  const landed = new Map<string, Tally>()
  for (const { stream, records, isChunk } of landedRecords(van.landingFolder)) {
    tally(landed, stream).add(records, isChunk)
  }
  const report = readReport(van.landingFolder)
  const comparison = compareWithJournal(van.landingFolder, demoVan, packets)
  const produced = producedBy(van, stored, options.images)
  const streams = [...new Set([...stored.keys(), ...landed.keys(), ...produced.keys()])].sort()
  const rows = streams.map((stream): AuditRow => {
    const said = produced.get(stream) ?? null
    const kept = stored.get(stream)?.count ?? 0
    const here = landed.get(stream)
    const expected = options.gatewayLived && said !== null ? Math.max(said, kept) : kept
    const numbers = report.streams.filter((one) => one.stream === stream)
    const doubled = numbers.reduce((sum, one) => sum + one.doubled, 0)
    return {
      stream,
      produced: said,
      stored: kept,
      receipted: here?.count ?? 0,
      missing: Math.max(0, expected - (here?.count ?? 0)),
      doubled: doubled + repeatsOf(stream, said, here),
    }
  })
  const images = checkImages(van, options.images)
  const findings = [
    ...comparison.findings,
    ...report.alarms.map(({ code, stream, detail }) => `alarm ${code} ${stream}: ${detail}`),
    ...report.quarantine.map(({ reason, messages }) => `quarantine: ${messages} ${reason}`),
    ...images.different.map((path) => `image ${path} is not in the landing bit for bit`),
  ]
  const sum = (of: (row: AuditRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  return {
    rows,
    comparison,
    report,
    images,
    lost:
      sum((row) => row.missing) +
      comparison.missing +
      comparison.different +
      images.different.length,
    doubled: sum((row) => row.doubled) + comparison.invented,
    findings,
  }
}

/** What is counted in one stream, and each result and image by name, to see one that came twice. */
class Tally {
  count = 0
  readonly said: string[] = []

  add(records: readonly Record[], isChunk: boolean): void {
    if (isChunk) this.count += 1
    for (const record of records) {
      if (record.kind === 'waveform') this.count += record.samples[0]?.length ?? 0
      else this.count += 1
      if (record.kind === 'measurement') this.said.push(wordsOf(record.values))
      if (record.kind === 'image') this.said.push(record.sopInstanceUid)
    }
  }
}

function tally(tallies: Map<string, Tally>, stream: string): Tally {
  const found = tallies.get(stream) ?? new Tally()
  tallies.set(stream, found)
  return found
}

function wordsOf(values: readonly { code: string; value: number | null }[]): string {
  return values.map(({ code, value }) => `${code} ${value}`).join(' ')
}

interface LedgerLine {
  readonly kind: string
  readonly count?: number
}

/**
 * By stream, what left the simulators. A gateway that saw nothing of a device has no such stream.
 */
function producedBy(
  van: Van,
  stored: ReadonlyMap<string, Tally>,
  images: readonly SentImage[],
): ReadonlyMap<string, number> {
  const produced = new Map<string, number>()
  const add = (stream: string, count: number) =>
    produced.set(stream, (produced.get(stream) ?? 0) + count)
  for (const device of van.devices) {
    let samples = 0
    for (const line of ledgerLines(van.ledgerPath(device))) {
      if (line.kind === 'samples') samples = line.count ?? 0
      else if (line.kind === 'measurement' || line.kind === 'numerics') {
        add(streamFor(device, line.kind), 1)
      }
    }
    if (samples > 0) add(streamFor(device, 'waveform'), samples)
  }
  // An image may be stored although its answer was cut off: the sender then sends it again.
  for (const image of images) add(streamFor(image.device, 'image'), 1)
  for (const stream of stored.keys()) {
    if (parseStream(stream)?.device === vanDevice) produced.delete(stream)
  }
  return produced
}

function ledgerLines(path: string): readonly LedgerLine[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine)
}

/** More than was said, or the same distinct result twice. */
function repeatsOf(stream: string, produced: number | null, here: Tally | undefined): number {
  if (produced === null || here === undefined) return 0
  const device = parseStream(stream)?.device
  const isImage = demoSenders.some((one) => one.device === device)
  const isDistinct = isImage || demoDevices.some((one) => one.id === device && one.distinct)
  const repeats = isDistinct ? here.said.length - new Set(here.said).size : 0
  return Math.max(repeats, here.count - produced)
}

/** Each image that was answered with success must be in the landing exactly as it was sent. */
function checkImages(van: Van, images: readonly SentImage[]): Audit['images'] {
  const answered = images.filter((one) => one.answered)
  const landed = new Set<string>()
  for (const { records } of landedRecords(van.landingFolder)) {
    for (const record of records) {
      if (record.kind !== 'image') continue
      const { sha256 } = record.object
      const path = join(van.landingFolder, 'objects', sha256.slice(0, 2), sha256)
      if (existsSync(path)) landed.add(hashOf(readFileSync(path).subarray(record.dataSetOffset)))
    }
  }
  const different = answered
    .filter(({ path }) => !landed.has(hashOf(dataSetOf(readFileSync(path)))))
    .map(({ path }) => path)
  return { answered: answered.length, different }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
