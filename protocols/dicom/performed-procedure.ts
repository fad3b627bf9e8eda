/**
 * Modality Performed Procedure Step: what a modality says that it does, and what we keep of it.
 * Source: PS3.4 annex F (tables F.7.2-1 and F.7.2-2 for the attributes, F.7.2.2 for the states).
 *
 *   N-CREATE-RQ  (0040,0252) IN PROGRESS, (0040,0244) (0040,0245) start, (0008,0060) modality
 *                (0040,0270) items of (0020,000D) study, (0008,0050) accession number
 *   N-SET-RQ     (0040,0252) COMPLETED or DISCONTINUED, (0040,0250) (0040,0251) end
 *                (0040,0281) why discontinued: items of (0008,0100) value, (0008,0102) scheme
 *                (0040,0340) items of (0020,000E) series and its instances:
 *                            (0008,1140) images, (0040,0220) others, items of (0008,1155)
 *
 *   IN PROGRESS ──N-SET──▶ COMPLETED, DISCONTINUED   nothing may follow
 *        └──────────────▶ abandoned                  our word: the modality never said an end
 *
 * Read tolerantly: of an examination that nobody had scheduled the items are empty, an N-SET may
 * repeat IN PROGRESS or give no status, and most of what the standard wants is missing somewhere.
 */
import { findingsMax, instancesMax, seriesMax } from '../packet/limits.ts'
import type { PerformedSeries, Procedure } from '../packet/visit-records.ts'
import { statuses } from './command-set.ts'
import { itemsIn, textIn, type DataSet, type Sequences } from './data-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { isUid } from './uids.ts'

export const procedureStepUid = '1.2.840.10008.3.1.2.3.3'
/** For who only reads steps (PS3.4 section F.8). */
export const procedureStepRetrieveUid = '1.2.840.10008.3.1.2.3.4'

/** What a record keeps of a step, without whom the van found that it belongs to. */
export type PerformedStep = Pick<
  Procedure,
  | 'sopInstanceUid'
  | 'device'
  | 'state'
  | 'accessionNumber'
  | 'studyInstanceUid'
  | 'modality'
  | 'startedText'
  | 'endedText'
  | 'series'
  | 'discontinuationCode'
  | 'findings'
>

/** What one message says. null: it says nothing about it. */
export interface StepSaid {
  /** As it stands, such as `IN PROGRESS`. */
  readonly status: string | null
  readonly accessionNumber: string | null
  readonly studyInstanceUid: string | null
  readonly modality: string | null
  readonly startedText: string | null
  readonly endedText: string | null
  readonly series: readonly PerformedSeries[] | null
  readonly discontinuationCode: string | null
  readonly findings: readonly StepFinding[]
}

export type StepFinding =
  /** No accession number: nobody had scheduled it, or nobody chose it from the worklist. */
  | 'unscheduled'
  /** It names several accession numbers, of which the first is kept. */
  | 'several-orders'
  | 'status-missing'
  /** A study, series or instance UID that is none is left out. */
  | 'uid-invalid'
  /** More series or instances than one record holds; the first are kept. */
  | 'series-cut'

export type StepAnswer =
  | { readonly kind: 'taken'; readonly step: PerformedStep }
  | { readonly kind: 'refused'; readonly refusal: StepRefusal }

export interface StepRefusal {
  readonly status: number
  /** (0000,0903), PS3.4 table F.7.2-3. */
  readonly errorId?: number
  readonly comment: string
}

/** "Performed Procedure Step Object may no longer be updated". */
export const noLongerUpdated = 0xa710

/** Accession numbers and codes have 16 characters, times 14; what is longer is a mistake. */
const wordCharacters = 32
/** So that the record of a step stays far below its limit. */
const seriesLimitBytes = 204_800
const listBytes = 8

const tags = {
  accessionNumber: 0x0008_0050,
  modality: 0x0008_0060,
  codeValue: 0x0008_0100,
  codingScheme: 0x0008_0102,
  images: 0x0008_1140,
  sopInstance: 0x0008_1155,
  studyInstance: 0x0020_000d,
  seriesInstance: 0x0020_000e,
  otherInstances: 0x0040_0220,
  startDate: 0x0040_0244,
  startTime: 0x0040_0245,
  endDate: 0x0040_0250,
  endTime: 0x0040_0251,
  status: 0x0040_0252,
  scheduledSteps: 0x0040_0270,
  discontinuation: 0x0040_0281,
  performedSeries: 0x0040_0340,
} as const

export const stepSequences: Sequences = new Set([
  tags.images,
  tags.otherInstances,
  tags.scheduledSteps,
  tags.discontinuation,
  tags.performedSeries,
])

/** `dataSet` was read with `stepSequences`. */
export function stepIn(dataSet: DataSet): StepSaid {
  const findings = new Set<StepFinding>()
  const scheduled = itemsIn(dataSet, tags.scheduledSteps)
  const accessions = new Set(
    scheduled.map((item) => wordIn(item, tags.accessionNumber)).filter((one) => one !== null),
  )
  if (accessions.size > 1) findings.add('several-orders')
  const studies = scheduled.map((item) => uidIn(item, tags.studyInstance, findings))
  const [accessionNumber = null] = accessions
  const [reason] = itemsIn(dataSet, tags.discontinuation)
  return {
    status: wordIn(dataSet, tags.status),
    accessionNumber,
    studyInstanceUid: studies.find((one) => one !== null) ?? null,
    modality: wordIn(dataSet, tags.modality),
    startedText: instantIn(dataSet, tags.startDate, tags.startTime),
    endedText: instantIn(dataSet, tags.endDate, tags.endTime),
    series: dataSet.elements.has(tags.performedSeries) ? seriesIn(dataSet, findings) : null,
    discontinuationCode: reason === undefined ? null : codeIn(reason),
    findings: [...findings],
  }
}

/** N-CREATE. `known`: what is kept under the UID already. */
export function beginStep(
  known: PerformedStep | null,
  { sopInstanceUid, device }: Pick<PerformedStep, 'sopInstanceUid' | 'device'>,
  said: StepSaid,
): StepAnswer {
  if (known !== null) return refused(statuses.duplicateInstance, 'This step is known already')
  if (said.status !== null && said.status !== 'IN PROGRESS') {
    return refused(statuses.invalidAttributeValue, 'A step begins with the status IN PROGRESS')
  }
  const findings: readonly StepFinding[] = [
    ...(said.accessionNumber === null ? (['unscheduled'] as const) : []),
    ...(said.status === null ? (['status-missing'] as const) : []),
  ]
  const nothing: PerformedStep = {
    sopInstanceUid,
    device,
    state: 'in-progress',
    accessionNumber: '',
    studyInstanceUid: '',
    modality: '',
    startedText: '',
    endedText: '',
    series: [],
    discontinuationCode: '',
    findings,
  }
  return { kind: 'taken', step: merged(nothing, said, 'in-progress') }
}

const statesOf = {
  'IN PROGRESS': 'in-progress',
  COMPLETED: 'completed',
  DISCONTINUED: 'discontinued',
} as const satisfies { readonly [status: string]: PerformedStep['state'] }

/** N-SET. A step that we gave up waiting for still takes what its modality says of it. */
export function setStep(known: PerformedStep | null, said: StepSaid): StepAnswer {
  if (known === null) return refused(statuses.noSuchInstance, 'This step is not known here')
  if (known.state === 'completed' || known.state === 'discontinued') {
    const comment = 'Performed Procedure Step Object may no longer be updated'
    const refusal = { status: statuses.processingFailure, errorId: noLongerUpdated, comment }
    return { kind: 'refused', refusal }
  }
  const status = said.status ?? 'IN PROGRESS'
  if (!isStatus(status)) return refused(statuses.invalidAttributeValue, 'The status is no status')
  return { kind: 'taken', step: merged(known, said, statesOf[status]) }
}

function isStatus(text: string): text is keyof typeof statesOf {
  return Object.hasOwn(statesOf, text)
}

/** What says to whom a step belongs stands from its beginning; the rest is what was said last. */
function merged(
  known: PerformedStep,
  said: StepSaid,
  state: PerformedStep['state'],
): PerformedStep {
  const findings = new Set([...known.findings, ...said.findings])
  if (said.accessionNumber !== null) findings.delete('unscheduled' satisfies StepFinding)
  return {
    ...known,
    state,
    accessionNumber: known.accessionNumber || (said.accessionNumber ?? ''),
    studyInstanceUid: known.studyInstanceUid || (said.studyInstanceUid ?? ''),
    modality: known.modality || (said.modality ?? ''),
    startedText: said.startedText ?? known.startedText,
    endedText: said.endedText ?? known.endedText,
    series: said.series ?? known.series,
    discontinuationCode: said.discontinuationCode ?? known.discontinuationCode,
    findings: [...findings].slice(0, findingsMax),
  }
}

function refused(status: number, comment: string): StepAnswer {
  return { kind: 'refused', refusal: { status, comment } }
}

/**
 * The answer to an N-GET: what is known, which of an instance is not its class. `wanted` null: all.
 */
export function encodeStep(
  step: PerformedStep,
  wanted: ReadonlySet<number> | null,
  transferSyntaxUid: string,
): Uint8Array {
  const { accessionNumber, studyInstanceUid, startedText, endedText } = step
  const [value = '', scheme = ''] = step.discontinuationCode.split('^')
  const elements: readonly IdentifierElement[] = [
    [tags.modality, 'CS', step.modality],
    [tags.startDate, 'DA', startedText.slice(0, 8)],
    [tags.startTime, 'TM', startedText.slice(8)],
    [tags.endDate, 'DA', endedText.slice(0, 8)],
    [tags.endTime, 'TM', endedText.slice(8)],
    [tags.status, 'CS', statusOf(step)],
    [
      tags.scheduledSteps,
      'SQ',
      [
        [
          [tags.accessionNumber, 'SH', accessionNumber],
          [tags.studyInstance, 'UI', studyInstanceUid],
        ],
      ],
    ],
    [
      tags.discontinuation,
      'SQ',
      value === ''
        ? []
        : [
            [
              [tags.codeValue, 'SH', value],
              [tags.codingScheme, 'SH', scheme],
            ],
          ],
    ],
    [tags.performedSeries, 'SQ', step.series.map(seriesItem)],
  ]
  const asked = elements.filter(([tag]) => wanted === null || wanted.has(tag))
  return encodeIdentifier(asked, transferSyntaxUid)
}

function seriesItem({
  seriesInstanceUid,
  instances,
}: PerformedSeries): readonly IdentifierElement[] {
  return [
    [tags.images, 'SQ', instances.map((uid) => [[tags.sopInstance, 'UI', uid]])],
    [tags.seriesInstance, 'UI', seriesInstanceUid],
  ]
}

/** As its modality said last: that we gave up waiting is no word of it. */
function statusOf({ state }: PerformedStep): keyof typeof statesOf {
  if (state === 'completed') return 'COMPLETED'
  return state === 'discontinued' ? 'DISCONTINUED' : 'IN PROGRESS'
}

/** Without controls and characters that a record does not carry; null when nothing is left. */
function wordIn(dataSet: DataSet, tag: number): string | null {
  const text = textIn(dataSet, tag)?.split('\\')[0] ?? ''
  const word = text.replace(/\p{C}/gu, '').trim().slice(0, wordCharacters)
  return word === '' ? null : word
}

function uidIn(dataSet: DataSet, tag: number, findings: Set<StepFinding>): string | null {
  const text = textIn(dataSet, tag)
  if (text === null || isUid(text)) return text
  findings.add('uid-invalid')
  return null
}

/** Date and time as 14 digits; the old forms with points and colons are read too (PS3.5 6.2). */
function instantIn(dataSet: DataSet, dateTag: number, timeTag: number): string | null {
  const date = (textIn(dataSet, dateTag) ?? '').replaceAll('.', '')
  const [time = ''] = (textIn(dataSet, timeTag) ?? '').replaceAll(':', '').split('.')
  if (!/^\d{8}$/.test(date) || !/^(?:\d\d){1,3}$/.test(time)) return null
  return date + time.padEnd(6, '0')
}

function codeIn(item: DataSet): string | null {
  const value = wordIn(item, tags.codeValue)
  if (value === null) return null
  return `${value}^${wordIn(item, tags.codingScheme) ?? ''}`
}

function seriesIn(dataSet: DataSet, findings: Set<StepFinding>): readonly PerformedSeries[] {
  const series = new Map<string, Set<string>>()
  const room = { bytes: seriesLimitBytes, instances: instancesMax }
  for (const item of itemsIn(dataSet, tags.performedSeries)) {
    const seriesUid = uidIn(item, tags.seriesInstance, findings)
    if (seriesUid === null) continue
    const instances = series.get(seriesUid) ?? new Set<string>()
    const bytes = series.has(seriesUid) ? 0 : seriesUid.length + listBytes
    if (bytes > room.bytes || (bytes > 0 && series.size >= seriesMax)) {
      findings.add('series-cut')
      continue
    }
    room.bytes -= bytes
    series.set(seriesUid, instances)
    takeInstances(item, instances, room, findings)
  }
  return [...series].map(([seriesInstanceUid, instances]) => ({
    seriesInstanceUid,
    instances: [...instances],
  }))
}

/** `room` is what is left of the limits, and gets smaller. */
function takeInstances(
  item: DataSet,
  instances: Set<string>,
  room: { bytes: number; instances: number },
  findings: Set<StepFinding>,
): void {
  for (const one of [...itemsIn(item, tags.images), ...itemsIn(item, tags.otherInstances)]) {
    const uid = uidIn(one, tags.sopInstance, findings)
    if (uid === null || instances.has(uid)) continue
    const bytes = uid.length + listBytes
    if (room.instances === 0 || bytes > room.bytes) {
      findings.add('series-cut')
      return
    }
    room.instances--
    room.bytes -= bytes
    instances.add(uid)
  }
}
