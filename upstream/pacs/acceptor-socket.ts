/** Runs the pure acceptor of protocols/dicom on a socket, for services that store nothing. */
import type { Socket } from 'node:net'
import { Acceptor } from '../../protocols/dicom/acceptor.ts'
import { ourMaxPduBytes } from '../../protocols/dicom/message.ts'
import type { Action, Note, Service, Timer } from '../../protocols/dicom/service.ts'

const timersMs: { readonly [T in Timer]: number } = {
  artim: 30_000,
  idle: 300_000,
  linger: 2_000,
}

export function acceptOn(
  socket: Socket,
  services: readonly Service[],
  note: (note: Note) => void,
): void {
  const acceptor = new Acceptor({ services, maxPduBytes: ourMaxPduBytes, admit: () => null })
  let timer: NodeJS.Timeout | null = null
  const disarm = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const perform = (actions: readonly Action[]): void => {
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          socket.write(action.bytes)
          break
        case 'end':
          socket.end()
          break
        case 'close':
          socket.destroySoon()
          break
        case 'arm':
          disarm()
          timer = setTimeout(() => perform(acceptor.timedOut()), timersMs[action.timer])
          break
        case 'pause':
          socket.pause()
          break
        case 'resume':
          socket.resume()
          break
        case 'note':
          note(action.note)
          break
        default:
          break
      }
    }
  }
  socket.setNoDelay(true)
  socket.on('data', (bytes: Uint8Array) => perform(acceptor.received(bytes)))
  socket.on('end', () => perform(acceptor.peerEnded()))
  socket.on('error', () => {})
  socket.on('close', () => {
    disarm()
    acceptor.lost()
  })
  perform(acceptor.opened())
}
