/**
 * Images about which a person must decide, study by study: what a device says beside what the
 * orders say, and what the person then wants. Everything here is data of patients: for the page
 * after a login, and for nothing else.
 */
import type { ImageIdentity } from '../protocols/packet/visit-records.ts'
import { identityTrouble } from './errors/identities.ts'
import { Trouble } from './errors/trouble.ts'
import type { ImageFiles } from './journal/journal.ts'
import type {
  CandidateView,
  ComparedField,
  DecidedStudy,
  Decision,
  IdentityDesk,
  WaitingStudy,
  WaitingView,
} from './page/visits-view.ts'
import { orderView, patientView } from './page-visits.ts'
import { assignImage, type CoercingParts } from './visits/coercing.ts'
import { candidates, differences, type Finding, type OrderOnBoard } from './visits/identity.ts'
import type { ImageFacts, ImageIdentities } from './visits/image-identities.ts'
import { onBoard, ordersOnBoard } from './visits/on-board.ts'
import { byVan, checkPerson, oneLine } from './visits/saying.ts'
import type { ReadStart } from './visits/stated-head.ts'
import type { Visits } from './visits/visits.ts'

export interface IdentityDeskParts {
  readonly visits: Visits
  readonly identities: Pick<ImageIdentities, 'facts' | 'findingsFor' | 'verdict'>
  readonly coercing: CoercingParts
  readonly files: (sha256: string) => Promise<ImageFiles>
  readonly readWhole: ReadStart
}

/** One decision of the van or of a person, with the image that it is about. */
interface Known {
  readonly identity: ImageIdentity
  /** null: its file is gone. */
  readonly image: ImageFacts | null
}

/** Images that one decision is about. The first names them. */
type Group = readonly [Known, ...Known[]]

const candidatesMax = 12
const previewsMax = 3
/** A preview has 60 KB. */
const previewBytesMax = 262_144
const waitingImagesMax = 2_000
const decidedImagesMax = 500
const decidedStudiesMax = 50

export function identityDesk(parts: IdentityDeskParts): IdentityDesk {
  /** One decision after the other: two persons may look at the same list. */
  let last: Promise<unknown> = Promise.resolve()
  return {
    view: () => viewOf(parts),
    decide(by, decision) {
      const done = last.then(() => decide(parts, checkPerson(by), decision))
      last = done.catch(() => {})
      return done
    },
    async preview(name) {
      if (!parts.visits.book.identities().some(({ of }) => of === name)) return null
      const { preview } = await parts.files(name)
      return preview === null ? null : parts.readWhole(preview, previewBytesMax)
    },
  }
}

async function viewOf(parts: IdentityDeskParts): Promise<WaitingView> {
  const waiting: WaitingStudy[] = []
  const orders = ordersOnBoard(parts.visits)
  for (const group of await waitingGroups(parts)) {
    waiting.push(await waitingStudy(parts, orders, group))
  }
  const decided = (await decidedGroups(parts)).slice(0, decidedStudiesMax)
  return { waiting, decided: decided.map((group) => decidedStudy(parts, group)) }
}

/** Those whose image is not there any more cannot be told from those whose image never came. */
async function waitingGroups(parts: IdentityDeskParts): Promise<readonly Group[]> {
  const known = await knownOf(parts, parts.visits.book.waiting().slice(0, waitingImagesMax))
  return grouped(
    known.filter(({ image }) => image !== null),
    ({ identity, image }) => {
      const { patientId, patientName, accessionNumber } = image?.said ?? {}
      return JSON.stringify([studyOf({ identity, image }), patientId, patientName, accessionNumber])
    },
  )
}

async function decidedGroups(parts: IdentityDeskParts): Promise<readonly Group[]> {
  const decided = parts.visits.book
    .identities()
    .filter(({ state, by }) => state !== 'waiting' && by !== byVan)
    .slice(0, decidedImagesMax)
  return grouped(await knownOf(parts, decided), (one) => {
    const { state, order, by, reason } = one.identity
    return JSON.stringify([studyOf(one), state, order, by, reason])
  })
}

async function knownOf(
  { identities }: IdentityDeskParts,
  records: readonly ImageIdentity[],
): Promise<readonly Known[]> {
  const known: Known[] = []
  for (const identity of records) {
    known.push({ identity, image: await identities.facts(identity) })
  }
  return known
}

function studyOf({ identity, image }: Known): string {
  return `${image?.device} ${image?.studyInstanceUid ?? identity.sopInstanceUid}`
}

function grouped(all: readonly Known[], keyOf: (one: Known) => string): readonly Group[] {
  const groups = new Map<string, [Known, ...Known[]]>()
  for (const one of all) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()]
}

async function waitingStudy(
  parts: IdentityDeskParts,
  orders: readonly OrderOnBoard[],
  group: Group,
): Promise<WaitingStudy> {
  const [{ identity, image }] = group
  const previews: string[] = []
  for (const { of } of group.map((one) => one.identity)) {
    if (previews.length === previewsMax) break
    if ((await parts.files(of)).preview !== null) previews.push(of)
  }
  const likely = image === null ? [] : candidates(image, orders, candidatesMax)
  return {
    study: identity.of,
    device: image?.device ?? '',
    modality: image?.modality ?? null,
    utcMs: identity.utcMs,
    images: group.length,
    says: {
      patientId: image?.said.patientId ?? null,
      name: image?.said.patientName ?? null,
      birthDate: image?.said.birthDate ?? null,
      sex: image?.said.sex ?? null,
      accessionNumber: image?.said.accessionNumber ?? null,
    },
    findings: [...new Set(group.flatMap((one) => one.identity.findings))],
    previews,
    candidates: likely.flatMap((order) => candidateView(parts, image, order) ?? []),
  }
}

const fieldsOf: { readonly [finding in Finding]?: ComparedField } = {
  'name-differs': 'name',
  'patient-id-differs': 'patientId',
  'birth-date-differs': 'birthDate',
  'sex-differs': 'sex',
}

function candidateView(
  { visits: { book } }: IdentityDeskParts,
  image: ImageFacts | null,
  candidate: OrderOnBoard,
): CandidateView | null {
  const order = book.order(candidate.order)
  const patient = book.patient(candidate.patient)
  if (image === null || order === null || patient === null) return null
  const { accessionNumber } = image.said
  const isOther = accessionNumber !== null && accessionNumber !== candidate.accessionNumber
  const differs = differences(image.said, candidate).flatMap((finding) => fieldsOf[finding] ?? [])
  return {
    visit: candidate.visit,
    order: orderView(book, order),
    patient: patientView(patient),
    differs: isOther ? [...differs, 'accessionNumber'] : differs,
  }
}

function decidedStudy({ visits: { book } }: IdentityDeskParts, group: Group): DecidedStudy {
  const [{ identity, image }] = group
  const { state, by, reason } = identity
  const order = identity.order === null ? null : book.order(identity.order)
  const visit = order === null ? null : book.visit(order.visit)
  const patient = visit === null ? null : book.patient(visit.patient)
  return {
    study: identity.of,
    device: image?.device ?? '',
    modality: image?.modality ?? null,
    utcMs: identity.utcMs,
    images: group.length,
    state: state === 'accepted' || state === 'refused' ? state : 'coerced',
    patient: patient === null ? null : patientView(patient),
    accessionNumber: order?.accessionNumber ?? null,
    by,
    reason,
  }
}

async function decide(parts: IdentityDeskParts, by: string, decision: Decision): Promise<void> {
  const isUndo = decision.kind === 'undo'
  const groups = await (isUndo ? decidedGroups(parts) : waitingGroups(parts))
  const group = groups.find((one) => one.some(({ identity }) => identity.of === decision.study))
  if (group === undefined) throw identityTrouble('identity-study-gone')
  switch (decision.kind) {
    case 'assign':
      return assign(parts, by, group, decision)
    case 'undo':
      return undo(parts, by, group)
    case 'accept':
    case 'refuse':
      return dismiss(parts, by, group, decision)
  }
}

/** What fails waits on; the others are done. */
async function assign(
  parts: IdentityDeskParts,
  by: string,
  group: Group,
  { order: token, patient }: Extract<Decision, { kind: 'assign' }>,
): Promise<void> {
  const record = parts.visits.book.order(token)
  const order = record === null ? null : onBoard(parts.visits, record)
  if (order === null || order.state === 'cancelled') throw identityTrouble('identity-order-unknown')
  if (order.patient !== patient) throw identityTrouble('identity-patient-changed')
  const together = group.map(({ identity }) => identity)
  const failures: unknown[] = []
  for (const { image } of group) {
    if (image === null) continue
    const findings = parts.identities.findingsFor(image, order, together)
    const assignment = { image, order, findings, by, reason: '' }
    await assignImage(parts.coercing, assignment).catch((error: unknown) => failures.push(error))
  }
  const [first] = failures
  if (failures.length === 0) return
  if (!(first instanceof Trouble) || first.code !== 'identity-not-coerced') throw first
  const { why = '' } = first.details
  throw identityTrouble('identity-not-coerced', {
    count: failures.length,
    total: group.length,
    why,
  })
}

async function dismiss(
  { visits }: IdentityDeskParts,
  by: string,
  group: Group,
  { kind, reason }: Extract<Decision, { kind: 'accept' | 'refuse' }>,
): Promise<void> {
  if (oneLine(reason) === '') throw identityTrouble('identity-reason-missing')
  const state = kind === 'accept' ? 'accepted' : 'refused'
  for (const { identity, image } of group) {
    const { of, sopInstanceUid, findings } = identity
    // Only the number of the order in the image itself ties it to one.
    const number = kind === 'accept' ? (image?.said.accessionNumber ?? null) : null
    const named = number === null ? [] : visits.book.ordersByAccession(number)
    const order = named.find(({ accessionNumber }) => accessionNumber === number) ?? null
    await visits.decideIdentity({
      of,
      sopInstanceUid,
      state,
      visit: order?.visit ?? null,
      order: order?.order ?? null,
      coerced: null,
      findings,
      by,
      reason,
    })
  }
}

async function undo(
  { visits, identities }: IdentityDeskParts,
  by: string,
  group: Group,
): Promise<void> {
  for (const { identity, image } of group) {
    const { of, sopInstanceUid } = identity
    await visits.decideIdentity({
      of,
      sopInstanceUid,
      state: 'waiting',
      visit: null,
      order: null,
      coerced: null,
      findings: image === null ? identity.findings : identities.verdict(image).findings,
      by,
      reason: '',
    })
  }
}
