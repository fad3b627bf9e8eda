/**
 * N-ACTION of storage commitment: a device asks us to answer for its images, so that it may forget
 * them. Source: PS3.4 section J.3.2.
 *
 * Success says no more than that the question was taken, and is said only when the host has kept
 * it. The answer is a report, which may come days later: a request of ours, in neither direction
 * bound to this association.
 */
import { commandFields, statuses, type CommandWords } from './command-set.ts'
import {
  commitmentInstanceUid,
  commitmentRequestIn,
  commitmentUid,
  encodeCommitmentReport,
  eventTypeOfReport,
  referenceSequences,
  requestCommitment,
  type CommitmentReport,
  type CommitmentRequest,
} from './commitment.ts'
import type { DataSet } from './data-set.ts'
import { chooseForReading } from './negotiate.ts'
import { refusing, type Exchange, type Handler, type Request, type Service } from './service.ts'
import { readingWhole, type Continued } from './whole-data-set.ts'

/** Answered with `stored` when it is on the disk. */
export interface CommitmentQuestion extends CommitmentRequest {
  readonly kind: 'commitment'
}

/** References to some ten thousand images, as verbose as they come. */
const limitBytes = 4_194_304
export const commitmentInstancesMax = 10_000

const words = { sopClassUid: commitmentUid, sopInstanceUid: commitmentInstanceUid }

export const commitmentService: Service = {
  name: 'storage commitment',
  serves: (uid) => uid === commitmentUid,
  choose: chooseForReading,
  begin: beginAction,
}

function beginAction(request: Request, exchange: Exchange): Handler | null {
  const { field, actionType, requestedSopInstanceUid, sopInstanceUid } = request.command
  if (field !== commandFields.nAction) return null
  const asked = requestedSopInstanceUid ?? sopInstanceUid ?? commitmentInstanceUid
  if (asked !== commitmentInstanceUid) {
    return refusing(exchange, { ...words, status: statuses.noSuchInstance })
  }
  if (actionType !== null && actionType !== requestCommitment) {
    return refusing(exchange, { ...words, actionType, status: statuses.noSuchAction })
  }
  const reading = {
    sequences: referenceSequences,
    tooLarge: { ...words, status: statuses.resourceLimitation },
    malformed: { ...words, status: statuses.invalidArgument },
    limitBytes,
  }
  return readingWhole(request, exchange, reading, (dataSet) => ask(exchange, dataSet))
}

function ask(exchange: Exchange, dataSet: DataSet): Continued {
  const answer = { ...words, actionType: requestCommitment }
  const asked = commitmentRequestIn(dataSet)
  if (!asked.ok) {
    exchange.note('data-set-malformed', { reason: asked.reason })
    exchange.respond({ ...answer, status: statuses.invalidArgument, comment: asked.reason })
    return {}
  }
  if (asked.value.instances.length > commitmentInstancesMax) {
    const comment = `More than ${commitmentInstancesMax} instances`
    exchange.respond({ ...answer, status: statuses.resourceLimitation, comment })
    return {}
  }
  const question: CommitmentQuestion = { kind: 'commitment', ...asked.value }
  exchange.ask(question)
  return {
    answered: (said) => {
      if (said.kind === 'failed') {
        exchange.respond({ ...answer, status: said.status, comment: said.comment })
      } else {
        exchange.respond({ ...answer, status: statuses.success })
      }
    },
  }
}

/** The N-EVENT-REPORT of a report, without what belongs to its association. */
export function reportRequest(report: CommitmentReport): {
  readonly words: Omit<CommandWords, 'messageId' | 'respondedTo' | 'hasDataSet' | 'status'>
  readonly dataSet: (transferSyntaxUid: string) => Uint8Array
} {
  return {
    words: { field: commandFields.eventReport, ...words, eventType: eventTypeOfReport(report) },
    dataSet: (transferSyntaxUid) => encodeCommitmentReport(report, transferSyntaxUid),
  }
}
