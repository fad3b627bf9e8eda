/**
 * One association that we open, on a socket. One message at a time: what is asked is answered
 * before the next. Every wait ends when the peer gives no sign of life for a while, never because
 * the whole takes long: a slow link with a large image is no failure.
 */
import type { FileHandle } from 'node:fs/promises'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AnsweredContext } from '../../protocols/dicom/association.ts'
import type { CommandSet, CommandWords } from '../../protocols/dicom/command-set.ts'
import type { Rejection } from '../../protocols/dicom/pdu.ts'
import {
  Requestor,
  type PeerMessage,
  type RequestorEvent,
  type RequestorOptions,
} from '../../protocols/dicom/requestor.ts'
import { PeerFailed } from './peer-failed.ts'
import type { TlsSecrets } from './secrets.ts'
import { Slab } from './slab.ts'

export interface AssociationOptions extends RequestorOptions {
  readonly host: string
  readonly port: number
  readonly tls: TlsSecrets | null
  readonly silenceMs: number
  /** A request of the peer. Answers with the status of the response. */
  readonly asked: (message: PeerMessage, transferSyntaxUid: string) => number
  /** Aborted: everything ends at once. */
  readonly kill: AbortSignal
}

/** Events that nobody waited for: a peer that says more is broken. */
const eventsMost = 10_000

export class Association {
  readonly #requestor: Requestor
  readonly #socket: Socket
  readonly #options: AssociationOptions
  readonly #events: RequestorEvent[] = []
  #bell: (() => void) | null = null
  #failure: PeerFailed | null = null
  /** One is filled from the disk while the other goes out. */
  #slabs: readonly [Slab, Slab] | null = null
  #contexts: ReadonlyMap<number, string> = new Map()
  #answers: readonly AnsweredContext[] = []

  private constructor(options: AssociationOptions) {
    const { host, port, tls, silenceMs, kill } = options
    this.#options = options
    this.#requestor = new Requestor(options)
    const to = { host, port, ...tls }
    this.#socket =
      tls === null
        ? connectPlain(to)
        : connectTls({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}) })
    this.#socket.setNoDelay(true)
    this.#socket.setKeepAlive(true, silenceMs)
    this.#socket.setTimeout(silenceMs, () => {
      this.#fail(new PeerFailed('silent', `no sign of life for ${silenceMs / 1_000} s`))
    })
    let isOpen = false
    this.#socket.on(tls === null ? 'connect' : 'secureConnect', () => (isOpen = true))
    this.#socket.on('error', (err) => {
      this.#fail(new PeerFailed(isOpen ? 'cut' : 'unreachable', err.message, err))
    })
    this.#socket.on('close', () => this.#fail(new PeerFailed('cut', 'the connection was closed')))
    this.#socket.on('data', (bytes: Uint8Array) => {
      for (const event of this.#requestor.received(bytes)) this.#hear(event)
    })
    const killed = (): void => void this.#fail(new PeerFailed('stopped', 'we stop'))
    if (kill.aborted) killed()
    else kill.addEventListener('abort', killed, { once: true })
    this.#socket.on('close', () => kill.removeEventListener('abort', killed))
  }

  /** Rejects with `PeerFailed`, as everything here does. */
  static async open(options: AssociationOptions): Promise<Association> {
    const association = new Association(options)
    await association.#write(association.#requestor.associate())
    const event = await association.#next()
    if (event.kind === 'accepted') {
      association.#contexts = event.contexts
      association.#answers = event.answers
      return association
    }
    association.destroy()
    if (event.kind === 'rejected') throw new PeerFailed('rejected', rejectionWords(event.rejection))
    throw new PeerFailed('broken', `answered with ${event.kind}`)
  }

  /** Accepted contexts, with the transfer syntax of each. */
  get contexts(): ReadonlyMap<number, string> {
    return this.#contexts
  }

  /** All contexts as the peer answered them. */
  get answers(): readonly AnsweredContext[] {
    return this.#answers
  }

  /** Sends the data set of a file, from `offset` to the end, bit for bit. */
  async store(
    contextId: number,
    instance: { readonly sopClassUid: string; readonly sopInstanceUid: string },
    file: { readonly handle: FileHandle; readonly offset: number; readonly size: number },
  ): Promise<CommandSet> {
    await this.#write(this.#requestor.storeCommand(contextId, instance))
    this.#slabs ??= [
      new Slab(this.#requestor.fragmentBytes),
      new Slab(this.#requestor.fragmentBytes),
    ]
    for (let at = file.offset, turn = 0; at < file.size; turn = 1 - turn) {
      const slab = this.#slabs[turn]
      await slab?.flushed
      if (this.#failure !== null) throw this.#failure
      const filled = (await slab?.fill(file.handle, at, file.size, contextId)) ?? null
      if (slab === undefined || filled === null) {
        throw this.#fail(new PeerFailed('stopped', 'the file ends early'))
      }
      at += filled.dataBytes
      slab.flushed = new Promise((resolve) => {
        this.#socket.write(filled.bytes, () => resolve())
      })
    }
    return (await this.#response()).command
  }

  /** Any other request. The answers up to the first that is not pending. */
  async ask(
    contextId: number,
    words: Omit<CommandWords, 'messageId' | 'respondedTo' | 'hasDataSet'>,
    dataSet: Uint8Array,
    isPending: (status: number | null) => boolean = () => false,
  ): Promise<readonly PeerMessage[]> {
    await this.#write(this.#requestor.request(contextId, words, dataSet))
    const answers: PeerMessage[] = []
    for (;;) {
      const answer = await this.#response()
      answers.push(answer)
      if (!isPending(answer.command.status)) return answers
      if (answers.length >= eventsMost) {
        throw this.#fail(new PeerFailed('broken', 'answers without end'))
      }
    }
  }

  /** Resolves when the peer has agreed to the end. */
  async release(): Promise<void> {
    await this.#write(this.#requestor.release())
    const event = await this.#next()
    if (event.kind !== 'released') {
      throw this.#fail(new PeerFailed('broken', `answered a release with ${event.kind}`))
    }
    this.#socket.end()
    this.destroy()
  }

  /** Ends the connection, politely where that is possible. */
  abort(): void {
    if (this.#socket.destroyed) return
    if (this.#failure === null) this.#socket.write(this.#requestor.abort())
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async #response(): Promise<PeerMessage> {
    const event = await this.#next()
    if (event.kind === 'response') return event
    throw this.#fail(new PeerFailed('broken', `answered a request with ${event.kind}`))
  }

  #hear(event: RequestorEvent): void {
    switch (event.kind) {
      case 'request': {
        const syntax = this.#contexts.get(event.contextId) ?? ''
        this.#socket.write(this.#requestor.respond(event, this.#options.asked(event, syntax)))
        return
      }
      case 'release-asked':
        this.#socket.write(this.#requestor.releaseReply())
        this.#fail(new PeerFailed('cut', 'the peer has released the association'), true)
        return
      case 'aborted': {
        const { source, reason } = event
        const words = `A-ABORT, source ${source}, reason ${reason}`
        this.#fail(new PeerFailed('aborted', words))
        return
      }
      case 'broken':
        this.#fail(new PeerFailed('broken', event.reason))
        return
      default:
        if (this.#events.length >= eventsMost) return
        this.#events.push(event)
        this.#bell?.()
    }
  }

  /** The first failure counts: what follows is its echo. */
  #fail(failure: PeerFailed, softly = false): PeerFailed {
    this.#failure ??= failure
    if (softly) this.#socket.destroySoon()
    else this.#socket.destroy()
    this.#bell?.()
    return this.#failure
  }

  async #next(): Promise<RequestorEvent> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) return event
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => (this.#bell = resolve))
      this.#bell = null
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (this.#socket.write(bytes)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done)
        resolve()
      }
      this.#socket.once('drain', done).once('close', done)
    })
  }
}

/** PS3.8 table 9-21, as far as a person at the other end can do something about it. */
function rejectionWords({ result, source, reason }: Rejection): string {
  const said = `A-ASSOCIATE-RJ, ${result}, source ${source}, reason ${reason}`
  if (source === 1 && reason === 3) return `${said}: our AE title is not known there`
  if (source === 1 && reason === 7) return `${said}: the called AE title is not the right one`
  if (source === 3) return `${said}: it has too much to do`
  return said
}
