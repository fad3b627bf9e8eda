/** One association with a fake host, for services whose requests begin with N. */
import type { CommandSet, CommandWords } from '../../protocols/dicom/command-set.ts'
import { Requestor, type PeerMessage } from '../../protocols/dicom/requestor.ts'
import type { HostAnswer, Service } from '../../protocols/dicom/service.ts'
import { explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { FakeHost } from './fake-host.ts'

export type Words = Omit<CommandWords, 'messageId' | 'respondedTo' | 'hasDataSet'>

export class Normalised {
  readonly host: FakeHost
  readonly requestor: Requestor
  /** Requests of the host. */
  readonly requests: PeerMessage[] = []

  /** Context 1 is explicit, 3 implicit. */
  constructor(services: readonly Service[], abstractSyntax: string) {
    this.host = new FakeHost({ services })
    this.requestor = new Requestor({
      callingAeTitle: 'CART_1',
      calledAeTitle: 'SIMPUL',
      contexts: [
        { id: 1, abstractSyntax, transferSyntaxes: [explicitLittle] },
        { id: 3, abstractSyntax, transferSyntaxes: [implicitLittle] },
      ],
    })
    this.host.receive(this.requestor.associate())
    this.heard()
  }

  /** What the host was asked by this request; null when it was not. */
  send(words: Words, dataSet: Uint8Array | null, contextId = 1): object | null {
    const before = this.host.asked.length
    this.host.receive(this.requestor.request(contextId, words, dataSet))
    return this.host.asked.slice(before)[0]?.question ?? null
  }

  /** The response to a request to which the host answers so; null when there is none yet. */
  ask(words: Words, dataSet: Uint8Array | null, answer: HostAnswer): PeerMessage | null {
    this.send(words, dataSet)
    return this.answer(answer)
  }

  answer(answer: HostAnswer): PeerMessage | null {
    const task = this.host.asked.at(-1)?.task
    if (task !== undefined) this.host.answer(task, answer)
    return this.heard()
  }

  /** The last response that was sent and not yet heard. */
  heard(): PeerMessage | null {
    let response: PeerMessage | null = null
    for (const event of this.requestor.received(this.host.take())) {
      if (event.kind === 'request') this.requests.push(event)
      if (event.kind === 'response') response = event
      if (event.kind === 'broken' || event.kind === 'aborted') throw new Error(event.kind)
    }
    return response
  }
}

/** What a test looks at in a response. */
export function shown(message: PeerMessage | null): Partial<CommandSet> | null {
  if (message === null) return null
  const { status, comment, sopClassUid, sopInstanceUid } = message.command
  return { status, comment, sopClassUid, sopInstanceUid }
}
