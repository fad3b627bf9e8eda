/** What the tests of the page share: a page on a free port, and requests of a bare client. */
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Log } from '../world.ts'
import { startPage, westernIndonesia, type Page, type PageOptions } from './page.ts'
import type { PageSource } from './view.ts'

export const passphrase = 'mobil klinik banten'

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}

export function startTestPage(
  options: Pick<PageOptions, 'folder' | 'assetsFolder'> & Partial<PageOptions>,
  clock: Clock,
  source: PageSource,
): Promise<Page> {
  return startPage(
    {
      clock,
      log: silentLog,
      host: '127.0.0.1',
      port: 0,
      names: ['simpul.local'],
      claimCode: null,
      zone: westernIndonesia,
      mainThread: () => ({ lateP50Ms: 0, lateP99Ms: 1, lateMaxMs: 7 }),
      ...options,
    },
    source,
  )
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The text as JSON; null when it is none. */
  readonly json: unknown
}

export interface Asking {
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  /** Sent as JSON, with the headers of a page of ours. */
  readonly post?: unknown
  /** Sent as it is. */
  readonly body?: string
  readonly cookie?: string | null
}

/** A client that sends exactly the headers that it is told, which no browser would let us do. */
export function ask(port: number, path: string, asking: Asking = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = open(port, path, asking, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: parsed(text),
        })
      })
    })
    sent.on('error', reject)
  })
}

/** Opens a request and leaves its answer to the caller, for streams. */
export function open(
  port: number,
  path: string,
  asking: Asking,
  answered: (response: IncomingMessage) => void,
) {
  const isPost = asking.post !== undefined
  const sent = request(
    {
      host: '127.0.0.1',
      port,
      path,
      method: asking.method ?? (isPost ? 'POST' : 'GET'),
      headers: {
        ...(isPost
          ? { 'Content-Type': 'application/json', Origin: `http://127.0.0.1:${port}` }
          : {}),
        ...(asking.cookie === undefined || asking.cookie === null ? {} : { Cookie: asking.cookie }),
        ...asking.headers,
      },
    },
    answered,
  )
  const body = asking.body ?? (isPost ? JSON.stringify(asking.post) : undefined)
  sent.end(body)
  return sent
}

/** The session cookie that a reply sets, as a request sends it; null when it sets none. */
export function cookieOf(reply: Reply): string | null {
  return reply.headers['set-cookie']?.[0]?.split(';')[0] ?? null
}

/** Claims the page and returns the cookie of the session. */
export async function claimPage(page: Page): Promise<string> {
  const code = page.claimCode()
  const reply = await ask(page.port, '/api/claim', { post: { code, passphrase, language: 'id' } })
  const cookie = cookieOf(reply)
  if (cookie === null) throw new Error(`not claimed: ${reply.text}`)
  return cookie
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
