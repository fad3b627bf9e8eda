/** A serial device server that we call. */
import { connect } from 'node:net'
import { linkTrouble } from '../errors/links.ts'
import type { Link } from '../world.ts'
import type { Claims } from './claims.ts'
import type { Ear } from './ear.ts'
import { keepAliveAfterMs, socketWhy, TcpLink } from './tcp-socket.ts'

export interface TcpClientAddress {
  readonly host: string
  readonly port: number
}

/**
 * A device server on the same switch answers at once; without an answer the kernel tries for
 * minutes.
 */
const answerLimitMs = 10_000

export function openTcpClient(address: TcpClientAddress, ear: Ear, claims: Claims): Promise<Link> {
  const path = `${address.host}:${address.port}`
  const release = claims.take(`tcp ${path}`, path)
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveAfterMs,
    })
    const refuse = (error: Error): void => {
      clearTimeout(limit)
      socket.destroy()
      release()
      reject(error)
    }
    const failed = (error: Error): void => refuse(connectTrouble(path, error))
    const limit = setTimeout(() => {
      const seconds = answerLimitMs / 1_000
      refuse(linkTrouble('link-no-answer', { path, seconds }))
    }, answerLimitMs)
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(limit)
      socket.off('error', failed)
      resolve(new TcpLink(path, socket, ear, release))
    })
  })
}

function connectTrouble(path: string, error: Error): Error {
  const why = socketWhy(error)
  if (why === 'ECONNREFUSED') return linkTrouble('link-refused', { path }, error)
  return linkTrouble('link-unreachable', { path, why }, error)
}
