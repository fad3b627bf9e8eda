/** Makes sure, on an association, that what the peer says to have is there. */
import { commandFields, statuses } from '../../protocols/dicom/command-set.ts'
import {
  commitmentInstanceUid,
  commitmentUid,
  decodeCommitmentReport,
  encodeCommitmentRequest,
  requestCommitment,
  type CommitmentReport,
} from '../../protocols/dicom/commitment.ts'
import {
  encodeInstanceQuery,
  instanceInAnswer,
  isPending,
  studyRootFindUid,
} from '../../protocols/dicom/instance-query.ts'
import type { PeerMessage } from '../../protocols/dicom/requestor.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Association } from './association.ts'
import type { Ledger } from './carrier.ts'
import type { Agreed } from './contexts.ts'
import type { DicomDestination } from './destinations.ts'
import { hex } from './outcomes.ts'
import { PeerFailed } from './peer-failed.ts'
import type { Proof, QueuedImage } from './queue.ts'

/** How many instances one commitment asks for. Its data set stays far below any limit. */
const instancesMost = 500
/** A report that has not come after so long is asked for in another way, or once more. */
const reportWithinMs = { auto: 600_000, commitment: 6 * 3_600_000 } as const
/** A peer that offers no proof now may be set up otherwise later. */
const offeredAgainMs = 3_600_000

type Prove = Ledger['prove']

export interface Questioning {
  readonly association: Association
  readonly agreed: Agreed
  readonly proof: DicomDestination['proof']
  /** A commitment is only asked for where nothing else is offered. */
  readonly prefersFind: boolean
  readonly prove: Prove
  readonly random: Random
}

/** The peer offers commitment, and ends the association when it is asked for one. */
export class CommitmentFailed extends PeerFailed {}

/**
 * Asks for each image, by the best means that the peer offers. Answers the transactions of which
 * the report is to come. Rejects with `PeerFailed`.
 */
export async function askForProof(
  { association, agreed, proof, prefersFind, prove, random }: Questioning,
  images: readonly QueuedImage[],
): Promise<readonly string[]> {
  const commitment = agreed.forService(commitmentUid)
  const find = agreed.forService(studyRootFindUid)
  const questions: string[] = []
  const rest: QueuedImage[] = []
  const toCommit: QueuedImage[] = []
  // A commitment that was not reported in time is not waited for again when one can look.
  for (const image of images) {
    const canOnlyCommit = find === null
    const mayCommit = canOnlyCommit || (image.question === null && !prefersFind)
    if (commitment !== null && mayCommit) toCommit.push(image)
    else rest.push(image)
  }
  for (const part of partsOf(toCommit)) {
    if (commitment === null) break
    const askAgainMs = reportWithinMs[proof === 'auto' ? 'auto' : 'commitment']
    const ask = { question: newUid(random), askAgainMs }
    if (await commit(association, commitment, part, ask, prove)) questions.push(ask.question)
    else rest.push(...part)
  }
  if (find === null) {
    const open: Proof = { kind: 'open', question: null, askAgainMs: offeredAgainMs }
    prove(new Map(rest.map(({ id }) => [id, open])))
  } else {
    for (const image of rest) await lookFor(association, find, image, prove)
  }
  return questions
}

function* partsOf(images: readonly QueuedImage[]): Generator<readonly QueuedImage[]> {
  for (let at = 0; at < images.length; at += instancesMost) {
    yield images.slice(at, at + instancesMost)
  }
}

interface Context {
  readonly id: number
  readonly transferSyntaxUid: string
}

/** The question is written down before it is asked: its report may overtake the answer. */
async function commit(
  association: Association,
  context: Context,
  images: readonly QueuedImage[],
  ask: { readonly question: string; readonly askAgainMs: number },
  prove: Prove,
): Promise<boolean> {
  const open: Proof = { kind: 'open', ...ask }
  prove(new Map(images.map(({ id }) => [id, open])))
  const words = {
    field: commandFields.nAction,
    requestedSopClassUid: commitmentUid,
    requestedSopInstanceUid: commitmentInstanceUid,
    actionType: requestCommitment,
  }
  const request = encodeCommitmentRequest(ask.question, images, context.transferSyntaxUid)
  try {
    const answers = await association.ask(context.id, words, request)
    return answers.at(-1)?.command.status === statuses.success
  } catch (err) {
    const never: Proof = { kind: 'open', question: null, askAgainMs: 0 }
    prove(new Map(images.map(({ id }) => [id, never])))
    throw err instanceof PeerFailed ? new CommitmentFailed(err.code, err.words, err) : err
  }
}

async function lookFor(
  association: Association,
  context: Context,
  image: QueuedImage,
  prove: Prove,
): Promise<void> {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = image
  if (studyInstanceUid === null || seriesInstanceUid === null) {
    const open: Proof = { kind: 'open', question: null, askAgainMs: offeredAgainMs }
    return prove(new Map([[image.id, open]]))
  }
  const place = { studyInstanceUid, seriesInstanceUid, sopInstanceUid }
  const answers = await association.ask(
    context.id,
    { field: commandFields.find, sopClassUid: studyRootFindUid, priority: 0 },
    encodeInstanceQuery(place, context.transferSyntaxUid),
    isPending,
  )
  const isThere = answers.some(
    ({ dataSet }) =>
      dataSet !== null && instanceInAnswer(dataSet, context.transferSyntaxUid) === sopInstanceUid,
  )
  const status = answers.at(-1)?.command.status ?? null
  const proof = verdict(isThere, status)
  prove(new Map([[image.id, proof]]))
}

/** A query that failed says nothing about the image. */
function verdict(isThere: boolean, status: number | null): Proof {
  if (isThere) return { kind: 'confirmed', said: 'found by C-FIND' }
  if (status === statuses.success) return { kind: 'absent', said: 'not found by C-FIND' }
  return { kind: 'open', question: null, askAgainMs: offeredAgainMs }
}

/** What a report says about the images that were asked for in its transaction. */
export function proofsOf(
  report: CommitmentReport,
  asked: ReadonlyMap<string, number>,
): ReadonlyMap<number, Proof> {
  const proofs = new Map<number, Proof>()
  for (const { sopInstanceUid } of report.kept) {
    const id = asked.get(sopInstanceUid)
    if (id !== undefined) proofs.set(id, { kind: 'confirmed', said: 'committed' })
  }
  for (const { sopInstanceUid, reason } of report.failed) {
    const id = asked.get(sopInstanceUid)
    const said = `not committed, reason ${reason === null ? 'none' : hex(reason)}`
    if (id !== undefined) proofs.set(id, { kind: 'absent', said })
  }
  return proofs
}

/**
 * Takes an N-EVENT-REPORT and answers its status: what cannot be taken must not be called success,
 * or the peer never brings it again.
 */
export function takeReport(
  { command, dataSet }: PeerMessage,
  transferSyntaxUid: string,
  take: (report: CommitmentReport) => void,
): number {
  if (command.field !== commandFields.eventReport) return statuses.unrecognizedOperation
  if (dataSet === null) return statuses.processingFailure
  const report = decodeCommitmentReport(dataSet, transferSyntaxUid)
  if (!report.ok) return statuses.processingFailure
  take(report.value)
  return statuses.success
}

/** From the UUID arc (PS3.5 annex B.2). */
function newUid(random: Random): string {
  let number = 0n
  for (const byte of random.bytes(16)) number = number * 256n + BigInt(byte)
  return `2.25.${number}`
}
