/**
 * A TCP port at which several devices may be connected at a time: analysers and monitors that speak
 * HL7, ASTM or 11073 over the network. Which connection is which device nobody says, so each is
 * handed on alone.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { linkTrouble } from '../errors/links.ts'
import type { LinkHears, Listening, ListenHears, Splits } from '../world.ts'
import type { Claims } from './claims.ts'
import { earOf } from './ear.ts'
import { keepAliveAfterMs, socketWhy, TcpLink } from './tcp-socket.ts'

export class TcpListeners {
  readonly #claims: Claims
  readonly #listeners = new Map<number, TcpListener>()

  constructor(claims: Claims) {
    this.#claims = claims
  }

  async listen(port: number, splits: Splits, hears: ListenHears): Promise<Listening> {
    const path = `TCP port ${port}`
    const release = this.#claims.take(path, path)
    try {
      const server = await listenOn(port)
      const listener = new TcpListener({ path, server, splits, hears }, () => {
        this.#listeners.delete(port)
        release()
      })
      this.#listeners.set(port, listener)
      return listener
    } catch (error) {
      release()
      throw linkTrouble('link-port-taken', { path, why: whyOf(error) }, error)
    }
  }

  /** The TCP port that is really listened on, where 0 was asked for; null when none is. */
  realPort(port: number): number | null {
    return this.#listeners.get(port)?.realPort() ?? null
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()))
  }
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({
      // What somebody sends before anybody hears it waits in the kernel.
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveAfterMs,
    })
    server.once('error', reject)
    server.listen(port, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

interface ListenerParts {
  readonly path: string
  readonly server: Server
  readonly splits: Splits
  readonly hears: ListenHears
}

class TcpListener implements Listening {
  readonly #parts: ListenerParts
  readonly #links = new Set<TcpLink>()
  readonly #finished = Promise.withResolvers<void>()

  constructor(parts: ListenerParts, closed: () => void) {
    this.#parts = parts
    const { server, hears } = parts
    server.on('connection', (socket) => this.#called(socket))
    // Accepting may fail, for want of descriptors for example; the next call may succeed.
    server.on('error', () => {})
    server.once('close', () => {
      closed()
      hears.closed(null)
      this.#finished.resolve()
    })
  }

  realPort(): number | null {
    const address = this.#parts.server.address()
    return address !== null && typeof address === 'object' ? address.port : null
  }

  async close(): Promise<void> {
    this.#parts.server.close()
    for (const link of this.#links) link.end(null)
    await this.#finished.promise
  }

  #called(socket: Socket): void {
    const { path, splits, hears } = this.#parts
    let isAccepted = false
    hears.called((linkHears: LinkHears) => {
      isAccepted = true
      const ear = earOf(splits, linkHears, () => performance.now())
      const link = new TcpLink(path, socket, ear, () => this.#links.delete(link))
      this.#links.add(link)
      return link
    })
    if (!isAccepted) socket.destroy()
  }
}

function whyOf(error: unknown): string {
  return error instanceof Error ? socketWhy(error) : 'unknown'
}
