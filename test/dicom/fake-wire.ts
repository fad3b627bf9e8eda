/**
 * A modality on a wire in memory: what it sends goes to a runner, what it hears is kept as events.
 */
import type { AssociationRunner } from '../../gateway/imaging/association-runner.ts'
import type { ImagingNode } from '../../gateway/imaging/node.ts'
import type { Wire } from '../../gateway/imaging/runner-doors.ts'
import { commitmentUid } from '../../protocols/dicom/commitment.ts'
import { Requestor, type RequestorEvent } from '../../protocols/dicom/requestor.ts'
import { worklistUid } from '../../protocols/dicom/worklist.ts'
import { ultrasoundImage } from './data-set.ts'

export class FakeModality {
  readonly requestor: Requestor
  readonly events: RequestorEvent[] = []
  readonly runner: AssociationRunner | null
  paused = false
  closed = false
  ended = false
  /** False: the peer does not read what it is sent. */
  reads = true

  constructor(node: ImagingNode, peerAddress = '10.0.0.7', callingAeTitle = 'CART_1') {
    this.requestor = new Requestor({
      callingAeTitle,
      calledAeTitle: 'SIMPUL',
      contexts: [
        { id: 1, abstractSyntax: ultrasoundImage, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
        { id: 3, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
        { id: 5, abstractSyntax: worklistUid, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
        { id: 7, abstractSyntax: commitmentUid, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
      ],
    })
    const wire: Wire = {
      peerAddress,
      send: (bytes) => {
        this.events.push(...this.requestor.received(bytes))
        return this.reads
      },
      end: () => (this.ended = true),
      close: () => this.#close(),
      destroy: () => this.#close(),
      pause: () => (this.paused = true),
      resume: () => (this.paused = false),
    }
    this.runner = node.connect(wire)
    this.closed = this.runner === null
  }

  send(bytes: Uint8Array): void {
    if (!this.closed) this.runner?.received(bytes)
  }

  associate(): this {
    this.send(this.requestor.associate())
    return this
  }

  /** Sends an instance whole. */
  store(sopInstanceUid: string, dataSet: Uint8Array): void {
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid }
    for (const pdu of this.requestor.store(1, names, dataSet)) this.send(pdu)
  }

  get statuses(): readonly (number | null)[] {
    return this.events.flatMap((event) => (event.kind === 'response' ? [event.command.status] : []))
  }

  /** As a socket does it: the runner hears of it later. */
  #close(): void {
    if (this.closed) return
    this.closed = true
    queueMicrotask(() => this.runner?.lost())
  }
}
