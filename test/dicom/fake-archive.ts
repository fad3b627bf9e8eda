/**
 * An archive on a real socket that does what a test tells it: it keeps images by their SOP
 * instance, answers with any status, finds, and commits in the ways that archives do.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { decodeDataSet, itemsIn, textIn } from '../../protocols/dicom/data-set.ts'
import { commandFields, encodeCommandSet } from '../../protocols/dicom/command-set.ts'
import { commitmentInstanceUid, commitmentUid } from '../../protocols/dicom/commitment.ts'
import { encodeIdentifier, type IdentifierElement } from '../../protocols/dicom/identifier.ts'
import { studyRootFindUid } from '../../protocols/dicom/instance-query.ts'
import { encodeMessage } from '../../protocols/dicom/message.ts'
import { chooseForReading, chooseForStorage } from '../../protocols/dicom/negotiate.ts'
import { Requestor } from '../../protocols/dicom/requestor.ts'
import type { Exchange, Handler, Request, Service } from '../../protocols/dicom/service.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { explicitLittle, implicitLittle, storageKind } from '../../protocols/dicom/uids.ts'
import { verificationService } from '../../protocols/dicom/verification-service.ts'
import { acceptOn } from '../../upstream/pacs/acceptor-socket.ts'

/** `cut`: the connection ends without an answer, after the image was kept. */
export type Said = number | 'cut' | 'silence'

export interface ArchiveOptions {
  /** The answer to the n-th time that an instance comes, from 1. Default: success. */
  readonly answers?: (sopInstanceUid: string, time: number) => Said
  readonly choose?: (proposed: readonly string[]) => string | null
  readonly serves?: (sopClassUid: string) => boolean
  readonly finds?: boolean
  /** Whether the n-th query for an instance finds it although it is kept. */
  readonly hides?: (sopInstanceUid: string, time: number) => boolean
  /** Where reports go: on the same association, or to a port of the asker. */
  readonly commits?: 'same' | { readonly port: number } | 'never' | 'cut'
  /** Instances that a commitment says not to have. */
  readonly denies?: (sopInstanceUid: string) => boolean
}

export interface Kept {
  readonly dataSet: Uint8Array
  readonly transferSyntax: string
  times: number
}

export class FakeArchive {
  readonly kept = new Map<string, Kept>()
  readonly associations: string[][] = []
  /** How each association ended. */
  released = 0
  readonly reportStatuses: (number | null)[] = []
  options: ArchiveOptions
  #times = new Map<string, number>()
  #queries = new Map<string, number>()
  readonly #sockets = new Set<Socket>()
  readonly #server

  constructor(options: ArchiveOptions = {}, tls: TlsOptions | null = null) {
    this.options = options
    const accept = (socket: Socket): void => this.#accept(socket)
    this.#server =
      tls === null
        ? createServer({ allowHalfOpen: true }, accept)
        : createTlsServer({ ...tls, allowHalfOpen: true }, accept)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async start(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    socket.on('data', (bytes: Uint8Array) => {
      if (bytes[0] === 5 && bytes.length === 10) this.released += 1
    })
    const sent: string[] = []
    this.associations.push(sent)
    const { finds, commits } = this.options
    const services = [
      this.#storage(socket, sent),
      ...(finds === false ? [] : [this.#finder()]),
      ...(commits === undefined ? [] : [this.#committer(socket)]),
      verificationService,
    ]
    acceptOn(socket, services, () => {})
  }

  #storage(socket: Socket, sent: string[]): Service {
    return {
      name: 'storage',
      serves: (uid) => storageKind(uid) !== 'none' && (this.options.serves?.(uid) ?? true),
      choose: (proposed) => (this.options.choose ?? chooseForStorage)(proposed),
      begin: ({ command, context }, exchange) => {
        const uid = command.sopInstanceUid ?? ''
        return gather((dataSet) => {
          sent.push(uid)
          const time = (this.#times.get(uid) ?? 0) + 1
          this.#times.set(uid, time)
          const said = this.options.answers?.(uid, time) ?? 0
          const isKept = typeof said !== 'number' || said === 0 || said >>> 12 === 0xb
          const times = (this.kept.get(uid)?.times ?? 0) + 1
          if (isKept) {
            this.kept.set(uid, { dataSet, transferSyntax: context.transferSyntax, times })
          }
          if (said === 'cut') socket.destroy()
          else if (said !== 'silence') {
            const names = { sopClassUid: command.sopClassUid, sopInstanceUid: uid }
            exchange.respond({ status: said, ...names })
          }
        })
      },
    }
  }

  #finder(): Service {
    return {
      name: 'find',
      serves: (uid) => uid === studyRootFindUid,
      choose: chooseForReading,
      begin: ({ command, context }, exchange) =>
        gather((bytes) => {
          const uid = textAt(bytes, context.transferSyntax, 0x0008_0018)
          const time = (this.#queries.get(uid) ?? 0) + 1
          this.#queries.set(uid, time)
          if (this.kept.has(uid) && this.options.hides?.(uid, time) !== true) {
            const dataSet = encodeIdentifier([[0x0008_0018, 'UI', uid]], context.transferSyntax)
            exchange.respondPending({ status: 0xff00, sopClassUid: command.sopClassUid }, dataSet)
          }
          exchange.respond({ status: 0, sopClassUid: command.sopClassUid })
        }),
    }
  }

  #committer(socket: Socket): Service {
    return {
      name: 'commitment',
      serves: (uid) => uid === commitmentUid,
      choose: chooseForReading,
      begin: (request, exchange) =>
        gather((bytes) => {
          if (this.options.commits === 'cut') return void socket.destroy()
          exchange.respond({ status: 0 })
          const { transferSyntax } = request.context
          const report = this.#report(bytes, transferSyntax)
          const { commits } = this.options
          if (commits === 'same') sendReport(request, exchange, report)
          else if (typeof commits === 'object') {
            // Who has heard the report may be gone before the release: what came of it is kept.
            this.#bring(commits.port, report).catch(() => undefined)
          }
        }),
    }
  }

  #report(bytes: Uint8Array, transferSyntax: string): Report {
    const explicit = transferSyntax !== implicitLittle
    const sequences = new Set([0x0008_1199])
    const dataSet = decodeDataSet(bytes, { explicit, little: true }, sequences)
    if (!dataSet.ok) throw new Error(dataSet.reason)
    const uids = itemsIn(dataSet.value, 0x0008_1199).map((item) => textIn(item, 0x0008_1155) ?? '')
    const isThere = (uid: string): boolean =>
      this.kept.has(uid) && this.options.denies?.(uid) !== true
    return {
      transaction: textIn(dataSet.value, 0x0008_1195) ?? '',
      kept: uids.filter(isThere),
      failed: uids.filter((uid) => !isThere(uid)),
    }
  }

  /** As archives do it: a new association, on which we provide the service. */
  async #bring(port: number, report: Report): Promise<void> {
    const requestor = new Requestor({
      callingAeTitle: 'ARCHIVE',
      calledAeTitle: 'SIMPUL',
      contexts: [{ id: 1, abstractSyntax: commitmentUid, transferSyntaxes: [explicitLittle] }],
      roles: [{ sopClassUid: commitmentUid, scu: false, scp: true }],
    })
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(requestor.associate())
    for await (const bytes of socket as AsyncIterable<Uint8Array>) {
      for (const event of requestor.received(bytes)) {
        if (event.kind === 'accepted') {
          socket.write(
            requestor.request(1, reportWords(report), reportBytes(report, explicitLittle)),
          )
        } else if (event.kind === 'response') {
          this.reportStatuses.push(event.command.status)
          socket.write(requestor.release())
        } else {
          socket.end()
        }
      }
    }
  }
}

interface Report {
  readonly transaction: string
  readonly kept: readonly string[]
  readonly failed: readonly string[]
}

function reportWords({ failed }: Report) {
  return {
    field: commandFields.eventReport,
    sopClassUid: commitmentUid,
    sopInstanceUid: commitmentInstanceUid,
    eventType: failed.length === 0 ? 1 : 2,
  }
}

function reportBytes({ transaction, kept, failed }: Report, transferSyntax: string): Uint8Array {
  const item = (uid: string): readonly IdentifierElement[] => [
    [0x0008_1150, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'],
    [0x0008_1155, 'UI', uid],
  ]
  return encodeIdentifier(
    [
      [0x0008_1195, 'UI', transaction],
      ...(failed.length === 0 ? [] : ([[0x0008_1198, 'SQ', failed.map(item)]] as const)),
      [0x0008_1199, 'SQ', kept.map(item)],
    ],
    transferSyntax,
  )
}

function sendReport({ context, association }: Request, exchange: Exchange, report: Report): void {
  const command = encodeCommandSet({ ...reportWords(report), messageId: 1, hasDataSet: true })
  const dataSet = reportBytes(report, context.transferSyntax)
  const peerMaxPduBytes = association.maxPduBytes
  const message = { contextId: context.id, command, dataSet, peerMaxPduBytes }
  exchange.act({ kind: 'send', bytes: encodeMessage(message) })
}

function textAt(bytes: Uint8Array, transferSyntax: string, tag: number): string {
  const explicit = transferSyntax !== implicitLittle
  const dataSet = decodeDataSet(bytes, { explicit, little: true }, new Set())
  return dataSet.ok ? (textIn(dataSet.value, tag) ?? '') : ''
}

function gather(end: (dataSet: Uint8Array) => void): Handler {
  const pieces: Uint8Array[] = []
  return {
    data: (bytes) => void pieces.push(bytes.slice()),
    end: () => end(concat(pieces)),
    answered: () => {},
    abandoned: () => {},
  }
}
