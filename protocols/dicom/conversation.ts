/**
 * The messages of one established association: gathers command sets, hands data sets to the service
 * of their context, sends the answers. Source: PS3.7 section 6.3, PS3.8 annex E. Pure, like its
 * owner.
 *
 * One request at a time: while one is complete and unanswered, its owner reads nothing more, so
 * that a peer that pipelines waits in its own socket instead of in our memory. While one is given
 * many answers, its owner reads on for the C-CANCEL, and up to the next command set otherwise.
 */
import {
  commandFields,
  commandLimitBytes,
  decodeCommandSet,
  encodeCommandSet,
  responseBit,
  statuses,
  type CommandSet,
  type CommandWords,
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
  type OwnRequest,
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
  readonly messageId: number | null
  readonly handler: Handler
  complete: boolean
}

interface Own {
  readonly id: number
  readonly messageId: number
}

const messageIdMost = 0xffff

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
  /** The current request is given many answers. */
  #listening = false
  /** What the peer has asked while it was given many answers. */
  #next: { readonly command: CommandSet; readonly context: Context } | null = null
  #own: Own | null = null
  #messageId = 0
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

  /** Nothing more can be taken from the peer before the request is answered. */
  get full(): boolean {
    return this.owing && (!this.#listening || this.#next !== null)
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
    if (current === null || current.complete) return 'a data set without a command'
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

  /** There is room for one more answer to `task`. */
  turn(task: number): void {
    if (this.#current?.task === task) this.#current.handler.turn?.()
  }

  /**
   * Makes a request of our own, or answers false: no context of this class was accepted, or another
   * one waits for its response. It goes out between two of our answers; a peer that is sending
   * takes it when it is done.
   */
  request({ id, abstractSyntax, words, dataSet }: OwnRequest): boolean {
    const context = [...this.#contexts.values()].findLast(
      (one) => one.abstractSyntax === abstractSyntax,
    )
    if (context === undefined || this.#own !== null) return false
    this.#messageId = (this.#messageId % messageIdMost) + 1
    this.#own = { id, messageId: this.#messageId }
    const bytes = dataSet?.(context.transferSyntax) ?? null
    this.#send(context, { ...words, messageId: this.#messageId }, bytes)
    return true
  }

  /** The association is over. */
  abandon(): void {
    this.#current?.handler.abandoned()
    this.#forget()
    this.#next = null
    this.#command = null
    this.#heard(null)
  }

  #commandPiece(piece: Piece, context: Context): string | null {
    if (this.receiving) return 'a command inside a data set'
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
    this.#take(decoded.value, context)
    return null
  }

  #take(command: CommandSet, context: Context): void {
    if (command.field >= responseBit && command.respondedTo === this.#own?.messageId) {
      this.#heard(command)
    }
    const current = this.#current
    if (current === null) return this.#begin(command, context)
    if (command.field === commandFields.cancel) {
      // One that names another request comes too late for it.
      const isMeant = (command.respondedTo ?? current.messageId) === current.messageId
      if (isMeant) current.handler.cancelled?.()
    } else if (command.field < responseBit || command.hasDataSet) {
      this.#next = { command, context }
    }
  }

  #begin(command: CommandSet, context: Context): void {
    const task = ++this.#tasks
    const handler = this.#handlerFor({ task, command, context, association: this.#association })
    const { messageId } = command
    const current = { task, context, messageId, handler, complete: false }
    this.#current = current
    if (!command.hasDataSet) complete(current)
  }

  #handlerFor(request: Request): Handler {
    const { command, context } = request
    const exchange = this.#exchangeFor(request)
    // A response, or a C-CANCEL to something that is over: nothing is owed.
    if (command.field >= responseBit || command.field === commandFields.cancel) {
      return { data: ignore, end: () => this.#over(), answered: ignore, abandoned: ignore }
    }
    const handler = context.service.begin(request, exchange) ?? beginEcho(request, exchange)
    if (handler !== null) return handler
    const operation = `0x${command.field.toString(16).padStart(4, '0')}`
    exchange.note('operation-unknown', { operation })
    // A C-STORE where nothing can be stored is another matter than an operation that nobody knows.
    const isStore = command.field === commandFields.store
    const status = isStore ? statuses.classNotSupported : statuses.unrecognizedOperation
    return refusing(exchange, { status })
  }

  #exchangeFor(request: Request): Exchange {
    const { task, command, context } = request
    const field = command.field | responseBit
    const respondedTo = command.messageId ?? 0
    const send = (words: ResponseWords, dataSet: Uint8Array | null): void =>
      this.#send(context, { ...words, field, respondedTo }, dataSet)
    return {
      act: this.#act,
      respond: (words, dataSet) => {
        send(words, dataSet ?? null)
        this.#over()
      },
      respondPending: send,
      awaitTurn: () => {
        this.#listening = true
        this.#act({ kind: 'turn', task })
      },
      ask: (question) => this.#act({ kind: 'ask', task, question }),
      note: (code, details = {}) => this.#act({ kind: 'note', note: { code, details } }),
    }
  }

  #send(
    context: Context,
    words: Omit<CommandWords, 'hasDataSet'>,
    dataSet: Uint8Array | null,
  ): void {
    const command = encodeCommandSet({ ...words, hasDataSet: dataSet !== null })
    const peerMaxPduBytes = this.#association.maxPduBytes
    const bytes = encodeMessage({ contextId: context.id, command, dataSet, peerMaxPduBytes })
    this.#act({ kind: 'send', bytes })
  }

  #heard(response: CommandSet | null): void {
    const own = this.#own
    this.#own = null
    if (own !== null) this.#act({ kind: 'heard', id: own.id, response })
  }

  /** The current request is answered. */
  #over(): void {
    this.#forget()
    const next = this.#next
    this.#next = null
    if (next !== null) this.#begin(next.command, next.context)
  }

  #forget(): void {
    this.#current = null
    this.#listening = false
  }
}

function complete(current: Current): void {
  current.complete = true
  current.handler.end()
}

function ignore(): void {}
