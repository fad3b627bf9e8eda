/**
 * One association from the side of who calls. Source: PS3.8 section 9.2, PS3.7 section 9.1.
 * Pure and clockless like acceptor.ts: bytes in, events out; what to send is what methods return.
 * It does one request at a time, as a careful sender does.
 */
import { rawAeTitle, type AnsweredContext, type ProposedContext, type Role } from './association.ts'
import {
  commandFields,
  commandLimitBytes,
  decodeCommandSet,
  encodeCommandSet,
  responseBit,
  type CommandSet,
  type CommandWords,
} from './command-set.ts'
import { encodeMessage, fragmentBytes, fragments, ourMaxPduBytes } from './message.ts'
import { PduReader, type Read } from './pdu-reader.ts'
import { encodePdu, type ControlPdu, type Rejection } from './pdu.ts'
import { concat } from './text.ts'
import {
  applicationContextUid,
  implementationClassUid,
  implementationVersion,
  verificationUid,
} from './uids.ts'

export interface RequestorOptions {
  readonly callingAeTitle: string
  readonly calledAeTitle: string
  readonly contexts: readonly ProposedContext[]
  /** Where the usual roles, we ask and the peer answers, do not fit. */
  readonly roles?: readonly Role[]
}

/** A message of the peer: a response, or a request when its field lacks the response bit. */
export interface PeerMessage {
  readonly contextId: number
  readonly command: CommandSet
  /** null when the command has none. */
  readonly dataSet: Uint8Array | null
}

export type RequestorEvent =
  | {
      readonly kind: 'accepted'
      readonly contexts: ReadonlyMap<number, string>
      readonly answers: readonly AnsweredContext[]
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | ({ readonly kind: 'response' } & PeerMessage)
  | ({ readonly kind: 'request' } & PeerMessage)
  | { readonly kind: 'release-asked' }
  | { readonly kind: 'released' }
  | { readonly kind: 'aborted'; readonly source: number; readonly reason: number }
  | { readonly kind: 'broken'; readonly reason: string }

/** Answers to queries and reports of commitment are small; a longer one is a mistake. */
const dataSetLimitBytes = 4 * 1_048_576
const messageIdMost = 0xffff

interface Gathering {
  readonly contextId: number
  command: CommandSet | null
  pieces: Uint8Array[]
  bytes: number
}

export class Requestor {
  readonly #options: RequestorOptions
  readonly #reader = new PduReader(ourMaxPduBytes * 2)
  #message: Gathering | null = null
  #peerMax = 0
  #messageId = 0

  constructor(options: RequestorOptions) {
    this.#options = options
  }

  /** The first thing to send. */
  associate(): Uint8Array {
    const { callingAeTitle, calledAeTitle, contexts } = this.#options
    return encodePdu({
      kind: 'associate-request',
      request: {
        protocolVersion: 1,
        calledAe: rawAeTitle(calledAeTitle),
        callingAe: rawAeTitle(callingAeTitle),
        applicationContext: applicationContextUid,
        contexts,
        user: {
          maxPduBytes: ourMaxPduBytes,
          implementationClassUid,
          implementationVersion,
          asyncWindow: null,
          roles: this.#options.roles ?? [],
          identity: null,
          identityAnswer: null,
        },
      },
    })
  }

  received(bytes: Uint8Array): readonly RequestorEvent[] {
    this.#reader.push(bytes)
    const events: RequestorEvent[] = []
    for (let read = this.#reader.next(); read !== null; read = this.#reader.next()) {
      if (read.kind === 'fault') {
        events.push({ kind: 'broken', reason: read.fault.kind })
      } else if (read.kind === 'control') {
        events.push(this.#control(read.pdu))
      } else {
        const event = this.#piece(read)
        if (event !== null) events.push(event)
      }
    }
    return events
  }

  echo(contextId: number): Uint8Array {
    const command = encodeCommandSet({
      field: commandFields.echo,
      messageId: this.#nextMessageId(),
      sopClassUid: verificationUid,
      hasDataSet: false,
    })
    return encodeMessage({ contextId, command, dataSet: null, peerMaxPduBytes: this.#peerMax })
  }

  /** The PDUs of a C-STORE, made one by one as they are sent. */
  *store(
    contextId: number,
    instance: { readonly sopClassUid: string; readonly sopInstanceUid: string },
    dataSet: Uint8Array,
  ): Generator<Uint8Array, void, undefined> {
    yield this.storeCommand(contextId, instance)
    yield* this.dataSet(contextId, dataSet, true)
  }

  /** The command of a C-STORE. Its data set follows, in as many calls of `dataSet` as it takes. */
  storeCommand(
    contextId: number,
    instance: { readonly sopClassUid: string; readonly sopInstanceUid: string },
  ): Uint8Array {
    const { store: field } = commandFields
    return this.#encode(contextId, { field, ...instance, priority: 0, hasDataSet: true })
  }

  /** The PDUs of a piece of a data set. `last`: the data set ends with it. */
  *dataSet(contextId: number, bytes: Uint8Array, last: boolean): Generator<Uint8Array, void> {
    yield* fragments({ contextId, command: false, bytes, peerMaxPduBytes: this.#peerMax, last })
  }

  /** How many bytes of a data set fit into one PDU. */
  get fragmentBytes(): number {
    return fragmentBytes(this.#peerMax)
  }

  /** Any other request, whole. */
  request(
    contextId: number,
    words: Omit<CommandWords, 'messageId' | 'respondedTo' | 'hasDataSet'>,
    dataSet: Uint8Array | null,
  ): Uint8Array {
    return this.#encode(contextId, { ...words, hasDataSet: dataSet !== null }, dataSet)
  }

  /** The answer to a request of the peer. */
  respond(to: PeerMessage, status: number): Uint8Array {
    const { sopClassUid, sopInstanceUid, field, messageId } = to.command
    const command = encodeCommandSet({
      field: field | responseBit,
      respondedTo: messageId ?? 0,
      sopClassUid,
      sopInstanceUid,
      hasDataSet: false,
      status,
    })
    const { contextId } = to
    return encodeMessage({ contextId, command, dataSet: null, peerMaxPduBytes: this.#peerMax })
  }

  release(): Uint8Array {
    return encodePdu({ kind: 'release-request' })
  }

  releaseReply(): Uint8Array {
    return encodePdu({ kind: 'release-reply' })
  }

  abort(): Uint8Array {
    return encodePdu({ kind: 'abort', source: 0, reason: 0 })
  }

  #control(pdu: ControlPdu): RequestorEvent {
    switch (pdu.kind) {
      case 'associate-accept': {
        this.#peerMax = pdu.accept.user.maxPduBytes
        const accepted = pdu.accept.contexts.filter((context) => context.result === 'accepted')
        const contexts = new Map(accepted.map(({ id, transferSyntax }) => [id, transferSyntax]))
        return { kind: 'accepted', contexts, answers: pdu.accept.contexts }
      }
      case 'associate-reject':
        return { kind: 'rejected', rejection: pdu.rejection }
      case 'release-request':
        return { kind: 'release-asked' }
      case 'release-reply':
        return { kind: 'released' }
      case 'abort':
        return { kind: 'aborted', source: pdu.source, reason: pdu.reason }
      default:
        return { kind: 'broken', reason: `unexpected ${pdu.kind}` }
    }
  }

  #nextMessageId(): number {
    this.#messageId = (this.#messageId % messageIdMost) + 1
    return this.#messageId
  }

  #encode(contextId: number, words: CommandWords, dataSet: Uint8Array | null = null): Uint8Array {
    const command = encodeCommandSet({ ...words, messageId: this.#nextMessageId() })
    return encodeMessage({ contextId, command, dataSet, peerMaxPduBytes: this.#peerMax })
  }

  /** Gathers a message. Answers an event when it is whole or cannot be. */
  #piece(piece: Extract<Read, { kind: 'piece' }>): RequestorEvent | null {
    const { contextId } = piece
    const message = this.#message ?? { contextId, command: null, pieces: [], bytes: 0 }
    this.#message = message
    const isCommand = message.command === null
    if (message.contextId !== contextId || isCommand !== piece.command) {
      return { kind: 'broken', reason: 'two messages interleaved' }
    }
    message.bytes += piece.bytes.length
    if (message.bytes > (isCommand ? commandLimitBytes : dataSetLimitBytes)) {
      return { kind: 'broken', reason: 'a message above the limit' }
    }
    message.pieces.push(piece.bytes.slice())
    if (!piece.complete) return null
    const bytes = concat(message.pieces)
    if (message.command !== null) return this.#whole(message.contextId, message.command, bytes)
    const command = decodeCommandSet(bytes)
    if (!command.ok) return { kind: 'broken', reason: command.reason }
    if (!command.value.hasDataSet) return this.#whole(contextId, command.value, null)
    message.command = command.value
    message.pieces = []
    message.bytes = 0
    return null
  }

  #whole(contextId: number, command: CommandSet, dataSet: Uint8Array | null): RequestorEvent {
    this.#message = null
    const isResponse = (command.field & responseBit) !== 0
    return { kind: isResponse ? 'response' : 'request', contextId, command, dataSet }
  }
}
