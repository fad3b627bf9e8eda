/**
 * The messages of one established association: gathers command sets, hands data sets to the service
 * of their context, sends the answers. Source: PS3.7 section 6.3, PS3.8 annex E. Pure, like its
 * owner.
 *
 * One request at a time: while one is complete and unanswered, its owner reads nothing more, so
 * that a peer that pipelines waits in its own socket instead of in our memory.
 */
import {
  commandFields,
  commandLimitBytes,
  decodeCommandSet,
  encodeCommandSet,
  responseBit,
  statuses,
  type CommandSet,
} from './command-set.ts'
import { encodeMessage } from './message.ts'
import type { AcceptedContext } from './negotiate.ts'
import type { Read } from './pdu-reader.ts'
import {
  refusing,
  type Action,
  type AssociationFacts,
  type Exchange,
  type Handler,
  type HostAnswer,
  type Request,
  type ResponseWords,
  type Service,
} from './service.ts'
import { concat } from './text.ts'
import { beginEcho } from './verification-service.ts'

type Context = AcceptedContext<Service>
export type Piece = Extract<Read, { kind: 'piece' }>

interface Current {
  readonly task: number
  readonly context: Context
  readonly handler: Handler
  complete: boolean
}

interface Gathering {
  readonly contextId: number
  readonly pieces: Uint8Array[]
  bytes: number
}

export class Conversation {
  readonly #contexts: ReadonlyMap<number, Context>
  readonly #association: AssociationFacts
  readonly #act: (action: Action) => void
  #command: Gathering | null = null
  #current: Current | null = null
  #tasks = 0

  constructor(
    contexts: ReadonlyMap<number, Context>,
    association: AssociationFacts,
    act: (action: Action) => void,
  ) {
    this.#contexts = contexts
    this.#association = association
    this.#act = act
  }

  /** A request is complete and has not been answered. */
  get owing(): boolean {
    return this.#current?.complete === true
  }

  /** A data set is on its way. */
  get receiving(): boolean {
    return this.#current?.complete === false
  }

  get busy(): boolean {
    return this.#current !== null || this.#command !== null
  }

  /** Takes a piece of a message. Answers null, or what the peer did that cannot be mended. */
  piece(piece: Piece): string | null {
    const context = this.#contexts.get(piece.contextId)
    if (context === undefined) return 'a context that was not accepted'
    if (piece.command) return this.#commandPiece(piece, context)
    const current = this.#current
    if (current === null) return 'a data set without a command'
    if (current.context.id !== piece.contextId) {
      return 'a data set in another context than its command'
    }
    if (piece.bytes.length > 0) current.handler.data(piece.bytes)
    if (piece.complete) complete(current)
    return null
  }

  /** The host has done, or could not do, what `task` stands for. Late answers are ignored. */
  answered(task: number, answer: HostAnswer): void {
    if (this.#current?.task === task) this.#current.handler.answered(answer)
  }

  /** The association is over. */
  abandon(): void {
    this.#current?.handler.abandoned()
    this.#current = null
    this.#command = null
  }

  #commandPiece(piece: Piece, context: Context): string | null {
    if (this.#current !== null) return 'a command inside a data set'
    const command = this.#command ?? { contextId: context.id, pieces: [], bytes: 0 }
    this.#command = command
    if (command.contextId !== context.id) return 'two messages interleaved'
    command.bytes += piece.bytes.length
    if (command.bytes > commandLimitBytes) return 'a command set above the limit'
    // Copied, so that a large buffer of the network is not held for the sake of a hundred bytes.
    if (piece.bytes.length > 0) command.pieces.push(piece.bytes.slice())
    if (!piece.complete) return null
    this.#command = null
    const decoded = decodeCommandSet(concat(command.pieces))
    if (!decoded.ok) return decoded.reason
    this.#begin(decoded.value, context)
    return null
  }

  #begin(command: CommandSet, context: Context): void {
    const task = ++this.#tasks
    const handler = this.#handlerFor({ task, command, context, association: this.#association })
    const current = { task, context, handler, complete: false }
    this.#current = current
    if (!command.hasDataSet) complete(current)
  }

  #handlerFor(request: Request): Handler {
    const { command, context } = request
    const exchange: Exchange = {
      act: this.#act,
      respond: (words, dataSet) => this.#respond(request, words, dataSet ?? null),
    }
    // A response or a C-CANCEL to something that was never asked here: nothing is owed.
    if (command.field >= responseBit || command.field === commandFields.cancel) {
      return { data: ignore, end: () => this.#forget(), answered: ignore, abandoned: ignore }
    }
    const handler = context.service.begin(request, exchange) ?? beginEcho(request, exchange)
    if (handler !== null) return handler
    const operation = `0x${command.field.toString(16).padStart(4, '0')}`
    this.#act({ kind: 'note', note: { code: 'operation-unknown', details: { operation } } })
    // A C-STORE where nothing can be stored is another matter than an operation that nobody knows.
    const isStore = command.field === commandFields.store
    const status = isStore ? statuses.classNotSupported : statuses.unrecognizedOperation
    return refusing(exchange, { status })
  }

  #respond(request: Request, words: ResponseWords, dataSet: Uint8Array | null): void {
    this.#forget()
    const command = encodeCommandSet({
      ...words,
      field: request.command.field | responseBit,
      respondedTo: request.command.messageId ?? 0,
      hasDataSet: dataSet !== null,
    })
    const peerMaxPduBytes = this.#association.maxPduBytes
    const contextId = request.context.id
    const bytes = encodeMessage({ contextId, command, dataSet, peerMaxPduBytes })
    this.#act({ kind: 'send', bytes })
  }

  #forget(): void {
    this.#current = null
  }
}

function complete(current: Current): void {
  current.complete = true
  current.handler.end()
}

function ignore(): void {}
