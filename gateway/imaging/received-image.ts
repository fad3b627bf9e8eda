/** What the imaging node hands over and hears about it. All of it crosses a thread. */
import type { StatedIdentity } from '../../protocols/dicom/stated-identity.ts'
import type { Question } from '../../protocols/dicom/service.ts'
import type { ImagingCode } from '../errors/imaging.ts'
import type { Image, Source, Unstamped } from '../../protocols/packet/record.ts'

/** A whole instance in a temporary file. Whoever keeps it waits for the disk. */
export interface ReceivedImage {
  /** Name of the device in the van, under which its stream runs. */
  readonly device: string
  /** True when the configuration says that this sender is a simulator. */
  readonly simulated: boolean
  /** Absent: its device. */
  readonly source?: Source
  /** Where it came from, without a port. */
  readonly peerAddress: string
  readonly calledAeTitle: string
  readonly temporaryPath: string
  /** Monotonic time since its first byte came, in ms. */
  readonly receivingMs: number
  /** Whose it says that it is. Data of a patient: compared, shown after a login, never logged. */
  readonly identity: StatedIdentity
  readonly image: Unstamped<Image>
}

export type StoreOutcome =
  | { readonly status: 'stored' | 'already' }
  /** There is no room. The device is asked to try again later. */
  | { readonly status: 'full' }
  | { readonly status: 'failed' }

/** Whose association it is. */
export interface Caller {
  /** Name of the device in the van. */
  readonly device: string
  /** False: nobody has said which device this is. */
  readonly known: boolean
  readonly simulated: boolean
  /** Without a port. */
  readonly peerAddress: string
  readonly callingAeTitle: string
  readonly calledAeTitle: string
}

/** What a service of the node asks for a device. */
export interface Asked extends Caller {
  readonly question: Question
  /** Its number while the imaging thread lives, for a report that goes out on it. */
  readonly association: number
}

export interface AssociationEvent extends Caller {
  readonly kind: 'opened' | 'closed'
  /** Instances that were stored, already there ones included; 0 when it opens. */
  readonly storedCount: number
  readonly storedBytes: number
  readonly refusedCount: number
  /** null when it opens. */
  readonly ending: 'released' | 'aborted' | 'lost' | 'broken' | 'silent' | 'stopped' | null
}

/** A trouble before it gets its words: what crosses the thread. */
export interface ImagingNotice {
  readonly code: ImagingCode
  readonly details: Readonly<{ [name: string]: string | number }>
}
