/**
 * Storage commitment from the side of who wants his images kept.
 * Source: PS3.4 annex J, PS3.3 section C.14.
 *
 *   N-ACTION-RQ, action 1       (0008,1195) transaction
 *                               (0008,1199) items of (0008,1150) class, (0008,1155) instance
 *   N-EVENT-REPORT-RQ, event 1  the same: the peer answers for all of them
 *                      event 2  (0008,1199) for these, (0008,1198) not for these, with
 *                               (0008,1197) reason
 *
 * The report comes on the association of the question, or on a new one that the peer opens.
 */
import { decodeDataSet, itemsIn, numberIn, textIn } from '../dicom-waveform/data-set.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { implicitLittle, isUid } from './uids.ts'

export const commitmentUid = '1.2.840.10008.1.20.1'
/** The one instance of the service that everybody speaks to. */
export const commitmentInstanceUid = '1.2.840.10008.1.20.1.1'
export const requestCommitment = 1

export interface InstanceName {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
}

export interface CommitmentReport {
  readonly transactionUid: string
  /** SOP instances that the peer answers for. */
  readonly kept: readonly string[]
  readonly failed: readonly { readonly sopInstanceUid: string; readonly reason: number | null }[]
}

const tags = {
  transaction: 0x0008_1195,
  failedSequence: 0x0008_1198,
  sequence: 0x0008_1199,
  sopClass: 0x0008_1150,
  sopInstance: 0x0008_1155,
  failureReason: 0x0008_1197,
} as const

const sequences: ReadonlySet<number> = new Set([tags.sequence, tags.failedSequence])

export function encodeCommitmentRequest(
  transactionUid: string,
  instances: readonly InstanceName[],
  transferSyntaxUid: string,
): Uint8Array {
  const items = instances.map(({ sopClassUid, sopInstanceUid }): readonly IdentifierElement[] => [
    [tags.sopClass, 'UI', sopClassUid],
    [tags.sopInstance, 'UI', sopInstanceUid],
  ])
  return encodeIdentifier(
    [
      [tags.transaction, 'UI', transactionUid],
      [tags.sequence, 'SQ', items],
    ],
    transferSyntaxUid,
  )
}

export function decodeCommitmentReport(
  bytes: Uint8Array,
  transferSyntaxUid: string,
): Decoded<CommitmentReport> {
  const encoding = { explicit: transferSyntaxUid !== implicitLittle, little: true }
  const dataSet = decodeDataSet(bytes, encoding, sequences)
  if (!dataSet.ok) return dataSet
  const transactionUid = textIn(dataSet.value, tags.transaction)
  if (transactionUid === null || !isUid(transactionUid)) return undecoded('no transaction UID')
  const kept = itemsIn(dataSet.value, tags.sequence).flatMap(
    (item) => textIn(item, tags.sopInstance) ?? [],
  )
  const failed = itemsIn(dataSet.value, tags.failedSequence).flatMap((item) => {
    const sopInstanceUid = textIn(item, tags.sopInstance)
    return sopInstanceUid === null
      ? []
      : [{ sopInstanceUid, reason: numberIn(item, tags.failureReason) }]
  })
  return decoded({ transactionUid, kept, failed })
}
