/**
 * One TCP connection with a serial device server (Moxa NPort, USR-TCP232 and the like), raw mode.
 */
import type { Socket } from 'node:net'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Link } from '../world.ts'
import type { Ear } from './ear.ts'
import { Pending } from './pending.ts'

/**
 * After so long without traffic the kernel probes, every second and ten times: a device server that
 * lost its power is noticed 20 s later, and one that is merely quiet is left alone.
 */
export const keepAliveAfterMs = 10_000

/** So long the other side may take to say goodbye. */
const partingMs = 500

export class TcpLink implements Link {
  readonly #path: string
  readonly #socket: Socket
  readonly #pending = new Pending()
  readonly #finished = Promise.withResolvers<void>()
  #closing = false
  #why: Trouble | null

  /** The socket must not have been read yet, or be read by nobody else. */
  constructor(path: string, socket: Socket, ear: Ear, release: () => void) {
    this.#path = path
    this.#socket = socket
    this.#why = linkTrouble('link-cut', { path, why: 'the other side closed it' })
    socket.on('data', (bytes: Buffer) => ear.bytes(bytes))
    socket.on('error', (error) => {
      if (this.#closing) return
      this.#why = linkTrouble('link-cut', { path, why: socketWhy(error) }, error)
    })
    socket.once('close', () => {
      this.#pending.fail(this.#why ?? linkTrouble('link-closed', { path }))
      release()
      ear.closed(this.#why)
      this.#finished.resolve()
    })
    socket.resume()
  }

  write(bytes: Uint8Array): Promise<void> {
    const path = this.#path
    if (this.#socket.destroyed || this.#closing) {
      return Promise.reject(linkTrouble('link-closed', { path }))
    }
    return this.#pending.promise((done) => {
      this.#socket.write(bytes, (error) => {
        done(error ? linkTrouble('link-cut', { path, why: socketWhy(error) }, error) : null)
      })
    })
  }

  async close(): Promise<void> {
    this.end(null)
    await this.#finished.promise
  }

  /** Ends it for a reason of ours. */
  end(why: Trouble | null): void {
    if (this.#closing) return
    this.#closing = true
    this.#why = why
    if (why !== null) {
      this.#socket.destroy()
      return
    }
    // To cut it off while bytes wait unread would take back what was written last: an answer.
    this.#socket.end()
    const cancel = setTimeout(() => this.#socket.destroy(), partingMs)
    this.#socket.once('close', () => clearTimeout(cancel))
  }
}

/** The error's code, which technicians know and can look for; its sentence otherwise. */
export function socketWhy(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
