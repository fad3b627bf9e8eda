/**
 * What one dialogue with a device has said, and what the device may be told of it. A device that
 * keeps its results until they are acknowledged says them again otherwise: neither must they be
 * stored twice, nor be acknowledged when they are not stored.
 */
import type { KnownResults } from './known-results.ts'
import type { Handed, Outbox } from './outbox.ts'
import type { Repeats } from './repeats.ts'
import type { Item } from './said-items.ts'

/** Longer than the journal ever takes; a device that waits has given up by then. */
export const commitLimitMs = 15_000

/** Of what is stored, so much is remembered: a whole message has less. */
const rememberedMax = 256

export interface ConversationParts {
  readonly device: string
  readonly outbox: Outbox
  /** Of the device: what it says again comes in another dialogue, perhaps. */
  readonly repeats: Repeats
  readonly known: KnownResults
}

/** Without an item when it was stored before, or by another dialogue. */
type Said = Pick<Handed, 'state'> & { readonly item?: Item }

export class Conversation {
  readonly #parts: ConversationParts
  /** As the device has told; null before. */
  #serialNumber: string | null = null
  /** Since the last commit. */
  #said: Said[] = []
  #tidyAt = 2 * rememberedMax

  constructor(parts: ConversationParts) {
    this.#parts = parts
  }

  /** Two devices of a kind may take turns at one place. */
  identified(serialNumber: string | null): void {
    this.#serialNumber = serialNumber
  }

  /** False when it is stored already, and was only said again. */
  say(item: Item): boolean {
    if (this.#said.length >= this.#tidyAt) this.#tidy()
    const { device, known, outbox, repeats } = this.#parts
    const key = known.keyOf(device, this.#serialNumber, item)
    const before = key === null ? null : known.find(key)
    if (before !== null) {
      this.#said.push(before)
      return false
    }
    if (repeats.takes(item)) {
      this.#said.push({ item, state: 'stored' })
      return false
    }
    const handed = outbox.add(item, key === null ? null : () => known.stored(key))
    if (key !== null) known.handed(key, handed)
    this.#said.push(handed)
    return true
  }

  /**
   * Resolves with true when everything that was said is on the disk. With false, the device must
   * keep what it said since the last commit, and says it again: of that, what is not on the disk is
   * withdrawn, and what is there already is not stored again when it comes. So it is too when
   * `isHeard` says at the end that nobody waits for the answer any more.
   */
  async commit(isHeard: () => boolean): Promise<boolean> {
    const said = this.#said
    this.#said = []
    this.#tidyAt = 2 * rememberedMax
    const { outbox, repeats } = this.#parts
    await outbox.answered(said, commitLimitMs)
    const isStored = said.every(({ state }) => state === 'stored')
    if (isStored && isHeard()) return true
    for (const { item, state } of said) if (state === 'stored' && item) repeats.expect(item)
    outbox.withdraw(said, (item) => repeats.expect(item))
    return isStored
  }

  /** Most devices wait for no acknowledgement: what they said is forgotten once it is stored. */
  #tidy(): void {
    const recent = this.#said.length - rememberedMax
    this.#said = this.#said.filter(({ state }, index) => state !== 'stored' || index >= recent)
    this.#tidyAt = this.#said.length + rememberedMax
  }
}
