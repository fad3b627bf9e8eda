/** A modality on a real socket: waits for what it is told, one thing at a time. */
import { connect, type Socket } from 'node:net'
import type { ProposedContext } from '../../protocols/dicom/association.ts'
import { Requestor, type RequestorEvent } from '../../protocols/dicom/requestor.ts'
import { ultrasoundImage } from './data-set.ts'

export const usualContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntax: ultrasoundImage, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
  { id: 3, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
]

export type Heard = RequestorEvent | { readonly kind: 'closed' }

export class Sender {
  readonly requestor: Requestor
  readonly socket: Socket
  readonly #heard: Heard[] = []
  readonly #waiting: ((heard: Heard) => void)[] = []

  constructor(port: number, contexts = usualContexts, callingAeTitle = 'CART_1') {
    this.requestor = new Requestor({ callingAeTitle, calledAeTitle: 'SIMPUL', contexts })
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (bytes: Uint8Array) => {
      for (const event of this.requestor.received(bytes)) this.#hear(event)
    })
    this.socket.on('close', () => this.#hear({ kind: 'closed' }))
  }

  /** The next thing that is heard. */
  next(): Promise<Heard> {
    const heard = this.#heard.shift()
    if (heard !== undefined) return Promise.resolve(heard)
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  /** Waits until the socket takes more. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.socket.destroyed || this.socket.write(bytes)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done).off('close', done)
        resolve()
      }
      this.socket.once('drain', done).once('close', done)
    })
  }

  async associate(): Promise<Heard> {
    await this.send(this.requestor.associate())
    return this.next()
  }

  async echo(): Promise<number | string | null> {
    await this.send(this.requestor.echo(3))
    return statusOf(await this.next())
  }

  async store(sopInstanceUid: string, dataSet: Uint8Array): Promise<number | string | null> {
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid }
    for (const pdu of this.requestor.store(1, names, dataSet)) await this.send(pdu)
    return statusOf(await this.next())
  }

  async release(): Promise<string> {
    await this.send(this.requestor.release())
    const { kind } = await this.next()
    this.socket.end()
    return kind
  }

  #hear(heard: Heard): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#heard.push(heard)
    else waiting(heard)
  }
}

/** The status of a response, or what was heard instead. */
export function statusOf(heard: Heard): number | string | null {
  return heard.kind === 'response' ? heard.command.status : heard.kind
}
