/**
 * Which contexts an association proposes: one for each class of image as it is stored, so that the
 * peer cannot choose another syntax, one more a class with what everybody reads, and those of the
 * proof. At most 128 (PS3.8 section 9.3.2.2), so an errand may take several associations.
 */
import type { AnsweredContext, ProposedContext } from '../../protocols/dicom/association.ts'
import { commitmentUid } from '../../protocols/dicom/commitment.ts'
import { identifierSyntaxes } from '../../protocols/dicom/identifier.ts'
import { studyRootFindUid } from '../../protocols/dicom/instance-query.ts'
import { explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import type { DicomDestination } from './destinations.ts'
import type { ParkedReason } from './reasons.ts'
import type { QueuedImage } from './queue.ts'

const contextsMost = 128
const proofClasses = {
  auto: [commitmentUid, studyRootFindUid],
  commitment: [commitmentUid],
  find: [studyRootFindUid],
  none: [],
} as const

export interface Plan {
  readonly proposed: readonly ProposedContext[]
  /** The first of the images, as many as there is room for. */
  readonly images: readonly QueuedImage[]
}

export function planContexts(
  images: readonly QueuedImage[],
  proof: DicomDestination['proof'],
): Plan {
  const wanted: {
    readonly abstractSyntax: string
    readonly transferSyntaxes: readonly string[]
  }[] = proofClasses[proof].map((uid) => ({
    abstractSyntax: uid,
    transferSyntaxes: identifierSyntaxes,
  }))
  const seen = new Set<string>()
  const fitting: QueuedImage[] = []
  for (const image of images) {
    const { sopClassUid: abstractSyntax, transferSyntaxUid } = image
    const more = [
      { key: `${abstractSyntax} ${transferSyntaxUid}`, transferSyntaxes: [transferSyntaxUid] },
      { key: abstractSyntax, transferSyntaxes: [explicitLittle, implicitLittle] },
    ].filter(({ key }) => !seen.has(key))
    if (wanted.length + more.length > contextsMost) break
    for (const { key, transferSyntaxes } of more) {
      seen.add(key)
      wanted.push({ abstractSyntax, transferSyntaxes })
    }
    fitting.push(image)
  }
  return {
    proposed: wanted.map((context, index) => ({ id: 2 * index + 1, ...context })),
    images: fitting,
  }
}

/** The answers of the peer, by what we proposed. */
export class Agreed {
  readonly #proposed: readonly ProposedContext[]
  readonly #accepted: ReadonlyMap<number, string>
  readonly #answers: readonly AnsweredContext[]

  constructor(
    proposed: readonly ProposedContext[],
    accepted: ReadonlyMap<number, string>,
    answers: readonly AnsweredContext[],
  ) {
    this.#proposed = proposed
    this.#accepted = accepted
    this.#answers = answers
  }

  /** For the image exactly as it is stored, or why there is none. */
  forImage({ sopClassUid, transferSyntaxUid }: QueuedImage): number | ParkedReason {
    const ofClass = this.#proposed.filter(({ abstractSyntax }) => abstractSyntax === sopClassUid)
    const fitting = ofClass.find(({ id }) => this.#accepted.get(id) === transferSyntaxUid)
    if (fitting !== undefined) return fitting.id
    const ids = new Set(ofClass.map(({ id }) => id))
    const isKnown = this.#answers.some(
      ({ id, result }) =>
        ids.has(id) && (result === 'accepted' || result === 'transfer-syntaxes-not-supported'),
    )
    return isKnown ? 'syntax-refused' : 'class-refused'
  }

  /** For a service. null when the peer does not offer it. */
  forService(uid: string): { readonly id: number; readonly transferSyntaxUid: string } | null {
    for (const { id, abstractSyntax } of this.#proposed) {
      const transferSyntaxUid = this.#accepted.get(id)
      if (abstractSyntax === uid && transferSyntaxUid !== undefined) {
        return { id, transferSyntaxUid }
      }
    }
    return null
  }
}
