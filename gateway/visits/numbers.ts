/**
 * Numbers that the van gives: of chance, not counted. A counter would have to survive a new
 * journal, a new card and a disk that lost what it had confirmed, and a date a clock that jumps;
 * giving a number twice would mix up two persons. After a million numbers the chance that any two
 * were the same is below one in fifty thousand, and those that are still known are compared
 * besides.
 */
import { newUid } from '../../protocols/dicom/new-uid.ts'
import { uuidV7 } from '../../protocols/packet/epoch.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import { visitsTrouble } from '../errors/visits.ts'

/** Crockford's: without I, L, O and U, which are read as something else. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** What an SH of DICOM and the patient ids of most modalities hold. */
export const numberCharactersMax = 16
const tagCharactersMax = 4
const triesMax = 8

/** `van-02` is V02: who reads a number sees where it was given. */
export function tagOf(van: string): string {
  const plain = van.toUpperCase().replaceAll('-', '')
  const digits = /\d{0,3}$/.exec(plain)?.[0] ?? ''
  if (digits === '') return plain.slice(0, tagCharactersMax) || 'VAN'
  const letter = /^[A-Z]?/.exec(plain)?.[0] ?? ''
  return `${letter}${digits}`
}

export class Numbers {
  readonly #tag: string
  readonly #clock: Pick<Clock, 'wallMs'>
  readonly #random: Random

  constructor(van: string, clock: Pick<Clock, 'wallMs'>, random: Random) {
    this.#tag = tagOf(van)
    this.#clock = clock
    this.#random = random
  }

  token(): string {
    return uuidV7(this.#clock.wallMs(), this.#random.bytes(10))
  }

  studyUid(): string {
    return newUid(this.#random.bytes(16))
  }

  /** `V02-7KQ4XM09ZTR3`. */
  patientId(isTaken: (number: string) => boolean): string {
    return this.#fresh(`${this.#tag}-`, isTaken)
  }

  /** `V027KQ4XM09ZTR3W`. */
  accession(isTaken: (number: string) => boolean): string {
    return this.#fresh(this.#tag, isTaken)
  }

  #fresh(prefix: string, isTaken: (number: string) => boolean): string {
    for (let tries = 0; tries < triesMax; tries++) {
      const count = numberCharactersMax - prefix.length
      const chosen = Array.from(
        { length: count },
        () => letters[this.#random.below(letters.length)],
      )
      const number = `${prefix}${chosen.join('')}`
      if (!isTaken(number)) return number
    }
    throw visitsTrouble('visits-numbers-ran-out')
  }
}
