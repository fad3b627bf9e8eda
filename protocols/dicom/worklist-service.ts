/**
 * The modality worklist: C-FIND from the side of who is asked. Source: PS3.4 annex K.4.
 *
 *   C-FIND-RQ   keys                    C-CANCEL-RQ   at any time; a late one is passed over
 *   C-FIND-RSP  FF00 with an entry      FF01 the same, and a key had a value that did not count
 *               0000 that was all       FE00 called off
 *               A700 more than may be given, or a query too long to be read; not ready yet
 *               A900 no query of a worklist; C000 unreadable
 */
import { commandFields, statuses } from './command-set.ts'
import type { DataSet } from './data-set.ts'
import { chooseForReading } from './negotiate.ts'
import type { Exchange, Handler, Request, Service } from './service.ts'
import { encodeWorklistAnswer, type AnswerCharacterSet } from './worklist-answer.ts'
import { worklistSequences } from './worklist-attributes.ts'
import { readWorklistQuery } from './worklist-query.ts'
import { worklistAnswersMax, worklistUid, type WorklistEntry } from './worklist.ts'
import { readingWhole, type Continued } from './whole-data-set.ts'

export interface WorklistOptions {
  /** In the order in which they are given; null as long as nobody has said any. */
  entries(): readonly WorklistEntry[] | null
  /** What the device of this title understands. */
  characterSet(callingAeTitle: string): AnswerCharacterSet
}

export function worklistService(options: WorklistOptions): Service {
  return {
    name: 'worklist',
    serves: (abstractSyntax) => abstractSyntax === worklistUid,
    choose: chooseForReading,
    begin: (request, exchange) =>
      request.command.field === commandFields.find ? beginFind(request, exchange, options) : null,
  }
}

function beginFind(request: Request, exchange: Exchange, options: WorklistOptions): Handler {
  const words = { sopClassUid: worklistUid }
  const tooLarge = { ...words, status: statuses.outOfResources, comment: 'The query is too long' }
  const malformed = { ...words, status: statuses.cannotUnderstand }
  const reading = { sequences: worklistSequences, tooLarge, malformed }
  return readingWhole(request, exchange, reading, (dataSet) =>
    answering(dataSet, request, exchange, options),
  )
}

function answering(
  dataSet: DataSet,
  { association, context }: Request,
  exchange: Exchange,
  options: WorklistOptions,
): Continued {
  const respond = (status: number, comment?: string): Continued => {
    exchange.respond({
      sopClassUid: worklistUid,
      status,
      ...(comment === undefined ? {} : { comment }),
    })
    return {}
  }
  const query = readWorklistQuery(dataSet)
  if (!query.ok) {
    exchange.note('query-refused', { reason: query.reason })
    return respond(statuses.classMismatch, query.reason)
  }
  const entries = options.entries()
  if (entries === null) {
    exchange.note('worklist-not-ready')
    return respond(statuses.outOfResources, 'The worklist is not ready, please ask again')
  }
  // Of the list as it stands now, whatever changes while it is given.
  const found = entries.filter(query.value.matches)
  if (found.length > worklistAnswersMax) {
    exchange.note('worklist-too-long', { count: found.length, limit: worklistAnswersMax })
    return respond(statuses.outOfResources, `More than ${worklistAnswersMax} match: ask for less`)
  }
  const { callingAeTitle } = association
  const asker = { callingAeTitle, characterSet: options.characterSet(callingAeTitle) }
  const status = query.value.hasUnmatched ? statuses.pendingWarning : statuses.pending
  const given = found.values()
  const turn = (): void => {
    const { value: entry } = given.next()
    if (entry === undefined) return void respond(statuses.success)
    const answer = encodeWorklistAnswer(entry, query.value, asker, context.transferSyntax)
    exchange.respondPending({ sopClassUid: worklistUid, status }, answer)
    exchange.awaitTurn()
  }
  turn()
  return { turn, cancelled: () => void respond(statuses.cancelled) }
}
