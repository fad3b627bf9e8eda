/**
 * What we answer to the presentation contexts of a peer.
 * Source: PS3.8 section 9.3.3.2, PS3.7 annex D.
 *
 * The policy of a receiver that must keep and never needs to decode: every storage class is
 * welcome, private ones too, in whatever transfer syntax the device has the image in, because a
 * refusal means that the image stays on a cart. Not welcome are syntaxes whose pixels are somewhere
 * else.
 */
import type { AnsweredContext, AssociateAccept, AssociateRequest, Role } from './association.ts'
import {
  deflatedExplicitLittle,
  explicitBig,
  explicitLittle,
  implementationClassUid,
  implementationVersion,
  implicitLittle,
  isUid,
  transferSyntaxes,
} from './uids.ts'

/**
 * Part of the contract of a service: which classes it serves, and in which of the offered syntaxes.
 */
export interface Serves {
  serves(abstractSyntax: string): boolean
  /** The one to use of those that a context proposes; null when none is acceptable. */
  choose(proposed: readonly string[]): string | null
  /** True: on its association the peer provides the service and we use it (PS3.7 annex D.3.3.4). */
  readonly peerProvides?: boolean
}

export interface AcceptedContext<Service extends Serves> {
  readonly id: number
  readonly abstractSyntax: string
  readonly transferSyntax: string
  readonly service: Service
}

export interface Negotiated<Service extends Serves> {
  readonly accept: AssociateAccept
  readonly contexts: ReadonlyMap<number, AcceptedContext<Service>>
  readonly refused: readonly RefusedContext[]
}

export interface RefusedContext {
  readonly abstractSyntax: string
  readonly result: AnsweredContext['result']
}

/**
 * `native`: uncompressed when the device offers it, since every viewer reads it. `lossless`: rather
 * let the device compress, where the card or the link is what is short.
 */
export type Preference = 'native' | 'lossless'

const losslessOrder = [
  '1.2.840.10008.1.2.4.80',
  '1.2.840.10008.1.2.4.202',
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.70',
  '1.2.840.10008.1.2.5',
]

/**
 * Chooses for a storage context. A lossy syntax is taken only when nothing else is proposed,
 * because the device would otherwise throw detail away on our account. One that nobody knows comes
 * last.
 */
export function chooseForStorage(
  proposed: readonly string[],
  preference: Preference = 'native',
): string | null {
  const order = [
    ...(preference === 'lossless' ? losslessOrder : []),
    explicitLittle,
    implicitLittle,
  ]
  const rank = (uid: string): number => {
    const preferred = order.indexOf(uid)
    if (preferred >= 0) return preferred
    // Readable by few, so only when nothing better is offered; still nothing is lost.
    if (uid === explicitBig || uid === deflatedExplicitLittle) return order.length + 1
    const coding = transferSyntaxes.get(uid)?.coding
    if (coding === 'native' || coding === 'lossless') return order.length
    return coding === 'lossy' ? order.length + 2 : order.length + 3
  }
  const usable = proposed.filter(
    (uid) => isUid(uid) && transferSyntaxes.get(uid)?.coding !== 'reference',
  )
  // The sort is stable: of equals the one that was proposed first.
  return usable.toSorted((a, b) => rank(a) - rank(b))[0] ?? null
}

/** Chooses for a service that reads the data set itself. */
export function chooseForReading(proposed: readonly string[]): string | null {
  const native = [explicitLittle, implicitLittle, explicitBig]
  return native.find((uid) => proposed.includes(uid)) ?? null
}

/** Every proposed context gets exactly one answer, in the order of the request. */
export function negotiate<Service extends Serves>(
  request: AssociateRequest,
  services: readonly Service[],
  maxPduBytes: number,
): Negotiated<Service> {
  const answers: AnsweredContext[] = []
  const contexts = new Map<number, AcceptedContext<Service>>()
  const refused: RefusedContext[] = []
  for (const { id, abstractSyntax, transferSyntaxes: proposed } of request.contexts) {
    const service = services.find((one) => one.serves(abstractSyntax))
    const chosen = service?.choose(proposed) ?? null
    if (service !== undefined && chosen !== null) {
      answers.push({ id, result: 'accepted', transferSyntax: chosen })
      contexts.set(id, { id, abstractSyntax, transferSyntax: chosen, service })
      continue
    }
    const result =
      service === undefined ? 'abstract-syntax-not-supported' : 'transfer-syntaxes-not-supported'
    answers.push({ id, result, transferSyntax: proposed.find(isUid) ?? implicitLittle })
    refused.push({ abstractSyntax, result })
  }
  const { calledAe, callingAe, user } = request
  return {
    accept: {
      calledAe,
      callingAe,
      contexts: answers,
      user: {
        maxPduBytes,
        implementationClassUid,
        implementationVersion,
        // One at a time: a peer that pipelines all the same waits in its own socket.
        asyncWindow: user.asyncWindow === null ? null : { invoked: 1, performed: 1 },
        roles: answerRoles(user.roles, [...contexts.values()]),
        identity: null,
        identityAnswer: user.identity?.wantsAnswer === true ? new Uint8Array() : null,
      },
    },
    contexts,
    refused,
  }
}

/**
 * The peer may ask as it proposed; it may provide only what we came to it for before. One answer a
 * class, and only for classes that were accepted.
 */
function answerRoles(
  proposed: readonly Role[],
  contexts: readonly AcceptedContext<Serves>[],
): readonly Role[] {
  const provides = new Map(
    contexts.map(({ abstractSyntax, service }) => [abstractSyntax, service.peerProvides === true]),
  )
  return proposed.flatMap(({ sopClassUid, scu, scp }) => {
    const provided = provides.get(sopClassUid)
    if (provided === undefined) return []
    provides.delete(sopClassUid)
    return [{ sopClassUid, scu: scu && !provided, scp: scp && provided }]
  })
}
