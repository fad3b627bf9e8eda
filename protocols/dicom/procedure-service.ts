/**
 * N-CREATE, N-SET and N-GET of performed procedure steps.
 * Source: PS3.4 annex F, PS3.7 section 10.1.
 *
 * A message is read here; which step there is, and what may become of it, the host knows: steps
 * outlive associations, and a message is answered only when its host has kept it.
 */
import { viewOf } from '../bytes/bytes.ts'
import { commandFields, statuses, type CommandSet } from './command-set.ts'
import { chooseForReading } from './negotiate.ts'
import {
  encodeStep,
  procedureStepRetrieveUid,
  procedureStepUid,
  stepIn,
  stepSequences,
  type StepSaid,
} from './performed-procedure.ts'
import {
  refusing,
  type Exchange,
  type Handler,
  type HostAnswer,
  type Request,
  type Service,
} from './service.ts'
import { isUid } from './uids.ts'
import { readingWhole } from './whole-data-set.ts'

/** Answered with `stored`, or with `step` where it is asked for. */
export type StepQuestion =
  | {
      readonly kind: 'step-begin' | 'step-set'
      readonly sopInstanceUid: string
      readonly said: StepSaid
    }
  | { readonly kind: 'step-get'; readonly sopInstanceUid: string }

export interface ProcedureOptions {
  /** For a modality that leaves the naming of its step to us. */
  newUid(): string
}

/** Some tell the dose of each of hundreds of images. */
const limitBytes = 2_097_152
const attributeList = 0x1005

export function procedureService(options: ProcedureOptions): Service {
  return {
    name: 'performed procedure steps',
    serves: (uid) => uid === procedureStepUid || uid === procedureStepRetrieveUid,
    choose: chooseForReading,
    begin: (request, exchange) => beginRequest(request, exchange, options),
  }
}

function beginRequest(
  request: Request,
  exchange: Exchange,
  options: ProcedureOptions,
): Handler | null {
  const { command, context } = request
  const { field } = command
  const named = command.requestedSopInstanceUid ?? command.sopInstanceUid
  if (field === commandFields.nGet) return getting(request, exchange, named)
  if (context.abstractSyntax !== procedureStepUid) return null
  if (field === commandFields.nCreate) {
    const uid = command.sopInstanceUid ?? command.requestedSopInstanceUid ?? options.newUid()
    return taking(request, exchange, 'step-begin', uid)
  }
  return field === commandFields.nSet ? taking(request, exchange, 'step-set', named) : null
}

function taking(
  request: Request,
  exchange: Exchange,
  kind: 'step-begin' | 'step-set',
  sopInstanceUid: string | null,
): Handler {
  if (sopInstanceUid === null || !isUid(sopInstanceUid)) return nameless(exchange)
  const words = { sopClassUid: procedureStepUid, sopInstanceUid }
  const reading = {
    sequences: stepSequences,
    tooLarge: { ...words, status: statuses.resourceLimitation },
    malformed: { ...words, status: statuses.processingFailure },
    limitBytes,
  }
  return readingWhole(request, exchange, reading, (dataSet) => {
    if (kind === 'step-begin' && dataSet.elements.size === 0) {
      const comment = 'A step without attributes'
      exchange.respond({ ...words, status: statuses.missingAttribute, comment })
      return {}
    }
    const question: StepQuestion = { kind, sopInstanceUid, said: stepIn(dataSet) }
    exchange.ask(question)
    return {
      answered: (answer) => exchange.respond({ ...words, ...outcomeOf(answer) }),
    }
  })
}

function getting(
  { command, context }: Request,
  exchange: Exchange,
  sopInstanceUid: string | null,
): Handler {
  if (sopInstanceUid === null || !isUid(sopInstanceUid)) return nameless(exchange)
  const words = { sopClassUid: context.abstractSyntax, sopInstanceUid }
  const question: StepQuestion = { kind: 'step-get', sopInstanceUid }
  return {
    data: () => {},
    end: () => exchange.ask(question),
    answered: (answer) => {
      if (answer.kind !== 'step') return exchange.respond({ ...words, ...outcomeOf(answer) })
      const dataSet = encodeStep(answer.step, wantedOf(command), context.transferSyntax)
      exchange.respond({ ...words, status: statuses.success }, dataSet)
    },
    abandoned: () => {},
  }
}

function nameless(exchange: Exchange): Handler {
  exchange.note('uid-invalid')
  const comment = 'The instance UID of the step is not a UID'
  return refusing(exchange, { status: statuses.invalidInstance, comment })
}

function outcomeOf(answer: HostAnswer): {
  readonly status: number
  readonly comment?: string
  readonly errorId?: number
} {
  if (answer.kind !== 'failed') return { status: statuses.success }
  const { status, comment, errorId } = answer
  return { status, comment, ...(errorId === undefined ? {} : { errorId }) }
}

/** (0000,1005): tags, each as two numbers. null: everything is wanted. */
function wantedOf({ values }: CommandSet): ReadonlySet<number> | null {
  const list = values.get(attributeList)
  if (list === undefined || list.length < 4) return null
  const view = viewOf(list)
  const wanted = new Set<number>()
  for (let at = 0; at + 4 <= list.length; at += 4) {
    wanted.add(view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true))
  }
  return wanted
}
