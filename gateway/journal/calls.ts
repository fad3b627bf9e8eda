/** What main thread and worker say to each other. */
import { journalTrouble, journalTroubles, type JournalTroubleCode } from '../errors/journal.ts'
import { Trouble } from '../errors/trouble.ts'
import type { LogFields } from '../world.ts'
import { messageOf } from './failures.ts'
import type { Journal } from './journal.ts'
import type { JournalOptions } from './open.ts'

/** What the worker is started with: all of it can be cloned. */
export type WorkerOptions = JournalOptions

export type CallName = {
  [K in keyof Journal]: Journal[K] extends (...args: never) => Promise<unknown> ? K : never
}[keyof Journal]

export type Call = {
  [K in CallName]: {
    readonly id: number
    readonly name: K
    readonly args: Parameters<Journal[K]>
  }
}[CallName]

export type Answer =
  | {
      readonly kind: 'opened'
      readonly epoch: string
      readonly publicKey: Uint8Array
      readonly incomingFolder: string
    }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly failure: Failure }
  /** Nothing will be stored any more. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly message: string
      readonly fields: LogFields
    }

/** An error as it crosses: a class does not survive being cloned. */
export interface Failure {
  /** null for what is no trouble of the journal. */
  readonly code: JournalTroubleCode | null
  readonly details: Trouble['details']
  readonly message: string
}

export function failureOf(error: unknown): Failure {
  const message = messageOf(error)
  if (!(error instanceof Trouble) || !isJournalCode(error.code)) {
    return { code: null, details: {}, message }
  }
  return { code: error.code, details: error.details, message }
}

export function errorOf({ code, details, message }: Failure): Error {
  return code === null ? new Error(message) : journalTrouble(code, details)
}

function isJournalCode(code: string): code is JournalTroubleCode {
  return Object.hasOwn(journalTroubles, code)
}

/** A view into a larger buffer would take all of the buffer along when it is cloned. */
export function compact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes)
}
