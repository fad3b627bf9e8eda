/**
 * One association from the side of who is called. Source: PS3.8 section 9.2, the states in which an
 * acceptor can be.
 *
 *   awaiting ──RQ──▶ established ──release, abort, fault──▶ closing ──▶ closed
 *       └──── RJ, abort ─────────────────────────────────────▲
 *
 * Pure and clockless: every entrance answers with the actions that follow from it, in order.
 */
import { aeTitleOf, type AssociateRequest } from './association.ts'
import { Conversation } from './conversation.ts'
import { negotiate, type RefusedContext } from './negotiate.ts'
import { PduReader, type Read, type ReadFault } from './pdu-reader.ts'
import { abortReasons, encodePdu, rejections, type ControlPdu, type Rejection } from './pdu.ts'
import type {
  Action,
  AssociationFacts,
  Ending,
  HostAnswer,
  Note,
  NoteCode,
  OwnRequest,
  Service,
} from './service.ts'
import { printable } from './text.ts'
import { applicationContextUid, uidName } from './uids.ts'

/** Senders count the headers in or out, and some ignore our figure. Twice is more than a slip. */
const dataSlack = 2
const namedClassesMax = 4
/** The first byte of a TLS handshake record. */
const tlsHandshake = 0x16

export interface Refusal {
  readonly rejection: Rejection
  readonly note: Note
}

export interface AcceptorOptions {
  readonly services: readonly Service[]
  /** The longest P-DATA value that we announce. */
  readonly maxPduBytes: number
  /** Whether there is room for one more association; otherwise how it is refused and why. */
  admit(association: AssociationFacts): Refusal | null
}

export class Acceptor {
  readonly #options: AcceptorOptions
  readonly #reader: PduReader
  #state: 'awaiting' | 'established' | 'closing' | 'closed' = 'awaiting'
  #conversation: Conversation | null = null
  #out: Action[] = []
  #paused = false
  #peerEnded = false
  #stopping = false

  constructor(options: AcceptorOptions) {
    this.#options = options
    this.#reader = new PduReader(options.maxPduBytes * dataSlack)
  }

  get established(): boolean {
    return this.#state === 'established'
  }

  /** True while a request is being received or answered. */
  get busy(): boolean {
    return this.#conversation?.busy === true
  }

  /** The transport stands. */
  opened(): readonly Action[] {
    this.#out.push({ kind: 'arm', timer: 'artim' })
    return this.#flush()
  }

  received(bytes: Uint8Array): readonly Action[] {
    // What a peer says after the end is read and dropped, so that it gets to hear ours.
    if (this.#state === 'closing' || this.#state === 'closed') return none
    if (this.#state === 'established') this.#out.push(armIdle)
    this.#reader.push(bytes)
    this.#pump()
    if (this.#full && this.#reader.waiting && !this.#paused) {
      this.#paused = true
      this.#out.push({ kind: 'pause' })
    }
    return this.#flush()
  }

  answered(task: number, answer: HostAnswer): readonly Action[] {
    this.#conversation?.answered(task, answer)
    this.#goOn()
    return this.#flush()
  }

  /** What was sent is taken, and what the peer said until now has been handed on. */
  turn(task: number): readonly Action[] {
    this.#conversation?.turn(task)
    this.#goOn()
    return this.#flush()
  }

  /**
   * Makes a request of our own on this association; its response comes as `heard`. null when it
   * cannot be: no association, no context, or another one waits for its response.
   */
  request(request: OwnRequest): readonly Action[] | null {
    if (this.#state !== 'established' || this.#conversation?.request(request) !== true) return null
    return this.#flush()
  }

  /** The peer says nothing more. An answer that it is owed is still given. */
  peerEnded(): readonly Action[] {
    this.#peerEnded = true
    if (!this.#owing) this.#hangUp()
    return this.#flush()
  }

  /** The transport is gone, whoever did it. */
  lost(): readonly Action[] {
    this.#noteCut()
    this.#finish('lost')
    this.#state = 'closed'
    return this.#flush()
  }

  timedOut(): readonly Action[] {
    if (this.#state === 'awaiting') {
      this.#note('request-late')
      this.#close()
    } else if (this.#state === 'established') {
      this.#note('silent')
      this.#abort('silent', abortReasons.notSpecified)
    } else {
      this.#close()
    }
    return this.#flush()
  }

  /** Makes room or shuts down: what is being received is finished and answered first. */
  stop(): readonly Action[] {
    if (this.#state === 'awaiting') this.#close()
    this.#stopping = true
    this.#leaveWhenStopping()
    return this.#flush()
  }

  get #owing(): boolean {
    return this.#conversation?.owing === true
  }

  get #full(): boolean {
    return this.#conversation?.full === true
  }

  #goOn(): void {
    this.#leaveWhenStopping()
    this.#pump()
    if (!this.#full) this.#resume()
  }

  #flush(): readonly Action[] {
    const actions = this.#out
    this.#out = []
    return actions
  }

  #pump(): void {
    while ((this.#state === 'awaiting' || this.#state === 'established') && !this.#full) {
      const read = this.#reader.next()
      if (read === null) break
      this.#read(read)
      this.#leaveWhenStopping()
    }
    if (this.#peerEnded && !this.#owing) this.#hangUp()
  }

  #read(read: Read): void {
    if (read.kind === 'fault') return this.#fault(read.fault)
    if (read.kind === 'control') return this.#control(read.pdu)
    if (this.#conversation === null) return this.#unexpected('P-DATA before an association')
    const wrong = this.#conversation.piece(read)
    if (wrong !== null) this.#malformed(wrong)
  }

  #control(pdu: ControlPdu): void {
    if (pdu.kind === 'abort') {
      this.#noteCut()
      this.#finish('aborted')
      this.#close()
    } else if (pdu.kind === 'associate-request' && this.#state === 'awaiting') {
      this.#request(pdu.request)
    } else if (pdu.kind === 'release-request' && this.#state === 'established') {
      this.#noteCut()
      this.#send(encodePdu({ kind: 'release-reply' }))
      this.#finish('released')
      // The peer closes; doing it first could take the reply away from it (PS3.8 table 9-10).
      this.#awaitClose()
    } else {
      this.#unexpected(`${pdu.kind} while ${this.#state}`)
    }
  }

  #request(request: AssociateRequest): void {
    const association: AssociationFacts = {
      callingAeTitle: printable(aeTitleOf(request.callingAe)),
      calledAeTitle: printable(aeTitleOf(request.calledAe)),
      implementation: printable(request.user.implementationVersion ?? '') || null,
      maxPduBytes: request.user.maxPduBytes,
    }
    const refusal = standardRefusal(request) ?? this.#options.admit(association)
    if (refusal !== null) {
      this.#out.push({ kind: 'note', note: refusal.note })
      this.#send(encodePdu({ kind: 'associate-reject', rejection: refusal.rejection }))
      this.#awaitClose()
      return
    }
    const { services, maxPduBytes } = this.#options
    const { accept, contexts, refused } = negotiate(request, services, maxPduBytes)
    const act = (action: Action): void => void this.#out.push(action)
    this.#conversation = new Conversation(contexts, association, act)
    this.#state = 'established'
    this.#out.push({ kind: 'established', association })
    if (refused.length > 0) {
      this.#note(contexts.size === 0 ? 'nothing-accepted' : 'context-refused', namesOf(refused))
    }
    this.#send(encodePdu({ kind: 'associate-accept', accept }))
    this.#out.push(armIdle)
  }

  #leaveWhenStopping(): void {
    if (this.#stopping && this.#state === 'established' && !this.busy) {
      this.#abort('stopped', abortReasons.notSpecified)
    }
  }

  #fault(fault: ReadFault): void {
    switch (fault.kind) {
      case 'unknown-type':
        if (this.#state === 'established') this.#note('malformed', { reason: 'unknown PDU type' })
        else this.#note(fault.first === tlsHandshake ? 'tls-on-plain-port' : 'not-dicom')
        return this.#abort('broken', abortReasons.unrecognizedPdu)
      case 'pdu-too-long':
        this.#note('pdu-too-long', { bytes: fault.bytes, limitBytes: fault.limitBytes })
        return this.#abort('broken', abortReasons.invalidParameter)
      case 'malformed':
        return this.#malformed(fault.reason)
    }
  }

  #malformed(reason: string): void {
    this.#note('malformed', { reason })
    this.#abort('broken', abortReasons.invalidParameter)
  }

  #unexpected(what: string): void {
    this.#note('malformed', { reason: what })
    this.#abort('broken', abortReasons.unexpectedPdu)
  }

  #abort(how: Ending, reason: number): void {
    this.#finish(how)
    this.#send(encodePdu({ kind: 'abort', source: 2, reason }))
    this.#out.push({ kind: 'end' }, { kind: 'arm', timer: 'linger' })
    this.#state = 'closing'
    this.#resume()
  }

  #resume(): void {
    // Nothing follows a close, which the peer's next request may have brought about.
    if (this.#paused && this.#state !== 'closed') this.#out.push({ kind: 'resume' })
    this.#paused = false
  }

  #awaitClose(): void {
    this.#state = 'closing'
    this.#out.push({ kind: 'arm', timer: 'artim' })
  }

  /** The peer has closed its side without a word, which in a transfer is a loss. */
  #hangUp(): void {
    this.#noteCut()
    this.#finish('lost')
    this.#close()
  }

  #noteCut(): void {
    if (this.#conversation?.receiving === true) this.#note('cut-in-transfer')
  }

  #finish(how: Ending): void {
    this.#conversation?.abandon()
    if (this.#state === 'established') this.#out.push({ kind: 'over', how })
  }

  #close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#out.push({ kind: 'close' })
  }

  #send(bytes: Uint8Array): void {
    this.#out.push({ kind: 'send', bytes })
  }

  #note(code: NoteCode, details: Note['details'] = {}): void {
    this.#out.push({ kind: 'note', note: { code, details } })
  }
}

const none: readonly Action[] = []
const armIdle: Action = { kind: 'arm', timer: 'idle' }

/** What the standard itself refuses (PS3.8 section 9.3.4), whatever our own limits are. */
function standardRefusal(request: AssociateRequest): Refusal | null {
  if ((request.protocolVersion & 1) === 0) {
    const note: Note = { code: 'protocol-version', details: {} }
    return { rejection: rejections.protocolVersion, note }
  }
  if (request.applicationContext !== applicationContextUid) {
    const note: Note = { code: 'application-context', details: {} }
    return { rejection: rejections.applicationContext, note }
  }
  return null
}

function namesOf(refused: readonly RefusedContext[]): Note['details'] {
  const classes = new Set(
    refused.map((context) => printable(uidName(context.abstractSyntax)).slice(0, 64)),
  )
  return { classes: [...classes].slice(0, namedClassesMax).join(', '), count: classes.size }
}
