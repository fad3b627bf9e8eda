/** Ports, plain and TLS. One that cannot be had is tried again, the others serve meanwhile. */
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '../../protocols/world/clock.ts'
import type { ImagingCode } from '../errors/imaging.ts'
import type { AssociationRunner } from './association-runner.ts'
import { codeOf } from './files.ts'
import type { ImagingNode } from './node.ts'
import type { PortOptions } from './options.ts'
import { collectingReads } from './read-garbage.ts'
import type { Wire } from './runner-doors.ts'

const retryMs = 10_000
/** Probes a quiet peer, so that a cart whose power went is found out in minutes, not hours. */
const keepAliveMs = 300_000
const handshakeMs = 30_000

export interface Address {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export interface Listening {
  /** Ports that are open now. */
  addresses(): readonly Address[]
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  readonly ports: readonly PortOptions[]
  readonly connectionsMax: number
  /** Called when a port is had that was taken at the first try. */
  readonly openedLate?: () => void
}

/** Resolves when every port has been tried once. */
export async function listen(
  node: ImagingNode,
  options: ListenOptions,
  clock: Pick<Clock, 'after'>,
): Promise<Listening> {
  const ports = options.ports.map((port) => new Port(node, options, port, clock))
  await Promise.all(ports.map((port) => port.open()))
  return {
    addresses: () => ports.flatMap((port) => port.address() ?? []),
    close: async () => void (await Promise.all(ports.map((port) => port.close()))),
  }
}

class Port {
  readonly #node: ImagingNode
  readonly #host: string
  readonly #openedLate: () => void
  readonly #port: PortOptions
  readonly #clock: Pick<Clock, 'after'>
  readonly #connectionsMax: number
  /** null while it cannot be served at all, as its certificate is unusable. */
  #server: Server | null = null
  #closing = false
  #cancelRetry: (() => void) | null = null

  constructor(
    node: ImagingNode,
    options: ListenOptions,
    port: PortOptions,
    clock: Pick<Clock, 'after'>,
  ) {
    this.#node = node
    this.#host = options.host
    this.#openedLate = options.openedLate ?? nothing
    this.#port = port
    this.#clock = clock
    this.#connectionsMax = options.connectionsMax
  }

  address(): Address | null {
    const bound = this.#server?.address() ?? null
    if (bound === null || typeof bound === 'string') return null
    return { host: bound.address, port: bound.port, tls: this.#port.tls !== null }
  }

  async open(): Promise<void> {
    const server = this.#make()
    if (server === null) return this.#again()
    server.removeAllListeners('error')
    const error = await new Promise<Error | null>((resolve) => {
      server.once('error', resolve)
      server.listen({ port: this.#port.port, host: this.#host }, () => resolve(null))
    })
    // Later errors of a listening server are about single connections that could not be accepted.
    server.removeAllListeners('error')
    server.on('error', (later) => this.#failed('imaging-accept-failed', later))
    if (error === null) return
    const denied = codeOf(error) === 'EACCES'
    this.#failed(denied ? 'imaging-port-denied' : 'imaging-port-taken', error)
    this.#again()
  }

  #again(): void {
    if (this.#closing) return
    this.#cancelRetry = this.#clock.after('dicom port', retryMs, () => void this.#openLate())
  }

  async #openLate(): Promise<void> {
    await this.open()
    if (this.#server?.listening === true) this.#openedLate()
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#cancelRetry?.()
    const server = this.#server
    if (server?.listening !== true) return
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }

  #failed(code: ImagingCode, error: unknown): void {
    const details = { port: this.#port.port, host: this.#host, why: whyOf(error) }
    this.#node.notice({ code, details }, String(this.#port.port))
  }

  #make(): Server | null {
    try {
      this.#server ??= this.#create()
    } catch (error) {
      this.#failed('imaging-certificate-unusable', error)
    }
    return this.#server
  }

  #create(): Server {
    const { tls } = this.#port
    const socketOptions = {
      // A peer that has said all may still be owed an answer.
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    }
    if (tls === null) return createServer(socketOptions, (socket) => serve(this.#node, socket))
    const server = createTlsServer(
      {
        ...socketOptions,
        key: readFileSync(tls.key),
        cert: readFileSync(tls.certificate),
        ...(tls.authority !== null && {
          ca: readFileSync(tls.authority),
          requestCert: true,
          rejectUnauthorized: true,
        }),
        minVersion: 'TLSv1.2',
        handshakeTimeout: handshakeMs,
      },
      (socket) => serve(this.#node, socket),
    )
    server.maxConnections = this.#connectionsMax
    server.on('tlsClientError', (error, socket) => {
      const peer = plainAddress(socket.remoteAddress)
      const details = { peer, why: whyOf(error) }
      this.#node.notice({ code: 'imaging-tls-failed', details }, peer)
    })
    return server
  }
}

const nothing = (): void => {}
const collectReads = collectingReads()

function serve(node: ImagingNode, socket: Socket): void {
  // The reason does not matter here: `close` follows, and the runner says what was cut.
  socket.on('error', () => {})
  const runner = node.connect(wireOf(socket))
  if (runner === null) socket.destroy()
  else connectRunner(socket, runner)
}

function connectRunner(socket: Socket, runner: AssociationRunner): void {
  socket.on('data', (bytes: Uint8Array) => {
    runner.received(bytes)
    collectReads(bytes.length)
  })
  socket.on('end', () => runner.peerEnded())
  socket.on('drain', () => runner.writable())
  socket.on('close', () => runner.lost())
}

function wireOf(socket: Socket): Wire {
  return {
    peerAddress: plainAddress(socket.remoteAddress),
    // What can no longer be sent must not stop us from hearing the peer out.
    send: (bytes) => !socket.writable || socket.write(bytes),
    end: () => void socket.end(),
    close: () => socket.destroySoon(),
    destroy: () => void socket.destroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
}

function whyOf(error: unknown): string {
  return codeOf(error) || (error instanceof Error ? error.message : String(error))
}

/** An IPv4 peer of a socket that serves both families looks like IPv6. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '')
}
