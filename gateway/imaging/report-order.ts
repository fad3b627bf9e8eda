/** A report of commitment on its way to a device. Crosses the thread. */
import type { CommitmentReport } from '../../protocols/dicom/commitment.ts'

export interface ReportOrder {
  readonly report: CommitmentReport
  /** The title by which the device called us: many devices compare it. */
  readonly callingAeTitle: string
  /** The title by which the device called itself. */
  readonly calledAeTitle: string
  readonly way: ReportWay
}

export type ReportWay =
  /** An association that the device has opened: this one, or with null any that stands. */
  | { readonly kind: 'association'; readonly association: number | null }
  /** A new one, to where the device listens. */
  | { readonly kind: 'call'; readonly host: string; readonly port: number }

export type ReportOutcome =
  | { readonly kind: 'delivered' }
  /** No association stands on which it can be said. */
  | { readonly kind: 'no-association' }
  /** The device answered, with another status than success. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: ReportFailure }

export type ReportFailure =
  | 'unreachable'
  | 'rejected'
  /** It does not take the service on an association that we open. */
  | 'context-refused'
  | 'aborted'
  | 'cut'
  | 'silent'
  | 'broken'
