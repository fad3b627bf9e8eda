/** The door: claiming the gateway once, signing in, signing out. */
import type { Clock } from '../../protocols/world/clock.ts'
import { pageTrouble } from '../errors/page.ts'
import { Attempts } from './attempts.ts'
import {
  isClaimCode,
  isFitPassphrase,
  isPassphrase,
  makeOwner,
  passphraseLengthMax,
  passphraseLengthMin,
  readClaimCode,
  readOwner,
  writeOwner,
  type Owner,
} from './owner.ts'
import { Sessions } from './sessions.ts'
import type { Claim, SignIn } from './wire.ts'

export interface EntranceOptions {
  readonly clock: Clock
  /** Where the owner is kept. */
  readonly folder: string
  /** Printed on the label of this box; null makes a code at the first start and keeps it. */
  readonly claimCode: string | null
}

/** Each costs 32 MiB while it runs. */
const derivationsMax = 2

export class Entrance {
  readonly #folder: string
  readonly #claimCode: string
  readonly #sessions: Sessions
  readonly #attempts: Attempts
  #owner: Owner | null
  #derivations = 0

  private constructor(options: EntranceOptions, claimCode: string, owner: Owner | null) {
    this.#folder = options.folder
    this.#claimCode = claimCode
    this.#owner = owner
    this.#sessions = new Sessions(options.clock)
    this.#attempts = new Attempts(options.clock)
  }

  /** Rejects with a `Trouble` when the owner's file is damaged. */
  static async open(options: EntranceOptions): Promise<Entrance> {
    const owner = await readOwner(options.folder)
    const claimCode = options.claimCode ?? (await readClaimCode(options.folder))
    return new Entrance(options, claimCode, owner)
  }

  get owner(): Owner | null {
    return this.#owner
  }

  /** null once the gateway is claimed. */
  get claimCode(): string | null {
    return this.#owner === null ? this.#claimCode : null
  }

  isOpen(token: string | null): boolean {
    return this.#sessions.isOpen(token)
  }

  /** Returns the token of a new session. The owner is on the disk by then. */
  async claim({ code, passphrase, language }: Claim, address: string): Promise<string> {
    if (this.#owner !== null) throw pageTrouble('page-claimed-already')
    await this.#guess(address, 'page-wrong-code', async () => isClaimCode(this.#claimCode, code))
    if (!isFitPassphrase(passphrase, this.#claimCode)) {
      throw pageTrouble('page-weak-passphrase', {
        minimum: passphraseLengthMin,
        maximum: passphraseLengthMax,
      })
    }
    const owner = await this.#derive(() => makeOwner(passphrase, language))
    if (!(await writeOwner(this.#folder, owner))) {
      this.#owner = await readOwner(this.#folder)
      throw pageTrouble('page-claimed-already')
    }
    this.#owner = owner
    return this.#sessions.begin()
  }

  /** Returns the token of a new session. */
  async signIn({ passphrase }: SignIn, address: string): Promise<string> {
    const owner = this.#owner
    if (owner === null) throw pageTrouble('page-not-claimed')
    await this.#guess(address, 'page-wrong-passphrase', () =>
      this.#derive(() => isPassphrase(owner, passphrase)),
    )
    return this.#sessions.begin()
  }

  signOut(token: string): void {
    this.#sessions.end(token)
  }

  async #guess(
    address: string,
    wrong: 'page-wrong-code' | 'page-wrong-passphrase',
    isRight: () => Promise<boolean>,
  ): Promise<void> {
    const attempt = this.#attempts.attempt(address)
    if (attempt.kind === 'wait') {
      throw pageTrouble('page-too-many-attempts', { seconds: attempt.seconds })
    }
    if (!(await isRight())) throw pageTrouble(wrong)
    attempt.succeeded()
  }

  async #derive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#derivations >= derivationsMax) {
      throw pageTrouble('page-too-many-attempts', { seconds: 1 })
    }
    this.#derivations += 1
    try {
      return await work()
    } finally {
      this.#derivations -= 1
    }
  }
}
