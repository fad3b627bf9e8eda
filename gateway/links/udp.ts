/**
 * Datagrams to and from one device. Nobody connects: whether the device is there is known when it
 * answers, or when its network says that it is not.
 */
import { createSocket, type Socket } from 'node:dgram'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Link } from '../world.ts'
import type { Claims } from './claims.ts'
import type { Ear } from './ear.ts'
import { socketWhy } from './tcp-socket.ts'

export interface UdpAddress {
  readonly host: string
  readonly port: number
}

/** Each datagram is heard as one piece; those of others than the device are not heard. */
export function openUdp(address: UdpAddress, ear: Ear, claims: Claims): Promise<Link> {
  const { host, port } = address
  const path = `${host}:${port}`
  const release = claims.take(`udp ${path}`, path)
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    socket.once('error', (error) => {
      socket.close()
      release()
      reject(linkTrouble('link-unreachable', { path, why: socketWhy(error) }, error))
    })
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(new UdpLink(path, socket, ear, release))
    })
    socket.connect(port, host)
  })
}

class UdpLink implements Link {
  readonly #path: string
  readonly #socket: Socket
  readonly #finished = Promise.withResolvers<void>()
  #isClosing = false
  #why: Trouble | null = null

  constructor(path: string, socket: Socket, ear: Ear, release: () => void) {
    this.#path = path
    this.#socket = socket
    socket.on('message', (datagram) => ear.bytes(datagram))
    socket.on('error', (error) => this.#end(this.#troubleOf(error)))
    socket.once('close', () => {
      release()
      ear.closed(this.#why)
      this.#finished.resolve()
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosing) return Promise.reject(linkTrouble('link-closed', { path: this.#path }))
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, (error) => {
        if (error === null) resolve()
        else reject(this.#troubleOf(error))
      })
    })
  }

  async close(): Promise<void> {
    this.#end(null)
    await this.#finished.promise
  }

  #end(why: Trouble | null): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#why = why
    this.#socket.close()
  }

  #troubleOf(error: Error): Trouble {
    const why = socketWhy(error)
    const path = this.#path
    // The device's own network card says that nobody listens at the port.
    if (why === 'ECONNREFUSED') return linkTrouble('link-refused', { path }, error)
    return linkTrouble('link-unreachable', { path, why }, error)
  }
}
