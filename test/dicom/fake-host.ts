/** An acceptor with a host that keeps objects in memory, for tests of the pure side. */
import { Acceptor, type AcceptorOptions } from '../../protocols/dicom/acceptor.ts'
import type {
  Action,
  HostAnswer,
  IncomingObject,
  ObjectFindings,
} from '../../protocols/dicom/service.ts'
import { storageService } from '../../protocols/dicom/storage-service.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { verificationService } from '../../protocols/dicom/verification-service.ts'

export interface HeldObject {
  readonly task: number
  readonly object: IncomingObject
  dataSet: Uint8Array
  findings: ObjectFindings | null
  discarded: boolean
}

export const services = [
  verificationService,
  storageService({ acceptPrivate: true, preference: 'native' }),
]

/** Checks on the way that actions come in an order that a host can follow. */
export class FakeHost {
  readonly acceptor: Acceptor
  readonly objects = new Map<number, HeldObject>()
  /** What the acceptor sent and nobody has taken yet. */
  sent: Uint8Array[] = []
  /** Kinds of everything but bytes, in order. */
  readonly log: string[] = []
  readonly notes: { readonly code: string; readonly details: object }[] = []
  /** Tasks that want to give one more answer. */
  readonly turns: number[] = []
  readonly asked: Extract<Action, { kind: 'ask' }>[] = []
  readonly heard: Extract<Action, { kind: 'heard' }>[] = []
  closed = false
  ended = false
  paused = false
  timer = ''

  constructor(options: Partial<AcceptorOptions> = {}) {
    this.acceptor = new Acceptor({ services, maxPduBytes: 131_072, admit: () => null, ...options })
    this.do(this.acceptor.opened())
  }

  receive(bytes: Uint8Array): void {
    this.do(this.acceptor.received(bytes))
  }

  answer(task: number, answer: HostAnswer): void {
    this.do(this.acceptor.answered(task, answer))
  }

  /** Gives the turns that are wanted now. Answers how many. */
  turn(): number {
    const tasks = this.turns.splice(0)
    for (const task of tasks) this.do(this.acceptor.turn(task))
    return tasks.length
  }

  take(): Uint8Array {
    const bytes = concat(this.sent)
    this.sent = []
    return bytes
  }

  do(actions: readonly Action[]): void {
    for (const action of actions) {
      if (this.closed) throw new Error(`${action.kind} after close`)
      this.#do(action)
    }
  }

  #do(action: Action): void {
    switch (action.kind) {
      case 'send':
        if (this.ended) throw new Error('send after end')
        this.sent.push(action.bytes)
        return
      case 'arm':
        this.timer = action.timer
        return
      case 'turn':
        this.turns.push(action.task)
        return
      case 'ask':
        this.asked.push(action)
        return
      case 'heard':
        this.heard.push(action)
        return
      case 'open':
        if (this.objects.has(action.task)) throw new Error('opened twice')
        this.objects.set(action.task, {
          task: action.task,
          object: action.object,
          dataSet: new Uint8Array(),
          findings: null,
          discarded: false,
        })
        return
      case 'append': {
        const held = this.#open(action.task)
        held.dataSet = concat([held.dataSet, action.bytes])
        return
      }
      case 'finish':
        this.#open(action.task).findings = action.findings
        this.log.push('finish')
        return
      case 'discard':
        this.#open(action.task).discarded = true
        this.log.push('discard')
        return
      case 'note':
        this.notes.push(action.note)
        return
      case 'over':
        this.log.push(`over ${action.how}`)
        return
      case 'pause':
      case 'resume':
        this.paused = action.kind === 'pause'
        this.log.push(action.kind)
        return
      case 'end':
        this.ended = true
        return
      case 'close':
        this.closed = true
        return
      case 'established':
        this.log.push('established')
        return
    }
  }

  #open(task: number): HeldObject {
    const held = this.objects.get(task)
    if (held === undefined) throw new Error('never opened')
    if (held.findings !== null || held.discarded) throw new Error('already over')
    return held
  }
}
