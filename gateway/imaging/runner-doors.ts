/** What an association needs from around it: a connection, what is configured, and the node. */
import type { Refusal } from '../../protocols/dicom/acceptor.ts'
import type {
  AssociationFacts,
  Ending,
  HostAnswer,
  Note,
  Question,
  Service,
  Timer,
} from '../../protocols/dicom/service.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Files } from './files.ts'
import type { ReceivedImage, StoreOutcome } from './received-image.ts'
import type { Room } from './room.ts'
import type { Senders } from './senders.ts'
import type { Slabs } from './slabs.ts'

/** A connection as the runner needs it. The other direction are the runner's methods. */
export interface Wire {
  /** Without port, for people. */
  readonly peerAddress: string
  /** False when the peer does not take what was sent; `writable` is called when it does again. */
  send(bytes: Uint8Array): boolean
  /** Says nothing more. */
  end(): void
  /** Closes when what was sent has gone out. */
  close(): void
  destroy(): void
  pause(): void
  resume(): void
}

export interface RunnerOptions {
  readonly services: readonly Service[]
  readonly senders: Senders
  readonly timersMs: { readonly [T in Timer]: number }
  readonly objectBytesMax: number
  readonly chunkBytes: number
}

/** What the runner of an association, which names itself, needs from around it. */
export interface RunnerDoors<Runner> {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  readonly files: Files
  readonly room: Room
  readonly slabs: Slabs
  /** A name for a temporary file that nobody has had. */
  temporaryPath(): string
  admit(runner: Runner, association: AssociationFacts): Refusal | null
  /** How much may wait for the disk here before the peer has to wait, in bytes. */
  waitingLimitBytes(): number
  expect(sopInstanceUid: string): void
  store(image: ReceivedImage): Promise<StoreOutcome>
  ask(runner: Runner, question: Question): Promise<HostAnswer>
  /** Does it when what has come on all wires by now has been heard. */
  soon(work: () => void): void
  note(runner: Runner, note: Note): void
  opened(runner: Runner): void
  /** The association has ended; the connection may still linger. */
  over(runner: Runner, ending: Ending): void
  /** The connection is gone. */
  closed(runner: Runner): void
}
