/**
 * Whether a device may forget an image. Its own copy is gone for ever after a yes, so whatever is
 * not proved is a no, or a not yet.
 */
import {
  commitmentReasons,
  type CommitmentReason,
  type InstanceName,
} from '../../protocols/dicom/commitment.ts'
import type { KeptInstance } from '../journal/journal.ts'

/** When an image counts as kept: when the hospital has all of it, or when the van has. */
export type CommitmentPolicy = 'hospital' | 'van'

/** `waits`: it is here, and nothing speaks against a yes later. */
export type Verdict = 'kept' | 'waits' | CommitmentReason

/** `found`: what is kept under its UID, under whatever class and from whatever device. */
export function judge(
  policy: CommitmentPolicy,
  device: string,
  { sopClassUid }: Pick<InstanceName, 'sopClassUid'>,
  found: readonly Omit<KeptInstance, 'sopInstanceUid'>[],
): Verdict {
  if (found.length === 0) return commitmentReasons.noSuchInstance
  const ofClass = found.filter((one) => one.sopClassUid === sopClassUid)
  if (ofClass.length === 0) return commitmentReasons.classConflict
  // Two different images under one UID: which of them the device means is only known when it sent
  // one itself. What it sent under the UID is then among them, and all of them must be safe.
  const isConflict = new Set(found.map(({ sha256 }) => sha256)).size > 1
  const isItsOwn = ofClass.some(({ devices }) => devices.includes(device))
  if (isConflict && !isItsOwn) return commitmentReasons.processingFailure
  if (found.some(({ state }) => state === 'lost')) return commitmentReasons.processingFailure
  const isSafe = policy === 'van' || found.every(({ state }) => state === 'receipted')
  return isSafe ? 'kept' : 'waits'
}
