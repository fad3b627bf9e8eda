/**
 * One request to a DICOMweb server. The body is streamed from a file with its length said before,
 * since some servers take no chunked encoding. Waits end by silence, not by the length of the
 * whole.
 */
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import type { WebDestination } from './destinations.ts'
import { PeerFailed, wordsOf } from './peer-failed.ts'
import { authorization, tlsSecrets } from './secrets.ts'

export interface WebRequest {
  readonly method: 'GET' | 'POST'
  /** Behind the address of the service. */
  readonly path: string
  readonly headers: Readonly<{ [name: string]: string | number }>
  readonly body: Readable | null
}

export interface WebAnswer {
  readonly status: number
  readonly body: string
}

/** An answer for one instance is some hundred bytes; servers that list everything send more. */
const answerLimitBytes = 16 * 1_048_576

export class WebClient {
  readonly #destination: WebDestination
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent }

  constructor(destination: WebDestination) {
    this.#destination = destination
    const options = { keepAlive: true, maxSockets: 1 }
    this.#agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }
  }

  /** Rejects with `PeerFailed`. */
  async ask({ method, path, headers, body }: WebRequest, kill: AbortSignal): Promise<WebAnswer> {
    const { url, auth, tls, silenceSeconds } = this.#destination
    const secret = authorization(auth)
    const isTls = url.startsWith('https:')
    const options = {
      method,
      headers: { ...headers, ...(secret === null ? {} : { authorization: secret }) },
      agent: isTls ? this.#agents.https : this.#agents.http,
      timeout: silenceSeconds * 1_000,
      signal: kill,
      ...(isTls && tls !== null ? tlsSecrets(tls) : {}),
    }
    const whole = `${url}${path}`
    const request = isTls ? requestHttps(whole, options) : requestHttp(whole, options)
    try {
      return await new Promise<WebAnswer>((resolve, reject) => {
        request.on('response', (response) => void readAnswer(response).then(resolve, reject))
        request.on('error', reject)
        request.on('timeout', () => {
          const words = `no sign of life for ${silenceSeconds} s`
          request.destroy(new PeerFailed('silent', words))
        })
        if (body === null) return void request.end()
        body.on('error', (err) => request.destroy(err))
        body.pipe(request)
      })
    } catch (err) {
      if (err instanceof PeerFailed) throw err
      if (kill.aborted) throw new PeerFailed('stopped', 'we stop', err)
      throw new PeerFailed(
        request.socket?.connecting === false ? 'cut' : 'unreachable',
        wordsOf(err),
        err,
      )
    } finally {
      body?.destroy()
    }
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }
}

async function readAnswer(response: IncomingMessage): Promise<WebAnswer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > answerLimitBytes) {
      response.destroy()
      throw new PeerFailed('broken', 'the answer is too long')
    }
    pieces.push(piece)
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') }
}
