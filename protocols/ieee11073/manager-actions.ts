/** What a manager hears, and what it wants done. */
import type { Apdu } from './apdu.ts'
import type { Message } from './data.ts'
import type { SystemInfo } from './mds.ts'
import { problems } from './nomenclature.ts'
import type { Observation } from './observation.ts'
import type { Recording } from './recorder.ts'
import type { Entry } from './store.ts'

export type ManagerEvent =
  | { readonly kind: 'apdu'; readonly apdu: Apdu }
  /** Bytes were lost in the middle of an APDU. */
  | { readonly kind: 'garbled' }
  /** Answers a `commit`. */
  | { readonly kind: 'committed'; readonly isStored: boolean }
  | { readonly kind: 'time' }

export type SentApdu = Exclude<Apdu, { kind: 'malformed' }>

export type ManagerAction =
  | { readonly kind: 'send'; readonly apdu: SentApdu; readonly why: string }
  /** All before it must be stored; to be answered by `committed` before anything else is heard. */
  | { readonly kind: 'commit' }
  | { readonly kind: 'associated'; readonly systemId: string; readonly isTest: boolean }
  | { readonly kind: 'system'; readonly info: SystemInfo }
  | { readonly kind: 'observed'; readonly observations: readonly Observation[] }
  | { readonly kind: 'entries'; readonly instance: number; readonly entries: readonly Entry[] }
  | { readonly kind: 'recording'; readonly instance: number; readonly recording: Recording }
  /** Something that a person may want to know. Once an association, whatever repeats it. */
  | { readonly kind: 'note'; readonly code: string; readonly detail: string }
  /** Nothing can come of this link any more; it is to be closed. */
  | { readonly kind: 'close' }

/** Of one association. */
const notesMax = 32

/** Collects what is to be done, in its order. */
export class Outbox {
  #actions: ManagerAction[] = []
  readonly #noted = new Set<string>()

  take(): readonly ManagerAction[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  do(action: ManagerAction): void {
    this.#actions.push(action)
  }

  send(apdu: SentApdu, why: string): void {
    this.do({ kind: 'send', apdu, why })
  }

  say(invoke: number, message: Message, why: string): void {
    this.send({ kind: 'data', data: { invoke, message } }, why)
  }

  /** roer: it was understood, and will not be done. */
  refuse(invoke: number, error: number): void {
    this.say(invoke, { kind: 'error', error, parameter: new Uint8Array(0) }, 'not done')
  }

  /** rorj: it was not even understood. */
  reject(invoke: number): void {
    this.say(invoke, { kind: 'reject', problem: problems.badlyStructured }, 'not understood')
  }

  note(code: string, detail: string): void {
    const key = `${code} ${detail}`
    if (this.#noted.has(key) || this.#noted.size >= notesMax) return
    this.#noted.add(key)
    this.do({ kind: 'note', code, detail })
  }

  /** Another association: what was noted in the last one may be noted again. */
  forgetNotes(): void {
    this.#noted.clear()
  }
}
