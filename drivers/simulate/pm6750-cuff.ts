/** The cuff of a simulated PM6750: it is started by a person at the module, never by a command. */
import type { NibpNumbers, NibpState, Pm6750Packet } from '../../protocols/berrymed/packet.ts'
import type { Random } from '../../protocols/world/random.ts'
import { pressureOf } from './distinct.ts'

/** Twice a second, as the protocol says. */
const sayEveryMs = 500
const topMmHg = 200
const bottomMmHg = 60
const upMmHg = 20
const downMmHg = 4
/** How often the result is repeated. It counts once. */
const repeats = 3

export class Cuff {
  readonly #everyMs: number
  #number: number
  #waitMs: number
  #sinceSaidMs = 0
  #state: { readonly phase: 'rest' | 'up' | 'down' | 'done'; readonly step: number } = {
    phase: 'rest',
    step: 0,
  }

  constructor(everyMs: number, random: Random) {
    this.#everyMs = everyMs
    this.#waitMs = everyMs
    // No pulse is said, so 3,200 results differ: it begins anywhere among them.
    this.#number = random.below(3_200)
  }

  tick(ms: number): readonly Pm6750Packet[] {
    if (this.#state.phase === 'rest') {
      this.#waitMs -= ms
      if (this.#waitMs > 0) return []
      this.#state = { phase: 'up', step: 0 }
    }
    this.#sinceSaidMs += ms
    if (this.#sinceSaidMs < sayEveryMs) return []
    this.#sinceSaidMs = 0
    return [this.#say()]
  }

  #say(): NibpNumbers {
    const { phase, step } = this.#state
    if (phase === 'done') {
      const said = numbers('done', 0, this.#number)
      if (step + 1 < repeats) this.#state = { phase, step: step + 1 }
      else this.#rest()
      return said
    }
    const cuffMmHg = phase === 'up' ? step * upMmHg : topMmHg - step * downMmHg
    const isEnd = phase === 'up' ? cuffMmHg >= topMmHg : cuffMmHg <= bottomMmHg
    const next = phase === 'up' ? 'down' : 'done'
    this.#state = isEnd ? { phase: next, step: 0 } : { phase, step: step + 1 }
    return numbers('measuring', cuffMmHg, null)
  }

  #rest(): void {
    this.#state = { phase: 'rest', step: 0 }
    this.#waitMs = this.#everyMs
    this.#number++
  }
}

function numbers(state: NibpState, cuffMmHg: number, number: number | null): NibpNumbers {
  const pressure = number === null ? null : pressureOf(number)
  return {
    kind: 'nibp',
    patient: 'adult',
    state,
    cuffMmHg,
    systolicMmHg: pressure?.systolicMmHg ?? null,
    meanMmHg: pressure?.meanMmHg ?? null,
    diastolicMmHg: pressure?.diastolicMmHg ?? null,
  }
}
