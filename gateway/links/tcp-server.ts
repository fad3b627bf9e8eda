/**
 * A serial device server that calls us.
 *
 * One peer at a time, and the newest wins. A device server that lost its power calls again within
 * seconds, while its old connection looks alive until the kernel has probed it for long enough; to
 * refuse the new one would keep the device away for just that time. The two are never mixed: the
 * old link ends, and the new connection waits unread until the port is opened again.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { linkTrouble } from '../errors/links.ts'
import type { Link } from '../world.ts'
import type { Claims } from './claims.ts'
import type { Ear } from './ear.ts'
import { keepAliveAfterMs, socketWhy, TcpLink } from './tcp-socket.ts'

export interface TcpServerOptions {
  /** How long `open` waits for a peer before it says that none came. */
  readonly peerWaitMs: number
  /** A port that nobody has opened for so long is given back. Longer than any back-off. */
  readonly lingerMs: number
}

export const tcpServerDefaults: TcpServerOptions = { peerWaitMs: 10_000, lingerMs: 60_000 }

/** The listening ports. They outlive a link, so that no call is refused between two openings. */
export class TcpServers {
  readonly #ports = new Map<number, ListeningPort>()
  readonly #options: TcpServerOptions
  readonly #claims: Claims

  constructor(claims: Claims, options: TcpServerOptions = tcpServerDefaults) {
    this.#claims = claims
    this.#options = options
  }

  async open(port: number, ear: Ear): Promise<Link> {
    const path = portPath(port)
    const release = this.#claims.take(path, path)
    try {
      return await (await this.#listening(port)).next(ear, release)
    } catch (error) {
      release()
      throw error
    }
  }

  /** The TCP port that is really listened on, where 0 was asked for; null when none is. */
  listeningPort(port: number): number | null {
    return this.#ports.get(port)?.realPort() ?? null
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports.values()].map((port) => port.close()))
  }

  async #listening(port: number): Promise<ListeningPort> {
    const known = this.#ports.get(port)
    if (known !== undefined) return known
    const opened = await listen(port, this.#options, () => this.#ports.delete(port))
    this.#ports.set(port, opened)
    return opened
  }
}

function portPath(port: number): string {
  return `TCP port ${port}`
}

function listen(
  port: number,
  options: TcpServerOptions,
  closed: () => void,
): Promise<ListeningPort> {
  return new Promise((resolve, reject) => {
    const server = createServer({
      // A peer may send before anybody has opened the port: its bytes wait in the kernel.
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveAfterMs,
    })
    const failed = (error: Error): void => {
      reject(linkTrouble('link-port-taken', { path: portPath(port), why: socketWhy(error) }, error))
    }
    server.once('error', failed)
    server.listen(port, () => {
      server.off('error', failed)
      resolve(new ListeningPort(port, server, options, closed))
    })
  })
}

class ListeningPort {
  readonly #path: string
  readonly #server: Server
  readonly #options: TcpServerOptions
  /** The newest peer that nobody reads yet. */
  #waiting: Socket | null = null
  #link: TcpLink | null = null
  /** The opening that waits for a peer. */
  #wanted: { call(socket: Socket): void; refuse(why: Error): void } | null = null
  #linger: NodeJS.Timeout | null = null

  constructor(port: number, server: Server, options: TcpServerOptions, closed: () => void) {
    this.#path = portPath(port)
    this.#server = server
    this.#options = options
    server.on('connection', (socket) => this.#called(socket))
    // Accepting may fail, for want of descriptors for example; the next call may succeed.
    server.on('error', () => {})
    server.once('close', closed)
  }

  realPort(): number | null {
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : null
  }

  /** The next peer as a link: the one that waits already, or the first to come. */
  async next(ear: Ear, release: () => void): Promise<Link> {
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#linger = null
    try {
      const socket = this.#takeWaiting() ?? (await this.#nextCall())
      this.#link = new TcpLink(this.#path, socket, ear, () => {
        this.#link = null
        release()
        this.#lingerOn()
      })
      return this.#link
    } catch (error) {
      this.#lingerOn()
      throw error
    }
  }

  close(): Promise<void> {
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#takeWaiting()?.destroy()
    this.#wanted?.refuse(linkTrouble('link-closed', { path: this.#path }))
    this.#link?.end(null)
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #called(socket: Socket): void {
    const wanted = this.#wanted
    if (wanted !== null) {
      wanted.call(socket)
      return
    }
    this.#takeWaiting()?.destroy()
    this.#waiting = socket
    // A peer that dies while it waits is forgotten.
    socket.on('error', dropError)
    socket.once('close', () => {
      if (this.#waiting === socket) this.#waiting = null
    })
    this.#link?.end(linkTrouble('link-peer-replaced', { path: this.#path }))
  }

  #takeWaiting(): Socket | null {
    const socket = this.#waiting
    this.#waiting = null
    socket?.off('error', dropError)
    return socket
  }

  #nextCall(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const answered = (): void => {
        clearTimeout(limit)
        this.#wanted = null
      }
      const wanted = {
        call: (socket: Socket): void => {
          answered()
          resolve(socket)
        },
        refuse: (why: Error): void => {
          answered()
          reject(why)
        },
      }
      const limit = setTimeout(
        () => wanted.refuse(linkTrouble('link-no-peer', { path: this.#path })),
        this.#options.peerWaitMs,
      )
      this.#wanted = wanted
    })
  }

  #lingerOn(): void {
    this.#linger = setTimeout(() => void this.close(), this.#options.lingerMs)
    this.#linger.unref()
  }
}

function dropError(): void {}
