/**
 * Brings a report of commitment on an association of our own (PS3.4 section J.3.3): we ask for it,
 * and are the provider on it all the same, which the role selection says (PS3.7 annex D.3.3.4).
 * Some devices insist on that item, and some refuse what comes with it: the second time it is left
 * out.
 */
import { connect } from 'node:net'
import { statuses } from '../../protocols/dicom/command-set.ts'
import { reportRequest } from '../../protocols/dicom/commitment-service.ts'
import { commitmentUid } from '../../protocols/dicom/commitment.ts'
import { identifierSyntaxes } from '../../protocols/dicom/identifier.ts'
import { Requestor, type RequestorEvent } from '../../protocols/dicom/requestor.ts'
import type { ReportFailure, ReportOrder, ReportOutcome, ReportWay } from './report-order.ts'

export interface CallLimits {
  /** No sign of life for so long ends it. */
  readonly silenceMs: number
  /** However lively: a report is a handful of messages. */
  readonly wholeMs: number
}

const usualLimits: CallLimits = { silenceMs: 30_000, wholeMs: 180_000 }
const contextId = 1

type Call = Extract<ReportWay, { kind: 'call' }>

/** Never rejects. */
export async function callWithReport(
  order: ReportOrder,
  to: Call,
  limits: CallLimits = usualLimits,
): Promise<ReportOutcome> {
  const first = await attempt(order, to, true, limits)
  const isRefused = first.kind === 'failed' && first.why === 'context-refused'
  return isRefused ? attempt(order, to, false, limits) : first
}

function attempt(
  { report, callingAeTitle, calledAeTitle }: ReportOrder,
  { host, port }: Call,
  saysRole: boolean,
  { silenceMs, wholeMs }: CallLimits,
): Promise<ReportOutcome> {
  const requestor = new Requestor({
    callingAeTitle,
    calledAeTitle,
    contexts: [
      { id: contextId, abstractSyntax: commitmentUid, transferSyntaxes: identifierSyntaxes },
    ],
    roles: saysRole ? [{ sopClassUid: commitmentUid, scu: false, scp: true }] : [],
  })
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true })
    let isOpen = false
    // What comes after the first is its echo.
    const fail = (why: ReportFailure): void => {
      resolve({ kind: 'failed', why })
      socket.destroy()
    }
    const whole = setTimeout(() => fail('silent'), wholeMs)
    socket.setTimeout(silenceMs, () => fail('silent'))
    socket.on('connect', () => {
      isOpen = true
      socket.write(requestor.associate())
    })
    socket.on('error', () => fail(isOpen ? 'cut' : 'unreachable'))
    socket.on('close', () => {
      clearTimeout(whole)
      fail('cut')
    })
    socket.on('data', (bytes: Uint8Array) => {
      for (const event of requestor.received(bytes)) hear(event)
    })

    function hear(event: RequestorEvent): void {
      switch (event.kind) {
        case 'accepted': {
          const transferSyntax = event.contexts.get(contextId)
          if (transferSyntax === undefined) {
            resolve({ kind: 'failed', why: 'context-refused' })
            return void socket.write(requestor.release())
          }
          const { words, dataSet } = reportRequest(report)
          socket.write(requestor.request(contextId, words, dataSet(transferSyntax)))
          return
        }
        case 'response': {
          const { status } = event.command
          resolve(
            status === statuses.success
              ? { kind: 'delivered' }
              : { kind: 'refused', status: status ?? statuses.processingFailure },
          )
          return void socket.write(requestor.release())
        }
        case 'request':
          return void socket.write(requestor.respond(event, statuses.unrecognizedOperation))
        case 'release-asked':
          socket.write(requestor.releaseReply())
          resolve({ kind: 'failed', why: 'cut' })
          return socket.destroySoon()
        case 'released':
          return void socket.end()
        case 'rejected':
          return fail('rejected')
        case 'aborted':
          return fail('aborted')
        case 'broken':
          return fail('broken')
      }
    }
  })
}
