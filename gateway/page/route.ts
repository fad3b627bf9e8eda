/** One question that the page may ask: who may ask it, and what answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Entrance } from './entrance.ts'
import type { Live } from './live.ts'
import type { Patients } from './patients.ts'
import type { Typist } from './typist.ts'
import type { Uploads } from './uploads.ts'
import type { PageSource } from './view.ts'
import type { Start, StatusWire } from './wire.ts'

export interface ApiParts {
  readonly source: PageSource
  readonly entrance: Entrance
  readonly live: Live
  readonly typist: Typist
  readonly patients: Patients
  readonly uploads: Uploads
  readonly nowMs: () => number
  readonly status: () => Promise<StatusWire>
  readonly start: (signedIn: boolean, address: string) => Start
}

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly address: string
  readonly token: string | null
}

export type Answer = (parts: ApiParts, asked: Asked) => Promise<unknown>

/** Answers that are not JSON have sent themselves. */
export const sentAlready = Symbol('sent already')

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly who: 'anybody' | 'signed in'
  readonly answer: Answer
}

export type Routes = Readonly<{ [path: string]: Route }>
