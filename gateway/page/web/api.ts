/**
 * Asks the gateway. What it refuses comes back as a trouble in both languages, never as an
 * exception.
 */
import type { DriverChoice, IdentifyRequest } from '../identify-view.ts'
import type { MediumShown } from '../media-view.ts'
import type { PatientTexts } from '../patient-check.ts'
import type { TroubleWords } from '../both.ts'
import type {
  CorrectedAnswer,
  Decision,
  FoundPatient,
  OpenedAnswer,
  OrderView,
  VisitsAnswer,
  WaitingView,
} from '../visits-view.ts'
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

/** By which the gateway tells an act from its repetition. */
export interface Act {
  readonly instance: string
  readonly entry: string
}

interface PatientPost extends Act {
  readonly by: string
  readonly texts: PatientTexts
  readonly confirmed: readonly string[]
}

export interface OpenPost extends PatientPost {
  readonly patient: string | null
  readonly devices: readonly string[]
}

export interface CorrectPost extends PatientPost {
  readonly patient: string
  readonly nikGone: boolean
}

export interface OrderPost extends Act {
  readonly by: string
  readonly visit: string
  readonly examination: string
  readonly detail: string
  readonly stationAeTitle: string | null
}

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
  visits: () => ask<VisitsAnswer>('/api/visits'),
  findPatients: (text: string) => ask<readonly FoundPatient[]>('/api/visits/find', { text }),
  openVisit: (post: OpenPost) => ask<OpenedAnswer>('/api/visits/open', post),
  correctPatient: (post: CorrectPost) => ask<CorrectedAnswer>('/api/visits/correct', post),
  assignDevices: (by: string, visit: string, devices: readonly string[]) =>
    ask<unknown>('/api/visits/devices', { by, visit, devices }),
  closeVisit: (by: string, visit: string) => ask<unknown>('/api/visits/close', { by, visit }),
  cancelVisit: (by: string, visit: string, reason: string) =>
    ask<unknown>('/api/visits/cancel', { by, visit, reason }),
  makeOrder: (post: OrderPost) => ask<OrderView>('/api/orders/make', post),
  completeOrder: (by: string, order: string) => ask<unknown>('/api/orders/complete', { by, order }),
  cancelOrder: (by: string, order: string, reason: string) =>
    ask<unknown>('/api/orders/cancel', { by, order, reason }),
  images: () => ask<WaitingView>('/api/images'),
  decide: (by: string, decision: Decision) =>
    ask<unknown>('/api/images/decide', { by, ...decision }),
  preview: (preview: string) => ask<Blob>('/api/images/preview', { preview }, blobOf),
  media: () => ask<readonly MediumShown[]>('/api/media'),
  takeMedium: (by: string, medium: string, studies: readonly string[]) =>
    ask<unknown>('/api/media/take', { by, medium, studies }),
  wrapPictures: (by: string, medium: string, pictures: readonly string[], order: string) =>
    ask<unknown>('/api/media/wrap', { by, medium, pictures, order }),
  beginUpload: (by: string, order: string, sizeBytes: number) =>
    ask<{ readonly upload: string; readonly partBytesMax: number }>('/api/upload/begin', {
      by,
      order,
      sizeBytes,
    }),
  uploadPart: (upload: string, offset: number, part: Blob) =>
    ask<unknown>('/api/upload/part', part, jsonOf, {
      'Simpul-Upload': upload,
      'Simpul-Offset': String(offset),
    }),
  endUpload: (upload: string) => ask<unknown>('/api/upload/end', { upload }),
}

const jsonOf = (response: Response): Promise<unknown> => response.json()
const blobOf = (response: Response): Promise<unknown> => response.blob()
const textOf = (response: Response): Promise<unknown> => response.text()

async function ask<T>(
  path: string,
  body?: object,
  read: (response: Response) => Promise<unknown> = jsonOf,
  headers: { readonly [name: string]: string } = {},
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
            headers: { 'Content-Type': typeOf(body), ...headers },
            body: body instanceof Blob ? body : JSON.stringify(body),
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

function typeOf(body: object): string {
  return body instanceof Blob ? 'application/octet-stream' : 'application/json'
}
