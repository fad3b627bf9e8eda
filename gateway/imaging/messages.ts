/** What the imaging thread and the main thread say to each other. Copied, never shared. */
import type { HostAnswer } from '../../protocols/dicom/service.ts'
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import type { Address } from './listen.ts'
import type { ImagingOptions } from './options.ts'
import type {
  Asked,
  AssociationEvent,
  ImagingNotice,
  ReceivedImage,
  StoreOutcome,
} from './received-image.ts'
import type { ReportOrder, ReportOutcome } from './report-order.ts'
import type { KnownSender } from './senders.ts'

/** What the thread begins with. */
export interface WorkerData extends ImagingOptions {
  /** null: nobody has said any. */
  readonly worklist: readonly WorklistEntry[] | null
}

export type ToWorker =
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: StoreOutcome }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: HostAnswer }
  | { readonly kind: 'intake'; readonly open: boolean }
  | { readonly kind: 'report'; readonly id: number; readonly order: ReportOrder }
  | { readonly kind: 'know'; readonly senders: readonly KnownSender[] }
  | { readonly kind: 'worklist'; readonly entries: readonly WorklistEntry[] }
  | { readonly kind: 'stop' }

export type FromWorker =
  /** Every port has been tried once, or one more is open. */
  | { readonly kind: 'ready'; readonly addresses: readonly Address[] }
  /** An instance has begun to come. */
  | { readonly kind: 'expect'; readonly sopInstanceUid: string }
  | { readonly kind: 'store'; readonly id: number; readonly image: ReceivedImage }
  | { readonly kind: 'ask'; readonly id: number; readonly asked: Asked }
  | { readonly kind: 'reported'; readonly id: number; readonly outcome: ReportOutcome }
  | { readonly kind: 'trouble'; readonly notice: ImagingNotice }
  | { readonly kind: 'association'; readonly event: AssociationEvent }
