/**
 * What a peer's answer to a stored image means for the image. Source: PS3.4 annex B.2.3, PS3.7
 * annex C.
 */
import type { StowVerdict } from '../../protocols/dicomweb/stow.ts'
import type { ParkedReason } from './reasons.ts'

/** `said`: exactly what the peer said, for whoever looks at the queue. Not for logs. */
export type Outcome =
  /** The peer says that it has it. Believed after a proof. */
  | { readonly kind: 'stored'; readonly said: string }
  /** Later it may work: tried again for ever. `whole`: the peer has no room for anything now. */
  | { readonly kind: 'later'; readonly said: string; readonly whole: boolean }
  /** Tried once more, then parked. */
  | { readonly kind: 'refused'; readonly said: string; readonly reason: ParkedReason }
  /** Parked at once: trying again cannot help. */
  | { readonly kind: 'parked'; readonly said: string; readonly reason: ParkedReason }

const success = 0x0000
const duplicate = 0x0111
const processingFailure = 0x0110
const resourceLimitation = 0x0213

export function hex(status: number): string {
  return status.toString(16).padStart(4, '0').toUpperCase()
}

/** A duplicate counts as stored because the proof that follows looks whether it is there. */
export function storeOutcome(status: number | null, comment: string | null): Outcome {
  if (status === null) return { kind: 'refused', said: 'no status', reason: 'refused' }
  const said = comment === null ? hex(status) : `${hex(status)} ${comment}`
  if (status === success || status === duplicate || isWarning(status)) {
    return { kind: 'stored', said }
  }
  const isFull = status >>> 8 === 0xa7 || status === resourceLimitation
  if (isFull || status === processingFailure) return { kind: 'later', said, whole: isFull }
  return { kind: 'refused', said, reason: 'refused' }
}

/** Stored, with a remark: coercion, elements discarded, another class. */
export function isWarning(status: number): boolean {
  return status >>> 12 === 0xb || status === 0x0001 || status === 0x0107 || status === 0x0116
}

/** Something is wrong with the way to the server or with us, not with this image. */
export interface ServerTrouble {
  readonly kind: 'trouble'
  readonly said: string
}

export function stowOutcome(http: number, verdict: StowVerdict): Outcome | ServerTrouble {
  const said = `HTTP ${http}`
  if (http === 408 || http === 429 || http >= 500) return { kind: 'later', said, whole: true }
  if (http === 401 || http === 403 || http === 404 || http === 405 || (http >= 300 && http < 400)) {
    return { kind: 'trouble', said }
  }
  if (http === 413) return { kind: 'parked', said, reason: 'too-large' }
  if (verdict.kind === 'failed') {
    const { reason } = verdict
    // A failure that calls itself success is no success.
    const outcome = storeOutcome(reason === success ? null : reason, null)
    return { ...outcome, said: `${said}, failure reason ${reason === null ? 'none' : hex(reason)}` }
  }
  if (verdict.kind === 'stored') {
    const { warning } = verdict
    return { kind: 'stored', said: warning === null ? said : `${said}, warning ${hex(warning)}` }
  }
  // Neither here nor there: whether it is stored, the server is asked.
  if (http === 200 || http === 202) {
    return { kind: 'stored', said: `${said}, the answer does not name the instance` }
  }
  if (http === 415) return { kind: 'refused', said, reason: 'syntax-refused' }
  return { kind: 'refused', said, reason: 'refused' }
}
