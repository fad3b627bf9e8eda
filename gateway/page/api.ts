/** The questions that the page may ask. Each answers with JSON, or with a trouble in words. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageTrouble } from '../errors/page.ts'
import type { Trouble } from '../errors/trouble.ts'
import {
  asClaim,
  asIdentify,
  asSender,
  asSignIn,
  asTyped,
  bad,
  readJson,
  typedBytesMax,
} from './body.ts'
import { endedCookie, isFromElsewhere, isOurOrigin, sessionCookie, sessionToken } from './guard.ts'
import { mediaRoutes } from './media-api.ts'
import { sentAlready, type ApiParts, type Asked, type Routes } from './route.ts'
import { formViewOf, rowOf } from './rows.ts'
import { sendCapture } from './send-capture.ts'
import { sessionSeconds } from './sessions.ts'
import { troubleWords } from './trouble-words.ts'
import type { RecentQuery } from './view.ts'
import { visitRoutes } from './visits-api.ts'
import { recordKinds, type RecordsAnswer } from './wire.ts'

const rowsMax = 500
const rowsUsual = 200

const routes: Routes = {
  ...visitRoutes,
  ...mediaRoutes,
  '/api/start': {
    method: 'GET',
    who: 'anybody',
    answer: async (parts, { token, address }) => parts.start(parts.entrance.isOpen(token), address),
  },
  '/api/claim': { method: 'POST', who: 'anybody', answer: claim },
  '/api/sign-in': { method: 'POST', who: 'anybody', answer: signIn },
  '/api/sign-out': { method: 'POST', who: 'anybody', answer: signOut },
  '/api/status': { method: 'GET', who: 'anybody', answer: (parts) => parts.status() },
  '/api/live': { method: 'GET', who: 'anybody', answer: live },
  '/api/records': { method: 'GET', who: 'signed in', answer: records },
  '/api/forms': {
    method: 'GET',
    who: 'signed in',
    answer: async (parts) => parts.source.forms().map(formViewOf),
  },
  '/api/typed': { method: 'POST', who: 'signed in', answer: typed },
  '/api/capture': { method: 'GET', who: 'signed in', answer: capture },
  '/api/identify': { method: 'POST', who: 'signed in', answer: identify },
  '/api/sender': { method: 'POST', who: 'signed in', answer: sender },
  '/api/serial-drivers': {
    method: 'GET',
    who: 'signed in',
    answer: async (parts) => parts.source.identify.drivers(),
  },
  '/api/port-capture': { method: 'GET', who: 'signed in', answer: portCapture },
}

/** Answers one request under `/api/`. Throws a `Trouble` for what it refuses. */
export async function answerApi(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store')
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined
  if (route === undefined || route.method !== request.method) throw pageTrouble('page-not-found')
  const isOurs = route.method === 'POST' ? isOurOrigin(request) : !isFromElsewhere(request)
  if (!isOurs) throw pageTrouble('page-foreign-origin')
  const token = sessionToken(request)
  if (route.who === 'signed in') {
    if (parts.entrance.owner === null) throw pageTrouble('page-not-claimed')
    if (!parts.entrance.isOpen(token)) throw pageTrouble('page-sign-in')
  }
  const address = request.socket.remoteAddress ?? ''
  const answer = await route.answer(parts, { request, response, url, address, token })
  if (answer !== sentAlready) sendJson(response, 200, answer)
}

const statusCodes: Readonly<{ [code: string]: number }> = {
  'page-not-claimed': 401,
  'page-sign-in': 401,
  'page-wrong-code': 403,
  'page-wrong-passphrase': 403,
  'page-foreign-origin': 403,
  'page-not-found': 404,
  'page-no-capture': 404,
  'page-no-preview': 404,
  'page-upload-gone': 404,
  'page-claimed-already': 409,
  'page-restarted': 409,
  'page-typed-already': 409,
  'page-visit-restarted': 409,
  'page-visit-already': 409,
  'page-other-patient': 409,
  'page-too-large': 413,
  'page-foreign-host': 421,
  'page-too-many-attempts': 429,
  'page-bad-request': 400,
  'imaging-name-refused': 400,
  'page-no-photo': 400,
  'visits-person-refused': 400,
  'page-no-picture': 400,
  'page-weak-passphrase': 400,
  'page-too-many-uploads': 503,
  'page-too-many-viewers': 503,
  'page-failed': 500,
}

export function sendTrouble(response: ServerResponse, trouble: Trouble): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const seconds = trouble.details['seconds']
  if (seconds !== undefined) response.setHeader('Retry-After', String(seconds))
  // A body that was not read to its end leaves the connection unusable.
  if (trouble.code === 'page-too-large') response.setHeader('Connection', 'close')
  // A trouble of the gateway itself, such as a full disk, is not the browser's fault.
  const usual = /^(?:visits|identity|media)-/.test(trouble.code) ? 409 : 503
  sendJson(response, statusCodes[trouble.code] ?? usual, { trouble: troubleWords(trouble) })
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  })
  response.end(body)
}

async function claim(parts: ApiParts, { request, response, address }: Asked): Promise<unknown> {
  const token = await parts.entrance.claim(asClaim(await readJson(request)), address)
  response.setHeader('Set-Cookie', sessionCookie(token, sessionSeconds))
  return parts.start(true, address)
}

async function signIn(parts: ApiParts, { request, response, address }: Asked): Promise<unknown> {
  const token = await parts.entrance.signIn(asSignIn(await readJson(request)), address)
  response.setHeader('Set-Cookie', sessionCookie(token, sessionSeconds))
  return parts.start(true, address)
}

async function signOut(parts: ApiParts, { response, token, address }: Asked): Promise<unknown> {
  if (token !== null) parts.entrance.signOut(token)
  parts.live.checkSessions()
  response.setHeader('Set-Cookie', endedCookie)
  return parts.start(false, address)
}

async function live(
  parts: ApiParts,
  { response, url, address, token }: Asked,
): Promise<typeof sentAlready> {
  const isSignedIn = () => parts.entrance.isOpen(token)
  const wantsSamples = url.searchParams.get('samples') === '1'
  const start = parts.start(isSignedIn(), address)
  if (!parts.live.seat({ response, address, isSignedIn, wantsSamples, start })) {
    throw pageTrouble('page-too-many-viewers')
  }
  return sentAlready
}

async function records(parts: ApiParts, { url }: Asked): Promise<RecordsAnswer> {
  const found = await parts.source.recent(queryOf(url.searchParams))
  return { nowMs: parts.nowMs(), rows: found.slice(0, rowsMax).map(rowOf) }
}

function queryOf(parameters: URLSearchParams): RecentQuery {
  const limit = Number(parameters.get('limit') ?? rowsUsual)
  if (!Number.isInteger(limit) || limit < 1 || limit > rowsMax) throw bad('limit')
  const device = parameters.get('device')
  if (device !== null && !/^[a-z0-9-]{1,32}$/.test(device)) throw bad('device')
  const kindsText = parameters.get('kinds')
  if (kindsText === null) return { limit, device, kinds: null }
  const kinds = recordKinds.filter((kind) => kindsText.split(',').includes(kind))
  if (kinds.length !== kindsText.split(',').length) throw bad('kinds')
  return { limit, device, kinds }
}

async function typed(parts: ApiParts, { request }: Asked): Promise<unknown> {
  return parts.typist.type(asTyped(await readJson(request, typedBytesMax)))
}

async function capture(parts: ApiParts, { response, url }: Asked): Promise<typeof sentAlready> {
  const device = url.searchParams.get('device') ?? ''
  const { devices } = await parts.status()
  if (!devices.some((known) => known.id === device)) throw pageTrouble('page-not-found')
  const text = await parts.source.capture(device)
  if (text === null) throw pageTrouble('page-no-capture')
  sendCapture(response, device, text)
  return sentAlready
}

async function identify(parts: ApiParts, { request }: Asked): Promise<unknown> {
  await parts.source.identify.ask(asIdentify(await readJson(request)))
  return {}
}

async function sender(parts: ApiParts, { request }: Asked): Promise<unknown> {
  const { aeTitle, device } = asSender(await readJson(request))
  await parts.source.answerSender(aeTitle, device)
  return {}
}

async function portCapture(parts: ApiParts, { response, url }: Asked): Promise<typeof sentAlready> {
  const text = parts.source.identify.capture(url.searchParams.get('path') ?? '')
  if (text === null) throw pageTrouble('page-no-capture')
  sendCapture(response, 'unknown-device', text)
  return sentAlready
}
