/**
 * Takes reports of storage commitment on associations that archives open (PS3.4 section J.3.3).
 * Whoever can reach the port can bring one: it counts only when it names a transaction that we
 * asked for, whose UID is 128 random bits, and images that were in it.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { commandFields, statuses } from '../../protocols/dicom/command-set.ts'
import {
  commitmentInstanceUid,
  commitmentUid,
  type CommitmentReport,
} from '../../protocols/dicom/commitment.ts'
import { chooseForReading } from '../../protocols/dicom/negotiate.ts'
import type { Exchange, Handler, Request, Service } from '../../protocols/dicom/service.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { verificationService } from '../../protocols/dicom/verification-service.ts'
import type { UpstreamLog } from '../world.ts'
import { acceptOn } from './acceptor-socket.ts'
import { takeReport } from './proofs.ts'

export interface ReportListener {
  readonly port: number
  stop(): Promise<void>
}

const associationsMost = 16
/** References to some ten thousand images. */
const reportLimitBytes = 4 * 1_048_576

/** Rejects when the port cannot be listened on. */
export async function listenForReports(
  { host, port }: { readonly host: string; readonly port: number },
  take: (report: CommitmentReport) => void,
  log: UpstreamLog,
): Promise<ReportListener> {
  const sockets = new Set<Socket>()
  const services = [reportService(take, log), verificationService]
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (sockets.size >= associationsMost) return void socket.destroy()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    acceptOn(socket, services, ({ code }) => log.warn('an archive was not understood', { code }))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function reportService(take: (report: CommitmentReport) => void, log: UpstreamLog): Service {
  return {
    name: 'storage commitment reports',
    peerProvides: true,
    serves: (uid) => uid === commitmentUid,
    choose: chooseForReading,
    begin: (request, exchange) =>
      request.command.field === commandFields.eventReport
        ? reportHandler(request, exchange, take, log)
        : null,
  }
}

function reportHandler(
  { command, context }: Request,
  exchange: Exchange,
  take: (report: CommitmentReport) => void,
  log: UpstreamLog,
): Handler {
  const pieces: Uint8Array[] = []
  let bytes = 0
  return {
    data(piece) {
      bytes += piece.length
      if (bytes <= reportLimitBytes) pieces.push(piece.slice())
    },
    end() {
      const dataSet = bytes <= reportLimitBytes ? concat(pieces) : null
      const message = { contextId: context.id, command, dataSet }
      exchange.respond({
        status: statusOf(() => takeReport(message, context.transferSyntax, take), log),
        sopClassUid: commitmentUid,
        sopInstanceUid: commitmentInstanceUid,
      })
    },
    answered() {},
    abandoned() {},
  }
}

/** What could not be written down is refused, so that the archive brings it again. */
function statusOf(take: () => number, log: UpstreamLog): number {
  try {
    return take()
  } catch (err) {
    log.error('a report of commitment cannot be stored', { err })
    return statuses.processingFailure
  }
}
