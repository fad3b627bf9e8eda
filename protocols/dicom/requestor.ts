/**
 * One association from the side of who calls. Source: PS3.8 section 9.2, PS3.7 section 9.1.
 * Pure and clockless like acceptor.ts: bytes in, events out; what to send is what methods return.
 * It does one request at a time, as a careful sender does.
 */
import { rawAeTitle, type ProposedContext } from './association.ts'
import {
  commandFields,
  decodeCommandSet,
  encodeCommandSet,
  type CommandSet,
} from './command-set.ts'
import { encodeMessage, fragments, ourMaxPduBytes } from './message.ts'
import { PduReader } from './pdu-reader.ts'
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
}

export type RequestorEvent =
  | { readonly kind: 'accepted'; readonly contexts: ReadonlyMap<number, string> }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'response'; readonly command: CommandSet }
  | { readonly kind: 'released' }
  | { readonly kind: 'aborted'; readonly source: number; readonly reason: number }
  | { readonly kind: 'broken'; readonly reason: string }

export class Requestor {
  readonly #options: RequestorOptions
  readonly #reader = new PduReader(ourMaxPduBytes * 2)
  #pieces: Uint8Array[] = []
  #peerMaxPduBytes = 0
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
          roles: [],
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
        if (read.command) this.#pieces.push(read.bytes.slice())
        if (read.command && read.complete) events.push(this.#response())
      }
    }
    return events
  }

  echo(contextId: number): Uint8Array {
    const command = encodeCommandSet({
      field: commandFields.echo,
      messageId: ++this.#messageId,
      sopClassUid: verificationUid,
      hasDataSet: false,
    })
    const peerMaxPduBytes = this.#peerMaxPduBytes
    return encodeMessage({ contextId, command, dataSet: null, peerMaxPduBytes })
  }

  /** The PDUs of a C-STORE, made one by one as they are sent. */
  *store(
    contextId: number,
    instance: { readonly sopClassUid: string; readonly sopInstanceUid: string },
    dataSet: Uint8Array,
  ): Generator<Uint8Array, void, undefined> {
    const command = encodeCommandSet({
      field: commandFields.store,
      messageId: ++this.#messageId,
      ...instance,
      priority: 0,
      hasDataSet: true,
    })
    const peerMaxPduBytes = this.#peerMaxPduBytes
    yield encodeMessage({ contextId, command, dataSet: null, peerMaxPduBytes })
    yield* fragments({ contextId, command: false, bytes: dataSet, peerMaxPduBytes })
  }

  release(): Uint8Array {
    return encodePdu({ kind: 'release-request' })
  }

  abort(): Uint8Array {
    return encodePdu({ kind: 'abort', source: 0, reason: 0 })
  }

  #control(pdu: ControlPdu): RequestorEvent {
    switch (pdu.kind) {
      case 'associate-accept': {
        this.#peerMaxPduBytes = pdu.accept.user.maxPduBytes
        const accepted = pdu.accept.contexts.filter((context) => context.result === 'accepted')
        const contexts = new Map(accepted.map(({ id, transferSyntax }) => [id, transferSyntax]))
        return { kind: 'accepted', contexts }
      }
      case 'associate-reject':
        return { kind: 'rejected', rejection: pdu.rejection }
      case 'release-reply':
        return { kind: 'released' }
      case 'abort':
        return { kind: 'aborted', source: pdu.source, reason: pdu.reason }
      default:
        return { kind: 'broken', reason: `unexpected ${pdu.kind}` }
    }
  }

  #response(): RequestorEvent {
    const command = decodeCommandSet(concat(this.#pieces))
    this.#pieces = []
    if (!command.ok) return { kind: 'broken', reason: command.reason }
    return { kind: 'response', command: command.value }
  }
}
