/**
 * Storage commitment, the data sets of both sides: of who wants images kept, and of who answers for
 * them. Source: PS3.4 annex J, PS3.3 section C.14.
 *
 *   N-ACTION-RQ, action 1       (0008,1195) transaction
 *                               (0008,1199) items of (0008,1150) class, (0008,1155) instance
 *   N-EVENT-REPORT-RQ, event 1  the same: the provider answers for all of them
 *                      event 2  (0008,1199) for these, (0008,1198) not for these, with
 *                               (0008,1197) reason
 *
 * The report comes on the association of the question, or on a new one that the provider opens.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { itemsIn, numberIn, readDataSet, textIn, type DataSet, type Sequences } from './data-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { isUid } from './uids.ts'

export const commitmentUid = '1.2.840.10008.1.20.1'
/** The one instance of the service that everybody speaks to. */
export const commitmentInstanceUid = '1.2.840.10008.1.20.1.1'
export const requestCommitment = 1

/** Event types of a report: all are kept, or some are not. */
export const allKept = 1
export const someFailed = 2

/** Why an instance is not kept: (0008,1197), PS3.3 section C.14.1.1. */
export const commitmentReasons = {
  processingFailure: 0x0110,
  noSuchInstance: 0x0112,
  classConflict: 0x0119,
  duplicateTransaction: 0x0131,
  resourceLimitation: 0x0213,
} as const

export type CommitmentReason = (typeof commitmentReasons)[keyof typeof commitmentReasons]

export interface InstanceName {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
}

export interface CommitmentRequest {
  readonly transactionUid: string
  /** As they were asked for, each once. */
  readonly instances: readonly InstanceName[]
}

export interface FailedInstance {
  /** Empty when the report does not say. */
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly reason: number | null
}

export interface CommitmentReport {
  readonly transactionUid: string
  /** What the provider answers for. */
  readonly kept: readonly InstanceName[]
  readonly failed: readonly FailedInstance[]
}

const tags = {
  transaction: 0x0008_1195,
  failedSequence: 0x0008_1198,
  sequence: 0x0008_1199,
  sopClass: 0x0008_1150,
  sopInstance: 0x0008_1155,
  failureReason: 0x0008_1197,
} as const

export const referenceSequences: Sequences = new Set([tags.sequence, tags.failedSequence])

export function encodeCommitmentRequest(
  transactionUid: string,
  instances: readonly InstanceName[],
  transferSyntaxUid: string,
): Uint8Array {
  return encodeIdentifier(
    [
      [tags.transaction, 'UI', transactionUid],
      [tags.sequence, 'SQ', instances.map(instanceItem)],
    ],
    transferSyntaxUid,
  )
}

/**
 * Refuses what cannot be answered for: no transaction, no instances, or one that has no name.
 * `dataSet` was read with `referenceSequences`.
 */
export function commitmentRequestIn(dataSet: DataSet): Decoded<CommitmentRequest> {
  const transactionUid = transactionIn(dataSet)
  if (transactionUid === null) return undecoded('no transaction UID')
  const items = itemsIn(dataSet, tags.sequence)
  if (items.length === 0) return undecoded('no instances')
  // Some devices name an instance once for each frame or series.
  const instances = new Map<string, InstanceName>()
  for (const item of items) {
    const sopClassUid = textIn(item, tags.sopClass) ?? ''
    const sopInstanceUid = textIn(item, tags.sopInstance) ?? ''
    if (!isUid(sopClassUid) || !isUid(sopInstanceUid)) return undecoded('an instance without UIDs')
    instances.set(`${sopClassUid} ${sopInstanceUid}`, { sopClassUid, sopInstanceUid })
  }
  return decoded({ transactionUid, instances: [...instances.values()] })
}

export function eventTypeOfReport({ failed }: Pick<CommitmentReport, 'failed'>): number {
  return failed.length === 0 ? allKept : someFailed
}

/** A sequence without items is left out, as PS3.4 table J.3-2 wants it. */
export function encodeCommitmentReport(
  { transactionUid, kept, failed }: CommitmentReport,
  transferSyntaxUid: string,
): Uint8Array {
  const elements: IdentifierElement[] = [[tags.transaction, 'UI', transactionUid]]
  if (failed.length > 0) elements.push([tags.failedSequence, 'SQ', failed.map(failedItem)])
  if (kept.length > 0) elements.push([tags.sequence, 'SQ', kept.map(instanceItem)])
  return encodeIdentifier(elements, transferSyntaxUid)
}

export function decodeCommitmentReport(
  bytes: Uint8Array,
  transferSyntaxUid: string,
): Decoded<CommitmentReport> {
  const dataSet = readDataSet(bytes, transferSyntaxUid, referenceSequences)
  if (!dataSet.ok) return dataSet
  const transactionUid = transactionIn(dataSet.value)
  if (transactionUid === null) return undecoded('no transaction UID')
  const kept = itemsIn(dataSet.value, tags.sequence).flatMap(nameIn)
  const failed = itemsIn(dataSet.value, tags.failedSequence).flatMap((item) =>
    nameIn(item).map((name) => ({ ...name, reason: numberIn(item, tags.failureReason) })),
  )
  return decoded({ transactionUid, kept, failed })
}

function transactionIn(dataSet: DataSet): string | null {
  const uid = textIn(dataSet, tags.transaction)
  return uid !== null && isUid(uid) ? uid : null
}

function nameIn(item: DataSet): readonly InstanceName[] {
  const sopInstanceUid = textIn(item, tags.sopInstance)
  if (sopInstanceUid === null) return []
  return [{ sopClassUid: textIn(item, tags.sopClass) ?? '', sopInstanceUid }]
}

function instanceItem({ sopClassUid, sopInstanceUid }: InstanceName): readonly IdentifierElement[] {
  return [
    [tags.sopClass, 'UI', sopClassUid],
    [tags.sopInstance, 'UI', sopInstanceUid],
  ]
}

function failedItem(failed: FailedInstance): readonly IdentifierElement[] {
  const reason = failed.reason ?? commitmentReasons.processingFailure
  return [...instanceItem(failed), [tags.failureReason, 'US', reason]]
}
