/** What the evidence comes to: one driver, several that may be, or none. */
import type { Driver } from '../../../drivers/driver.ts'
import type { Identity } from './trial.ts'

export interface Candidate {
  readonly driver: Driver
  readonly packets: number
  readonly noiseBytes: number
  /** Of evidence: see evidence.ts. */
  readonly bits: number
  readonly isChecked: boolean
  readonly priorBits: number
  readonly identity: Identity | null
  /** It was asked: what was heard is its answer. */
  readonly isAsked: boolean
}

export interface Found {
  readonly best: Candidate
  /** Those that are about as likely, the likelier first. */
  readonly alternatives: readonly Candidate[]
  /**
   * Nobody need be asked: no other matches, check sums were right, and the driver sends nothing
   * that a person must have chosen.
   */
  readonly isSure: boolean
}

/** Below it is chance: one in 2^64 by the bound of evidence.ts. */
const foundBitsMin = 64
const sureBitsMin = 128
/** Who understands so much of what the best understands, is an alternative. */
const alternativeShare = 0.6
/** Within this the plug decides. */
const equalShare = 0.9

/** null: nobody understands enough. */
export function verdictOf(candidates: readonly Candidate[]): Found | null {
  const likely = candidates.filter(({ bits }) => bits >= foundBitsMin)
  const most = Math.max(...likely.map(({ bits }) => bits))
  const isEqual = ({ bits }: Candidate): boolean => bits >= equalShare * most
  const [best, ...alternatives] = likely
    .filter(({ bits }) => bits >= alternativeShare * most)
    .sort(
      (one, other) =>
        Number(isEqual(other)) - Number(isEqual(one)) ||
        // Others may read the answer as well, but this one knew the question.
        Number(other.isAsked) - Number(one.isAsked) ||
        other.priorBits - one.priorBits ||
        other.bits - one.bits,
    )
  if (best === undefined) return null
  const isSure =
    alternatives.length === 0 &&
    best.isChecked &&
    best.bits >= sureBitsMin &&
    best.driver.asks !== 'only-when-chosen' &&
    // Whoever answered a knock speaks its protocol, as many do.
    !(best.isAsked && best.driver.asks === 'nothing')
  return { best, alternatives, isSure }
}

/** Whether there is any use in measuring the evidence: even its bound is too low otherwise. */
export function mayMatter(heardBytes: number, noiseBytes: number): boolean {
  return 8 * (heardBytes - noiseBytes) - 3 * noiseBytes >= foundBitsMin
}
