/** A DICOMweb server on a real socket that keeps what it is given and answers what a test says. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { decodeFileHead } from '../../protocols/dicom/part10.ts'

export interface WebAnswers {
  /** For the n-th time that an instance comes, from 1. null: the connection is cut afterwards. */
  readonly store?: (sopInstanceUid: string, time: number) => WebAnswer | null
  readonly query?: (sopInstanceUid: string, isKept: boolean) => WebAnswer
  /** Anything else than this is answered with 401. */
  readonly authorization?: string
}

export interface WebAnswer {
  readonly status: number
  readonly body?: unknown
  /** Whether the image is kept. Default: with 200. */
  readonly keeps?: boolean
}

export class FakeDicomWeb {
  readonly kept = new Map<string, { readonly file: Buffer; times: number }>()
  readonly problems: string[] = []
  answers: WebAnswers
  readonly #times = new Map<string, number>()
  readonly #server
  readonly #scheme: 'http' | 'https'

  constructor(answers: WebAnswers = {}, tls: TlsOptions | null = null) {
    this.answers = answers
    this.#scheme = tls === null ? 'http' : 'https'
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response)
    this.#server = tls === null ? createServer(serve) : createTlsServer(tls, serve)
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/dicom-web`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const { authorization } = this.answers
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      return void response.writeHead(401).end()
    }
    const answer =
      request.method === 'POST'
        ? this.#store(request, Buffer.concat(pieces))
        : this.#query(new URL(request.url ?? '', 'http://x'))
    if (answer === null) return void request.socket.destroy()
    const type = { 'content-type': 'application/dicom+json' }
    response.writeHead(answer.status, type)
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body))
  }

  #store(request: IncomingMessage, body: Buffer): WebAnswer | null {
    const type = request.headers['content-type'] ?? ''
    const boundary = /^multipart\/related; type="application\/dicom"; boundary=(\w+)$/.exec(
      type,
    )?.[1]
    if (request.headers['content-length'] === undefined) this.problems.push('no length')
    const head = Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`)
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
    const isFramed =
      body.subarray(0, head.length).equals(head) && body.subarray(-tail.length).equals(tail)
    if (!isFramed || request.url !== '/dicom-web/studies') this.problems.push('not framed')
    const file = body.subarray(head.length, body.length - tail.length)
    const meta = decodeFileHead(file)
    const uid = meta.ok ? meta.value.sopInstanceUid : 'none'
    const time = (this.#times.get(uid) ?? 0) + 1
    this.#times.set(uid, time)
    const answer = this.answers.store === undefined ? stored(uid) : this.answers.store(uid, time)
    if (answer === null || (answer.keeps ?? answer.status === 200)) {
      this.kept.set(uid, { file, times: (this.kept.get(uid)?.times ?? 0) + 1 })
    }
    return answer
  }

  #query(url: URL): WebAnswer {
    const uid = url.searchParams.get('SOPInstanceUID') ?? ''
    if (!/^\/dicom-web\/studies\/[\d.]+\/series\/[\d.]+\/instances$/.test(url.pathname)) {
      this.problems.push('not a query')
    }
    const isKept = this.kept.has(uid)
    if (this.answers.query !== undefined) return this.answers.query(uid, isKept)
    return isKept ? found(uid) : { status: 204 }
  }
}

export function stored(uid: string): WebAnswer {
  return { status: 200, body: { '00081199': sequence(item(uid)) } }
}

export function failed(status: number, uid: string, reason: number): WebAnswer {
  const one = { ...item(uid), '00081197': { vr: 'US', Value: [reason] } }
  return { status, body: { '00081198': sequence(one) }, keeps: false }
}

export function found(uid: string): WebAnswer {
  return { status: 200, body: [{ '00080018': { vr: 'UI', Value: [uid] } }] }
}

function item(uid: string): object {
  return { '00081155': { vr: 'UI', Value: [uid] } }
}

function sequence(one: object): object {
  return { vr: 'SQ', Value: [one] }
}
