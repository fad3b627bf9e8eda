/**
 * Runs one association on one wire: does what protocols/dicom/acceptor.ts decides. It knows neither
 * sockets nor threads, so the same code serves the daemon, a test and a simulation.
 */
import { Acceptor } from '../../protocols/dicom/acceptor.ts'
import { statuses, type CommandSet } from '../../protocols/dicom/command-set.ts'
import { ourMaxPduBytes } from '../../protocols/dicom/message.ts'
import type {
  Action,
  AssociationFacts,
  HostAnswer,
  IncomingObject,
  ObjectFindings,
  OwnRequest,
  Question,
  Timer,
} from '../../protocols/dicom/service.ts'
import { elapsedMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import { AssociationTimer } from './association-timer.ts'
import { isDiskFull } from './files.ts'
import { ObjectWriter } from './object-writer.ts'
import type { ReceivedImage, StoreOutcome } from './received-image.ts'
import type { RunnerDoors, RunnerOptions, Wire } from './runner-doors.ts'
import type { Sender } from './senders.ts'

interface Incoming {
  readonly task: number
  readonly object: IncomingObject
  readonly writer: ObjectWriter
  readonly sinceMs: MonotonicMs
}

export class AssociationRunner {
  readonly peerAddress: string
  readonly #wire: Wire
  readonly #options: RunnerOptions
  readonly #doors: RunnerDoors<AssociationRunner>
  readonly #acceptor: Acceptor
  #facts: AssociationFacts | null = null
  #sender: Sender | null = null
  #incoming: Incoming | null = null
  readonly #timer: AssociationTimer
  /** The task that wants to give one more answer. */
  #turn: number | null = null
  #ownRequests = 0
  #heard: ((response: CommandSet | null) => void) | null = null
  #heardMs: MonotonicMs
  #reading = true
  #peerMustWait = false
  #wireFull = false
  #closed = false
  #storedCount = 0
  #storedBytes = 0
  #refusedCount = 0

  constructor(wire: Wire, options: RunnerOptions, doors: RunnerDoors<AssociationRunner>) {
    this.peerAddress = wire.peerAddress
    this.#wire = wire
    this.#options = options
    this.#doors = doors
    this.#heardMs = doors.clock.monotonicMs()
    this.#timer = new AssociationTimer(doors.clock, options.timersMs, () => this.quietMs)
    this.#acceptor = new Acceptor({
      services: options.services,
      maxPduBytes: ourMaxPduBytes,
      admit: (association) => {
        this.#facts = association
        this.#sender = options.senders.identify(association.callingAeTitle)
        return doors.admit(this, association)
      },
    })
  }

  /** null until the peer has asked for an association. */
  get association(): AssociationFacts | null {
    return this.#facts
  }

  get sender(): Sender | null {
    return this.#sender
  }

  get established(): boolean {
    return this.#acceptor.established
  }

  get busy(): boolean {
    return this.#acceptor.busy
  }

  /** How long nothing has come, in ms. */
  get quietMs(): number {
    return elapsedMs(this.#heardMs, this.#doors.clock.monotonicMs())
  }

  get counts(): {
    readonly stored: number
    readonly storedBytes: number
    readonly refused: number
  } {
    return {
      stored: this.#storedCount,
      storedBytes: this.#storedBytes,
      refused: this.#refusedCount,
    }
  }

  start(): void {
    this.#perform(this.#acceptor.opened())
  }

  received(bytes: Uint8Array): void {
    this.#heardMs = this.#doors.clock.monotonicMs()
    this.#perform(this.#acceptor.received(bytes))
  }

  /** The peer says nothing more. */
  peerEnded(): void {
    this.#perform(this.#acceptor.peerEnded())
  }

  writable(): void {
    this.#wireFull = false
    this.#regulate()
    this.#giveTurn()
  }

  /**
   * Makes a request of ours on this association. Resolves with the response, or with null when the
   * association ends before it. null at once when it cannot be made: no association, its class was
   * not accepted, or another one waits for its response.
   */
  request(request: Omit<OwnRequest, 'id'>): Promise<CommandSet | null> | null {
    const actions = this.#acceptor.request({ ...request, id: ++this.#ownRequests })
    if (actions === null) return null
    const response = new Promise<CommandSet | null>((resolve) => (this.#heard = resolve))
    this.#perform(actions)
    return response
  }

  /** The wire is gone. */
  lost(): void {
    if (this.#closed) return
    this.#closed = true
    this.#perform(this.#acceptor.lost())
    this.#timer.disarm()
    this.#doors.closed(this)
  }

  /** Leaves as soon as what is being received is answered. */
  stop(): void {
    this.#perform(this.#acceptor.stop())
  }

  destroy(): void {
    this.#wire.destroy()
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) this.#do(action)
    this.#regulate()
  }

  #do(action: Action): void {
    switch (action.kind) {
      case 'send':
        if (!this.#wire.send(action.bytes)) this.#wireFull = true
        return
      case 'end':
        return this.#wire.end()
      case 'close':
        this.#wire.close()
        // A peer that does not read would keep the last bytes, and with them the socket, for ever.
        return this.#arm('linger', () => this.#wire.destroy())
      case 'arm':
        return this.#arm(action.timer, () => this.#perform(this.#acceptor.timedOut()))
      case 'pause':
        this.#peerMustWait = true
        return
      case 'resume':
        this.#peerMustWait = false
        return
      case 'established':
        return this.#doors.opened(this)
      case 'over':
        return this.#doors.over(this, action.how)
      case 'note':
        return this.#doors.note(this, action.note)
      case 'turn':
        this.#turn = action.task
        return this.#giveTurn()
      case 'ask':
        return void this.#ask(action.task, action.question)
      case 'heard':
        return this.#heard?.(action.response)
      case 'open':
        return this.#open(action.task, action.object)
      case 'append':
        return this.#append(action.task, action.bytes)
      case 'discard':
        return this.#discard(action.task)
      case 'finish':
        if (this.#incoming?.task === action.task) void this.#finish(this.#incoming, action.findings)
        return
    }
  }

  /** Reads from the wire only while there is room for what comes. */
  #regulate(): void {
    if (this.#closed) return
    const limit = this.#doors.waitingLimitBytes()
    const waiting = this.#incoming?.writer.waitingBytes ?? 0
    // Stopping and starting at the same mark would switch with every piece.
    const full = waiting > (this.#reading ? limit : limit / 2)
    const reading = !this.#peerMustWait && !this.#wireFull && !full
    if (reading === this.#reading) return
    this.#reading = reading
    if (reading) this.#wire.resume()
    else this.#wire.pause()
  }

  #arm(kind: Timer, work: () => void): void {
    if (!this.#closed) this.#timer.arm(kind, work)
  }

  /** Behind what the peer has said by now, so that it can call off what it asked for. */
  #giveTurn(): void {
    const task = this.#turn
    if (task === null || this.#wireFull || this.#closed) return
    this.#turn = null
    this.#doors.soon(() => {
      if (!this.#closed) this.#perform(this.#acceptor.turn(task))
    })
  }

  async #ask(task: number, question: Question): Promise<void> {
    const answer = await this.#doors.ask(this, question).catch((): HostAnswer => {
      const comment = 'Could not be stored, please send again'
      return { kind: 'failed', status: statuses.processingFailure, comment }
    })
    this.#answer(task, answer)
  }

  #open(task: number, object: IncomingObject): void {
    const { clock, files } = this.#doors
    const writer = new ObjectWriter({
      files,
      room: this.#doors.room,
      slabs: this.#doors.slabs,
      path: this.#doors.temporaryPath(),
      drained: () => this.#regulate(),
      failed: (error) => this.#writingFailed(task, error),
    })
    this.#doors.expect(object.sopInstanceUid)
    writer.append(object.head)
    this.#incoming = { task, object, writer, sinceMs: clock.monotonicMs() }
  }

  #append(task: number, bytes: Uint8Array): void {
    const writer = this.#incoming?.task === task ? this.#incoming.writer : null
    if (writer === null) return
    writer.append(bytes)
    if (writer.sizeBytes <= this.#options.objectBytesMax) return
    this.#discard(task)
    this.#refusedCount++
    this.#doors.note(this, { code: 'object-too-large', details: { bytes: writer.sizeBytes } })
    const comment = 'The object is larger than can be taken here'
    this.#answer(task, { kind: 'failed', status: statuses.outOfResources, comment })
  }

  #discard(task: number): void {
    if (this.#incoming?.task !== task) return
    void this.#incoming.writer.discard()
    this.#incoming = null
  }

  #writingFailed(task: number, error: unknown): void {
    if (this.#incoming?.task === task) this.#incoming = null
    this.#answer(task, this.#refusal(isDiskFull(error) ? 'full' : 'failed', error))
  }

  async #finish(incoming: Incoming, findings: ObjectFindings): Promise<void> {
    const written = await incoming.writer.finish()
    if (written === null) return
    if (this.#incoming === incoming) this.#incoming = null
    const { task, object } = incoming
    const { studyInstanceUid, seriesInstanceUid, modality, identity } = findings
    const flags: string[] = [...findings.flags]
    if (this.#sender?.known !== true) flags.push('unknown-sender')
    const outcome = await this.#store({
      device: this.#sender?.device ?? '',
      simulated: this.#sender?.simulated ?? false,
      peerAddress: this.peerAddress,
      calledAeTitle: this.#facts?.calledAeTitle ?? '',
      temporaryPath: written.path,
      receivingMs: elapsedMs(incoming.sinceMs, this.#doors.clock.monotonicMs()),
      identity,
      image: {
        kind: 'image',
        object: {
          sha256: written.sha256,
          sizeBytes: written.sizeBytes,
          mediaType: 'application/dicom',
          chunkBytes: this.#options.chunkBytes,
        },
        sopClassUid: object.sopClassUid,
        sopInstanceUid: object.sopInstanceUid,
        transferSyntaxUid: object.transferSyntaxUid,
        studyInstanceUid,
        seriesInstanceUid,
        modality,
        callingAeTitle: this.#facts?.callingAeTitle ?? '',
        dataSetOffset: object.head.length,
        flags,
      },
    })
    if (outcome.status === 'stored' || outcome.status === 'already') {
      this.#storedCount++
      this.#storedBytes += written.sizeBytes
      this.#answer(task, { kind: 'stored' })
    } else {
      this.#answer(task, this.#refusal(outcome.status, null))
    }
  }

  /** The file belongs to the keeper from here on, and comes back only when it says no. */
  async #store(image: ReceivedImage): Promise<StoreOutcome> {
    const outcome = await this.#doors.store(image).catch((): StoreOutcome => ({ status: 'failed' }))
    if (outcome.status === 'full' || outcome.status === 'failed') {
      // It may be gone already, or go with the next emptying of the folder.
      await this.#doors.files.remove(image.temporaryPath).catch(() => {})
    }
    return outcome
  }

  #refusal(status: 'full' | 'failed', error: unknown): HostAnswer {
    this.#refusedCount++
    if (status === 'full') {
      this.#doors.note(this, { code: 'disk-full', details: {} })
      const comment = 'Out of disk space, please send again later'
      return { kind: 'failed', status: statuses.outOfResources, comment }
    }
    const why = error instanceof Error ? error.message : 'the journal did not take it'
    this.#doors.note(this, { code: 'store-failed', details: { why } })
    const comment = 'Could not be stored, please send again'
    return { kind: 'failed', status: statuses.processingFailure, comment }
  }

  #answer(task: number, answer: HostAnswer): void {
    this.#perform(this.#acceptor.answered(task, answer))
  }
}
