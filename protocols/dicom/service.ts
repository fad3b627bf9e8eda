/**
 * What an association wants from its host, and what a DIMSE service wants from an association.
 * Pure: no socket, no file, no clock. Bytes and answers go in, actions come out, so that the same
 * code runs on a socket, in a simulation and under a fuzzer.
 *
 * A service is added beside the others: it says which classes it serves and handles one request
 * after the other. An association has at most one request at a time.
 */
import type { CommandSet, CommandWords } from './command-set.ts'
import type { AcceptedContext, Serves } from './negotiate.ts'
import type { PerformedStep } from './performed-procedure.ts'
import type { StatedIdentity } from './stated-identity.ts'

export type Action =
  /**
   * One buffer, one write: a response in two pieces waits for the peer's delayed acknowledgement.
   */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** We say nothing more. The peer may still talk. */
  | { readonly kind: 'end' }
  /** Both directions, after what was sent has gone out. Nothing follows. */
  | { readonly kind: 'close' }
  /** Starts the one timer of the association anew. */
  | { readonly kind: 'arm'; readonly timer: Timer }
  /**
   * `Acceptor.turn` is wanted, when the peer has taken what was sent and what it said meanwhile has
   * been handed on. So many answers to one question cost no memory, and it can be called off.
   */
  | { readonly kind: 'turn'; readonly task: number }
  /** `Acceptor.answered` is wanted. */
  | { readonly kind: 'ask'; readonly task: number; readonly question: Question }
  /** What became of a request of ours; a null response: the association ended before. */
  | { readonly kind: 'heard'; readonly id: number; readonly response: CommandSet | null }
  /** No more bytes are wanted until `resume`: the peer has asked again before it was answered. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'established'; readonly association: AssociationFacts }
  /** The association has ended; once, and only after `established`. */
  | { readonly kind: 'over'; readonly how: Ending }
  | { readonly kind: 'note'; readonly note: Note }
  | StoreAction

/**
 * `artim`: the peer must ask for an association, or close one that is over. `idle`: nothing was
 * heard for as long as an exam may last. `linger`: time to read our abort.
 */
export type Timer = 'artim' | 'idle' | 'linger'

export type Ending = 'released' | 'aborted' | 'lost' | 'broken' | 'silent' | 'stopped'

/** An object on its way to the disk. `task` names it in both directions. */
export type StoreAction =
  | { readonly kind: 'open'; readonly task: number; readonly object: IncomingObject }
  /** The bytes are a view into what came and are not changed afterwards. */
  | { readonly kind: 'append'; readonly task: number; readonly bytes: Uint8Array }
  | { readonly kind: 'finish'; readonly task: number; readonly findings: ObjectFindings }
  | { readonly kind: 'discard'; readonly task: number }

export interface IncomingObject {
  /** What stands in the file in front of the data set. */
  readonly head: Uint8Array
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
}

export interface ObjectFindings {
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
  readonly modality: string | null
  readonly identity: StatedIdentity
  /** What needs a person's eye. */
  readonly flags: readonly ObjectFlag[]
}

export type ObjectFlag =
  | 'header-unreadable'
  /** The command names another instance or class than the data set. */
  | 'uid-mismatch'
  | 'no-study'
  | 'transfer-syntax-mislabelled'
  | 'meta-in-data-set'
  /** The class of the object is not the one that its context was negotiated for. */
  | 'class-not-negotiated'

/** What a service asks of its host, told apart by its kind. Plain data: it may cross a thread. */
export interface Question {
  readonly kind: string
}

/** What the host says about a task. It may fail a store at any time after `open`. */
export type HostAnswer =
  | { readonly kind: 'stored' }
  /** What is known of a procedure step. */
  | { readonly kind: 'step'; readonly step: PerformedStep }
  | {
      readonly kind: 'failed'
      readonly status: number
      readonly comment: string
      readonly errorId?: number
    }

/** A request that we make on the association of the peer, beside what it asks of us. */
export interface OwnRequest {
  /** Comes back with the response. */
  readonly id: number
  /** The newest context of this class that was accepted is used. */
  readonly abstractSyntax: string
  readonly words: Omit<CommandWords, 'messageId' | 'respondedTo' | 'hasDataSet' | 'status'>
  /** The data set in the transfer syntax of the context. */
  readonly dataSet: ((transferSyntaxUid: string) => Uint8Array) | null
}

/** For people, by a code that a table puts into words. No identifiers of persons, no UIDs. */
export interface Note {
  readonly code: NoteCode
  readonly details: Readonly<{ [name: string]: string | number }>
}

export type NoteCode =
  | 'not-dicom'
  | 'tls-on-plain-port'
  | 'pdu-too-long'
  | 'malformed'
  | 'request-late'
  | 'silent'
  | 'application-context'
  | 'protocol-version'
  | 'called-title-refused'
  | 'calling-title-refused'
  | 'too-many-associations'
  | 'disk-full'
  | 'store-failed'
  | 'object-too-large'
  | 'nothing-accepted'
  | 'context-refused'
  | 'cut-in-transfer'
  | 'uid-mismatch'
  | 'uid-invalid'
  | 'operation-unknown'
  | 'data-set-too-large'
  | 'data-set-malformed'
  | 'query-refused'
  | 'worklist-not-ready'
  | 'worklist-too-long'

export interface AssociationFacts {
  /** Printable, without padding. May be empty. */
  readonly callingAeTitle: string
  readonly calledAeTitle: string
  /** What the peer's software calls itself; null when it does not. */
  readonly implementation: string | null
  /** The longest P-DATA value that we may send; 0 means no limit. */
  readonly maxPduBytes: number
}

export interface Request {
  readonly task: number
  readonly command: CommandSet
  readonly context: AcceptedContext<Service>
  readonly association: AssociationFacts
}

export interface Exchange {
  act(action: Action): void
  /** Answers the request. Once, and not before the data set is over. */
  respond(words: ResponseWords, dataSet?: Uint8Array): void
  /** One answer of several: the request stays open until `respond`. */
  respondPending(words: ResponseWords, dataSet: Uint8Array): void
  /** Wants `Handler.turn` once. From the first time on the peer may call the request off. */
  awaitTurn(): void
  /** The answer comes as `Handler.answered`. */
  ask(question: Question): void
  note(code: NoteCode, details?: Note['details']): void
}

export type ResponseWords = Omit<
  CommandWords,
  'field' | 'messageId' | 'respondedTo' | 'priority' | 'hasDataSet' | 'status'
> & { readonly status: number }

export interface Handler {
  /** A piece of the data set. */
  data(bytes: Uint8Array): void
  /** The request is complete; called also when it has no data set. */
  end(): void
  /** The host has answered about this task. */
  answered(answer: HostAnswer): void
  /** The association is over before the request was answered. */
  abandoned(): void
  /** There is room for one more answer. */
  turn?(): void
  /** The peer wants no more answers, but the final one. */
  cancelled?(): void
}

export interface Service extends Serves {
  readonly name: string
  /** null: the service does not know this operation. */
  begin(request: Request, exchange: Exchange): Handler | null
}

/** A handler that lets the data set pass and then says no. */
export function refusing(exchange: Exchange, words: ResponseWords): Handler {
  return {
    data: () => {},
    end: () => exchange.respond(words),
    answered: () => {},
    abandoned: () => {},
  }
}
