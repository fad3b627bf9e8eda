/**
 * Asks the gateway. What it refuses comes back as a trouble in both languages, never as an
 * exception.
 */
import type { DriverChoice, IdentifyRequest } from '../identify-view.ts'
import type { TroubleWords } from '../view.ts'
import type {
  Claim,
  FormView,
  RecordsAnswer,
  Refusal,
  SignIn,
  Start,
  TypedAnswer,
  TypedRequest,
} from '../wire.ts'

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly status: number; readonly trouble: TroubleWords }
  /** The gateway did not answer: it may or may not have done what was asked. */
  | { readonly kind: 'no-answer' }

const answerWithinMs = 15_000

export const api = {
  start: () => ask<Start>('/api/start'),
  claim: (claim: Claim) => ask<Start>('/api/claim', claim),
  signIn: (signIn: SignIn) => ask<Start>('/api/sign-in', signIn),
  signOut: () => ask<Start>('/api/sign-out', {}),
  forms: () => ask<readonly FormView[]>('/api/forms'),
  capture: (device: string) =>
    ask<string>(`/api/capture?device=${encodeURIComponent(device)}`, undefined, textOf),
  answerSender: (aeTitle: string, device: string) =>
    ask<unknown>('/api/sender', { aeTitle, device }),
  identify: (request: IdentifyRequest) => ask<unknown>('/api/identify', request),
  serialDrivers: () => ask<readonly DriverChoice[]>('/api/serial-drivers'),
  portCapture: (path: string) =>
    ask<string>(`/api/port-capture?path=${encodeURIComponent(path)}`, undefined, textOf),
  typed: (typed: TypedRequest) => ask<TypedAnswer>('/api/typed', typed),
  records(query: { device: string | null; kinds: readonly string[] | null; limit: number }) {
    const parameters = new URLSearchParams({ limit: String(query.limit) })
    if (query.device !== null) parameters.set('device', query.device)
    if (query.kinds !== null) parameters.set('kinds', query.kinds.join(','))
    return ask<RecordsAnswer>(`/api/records?${parameters.toString()}`)
  },
}

const jsonOf = (response: Response): Promise<unknown> => response.json()
const textOf = (response: Response): Promise<unknown> => response.text()

async function ask<T>(
  path: string,
  body?: object,
  read: (response: Response) => Promise<unknown> = jsonOf,
): Promise<Answer<T>> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), answerWithinMs)
  try {
    const response = await fetch(path, {
      signal: stop.signal,
      ...(body === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(body),
          }),
    })
    if (response.ok) return { kind: 'ok', value: (await read(response)) as T }
    const { trouble } = (await response.json()) as Refusal
    return { kind: 'refused', status: response.status, trouble }
  } catch {
    return { kind: 'no-answer' }
  } finally {
    clearTimeout(timer)
  }
}
