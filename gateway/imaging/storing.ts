/**
 * The main thread's side of a store. One SOP instance UID with two contents keeps both, and says
 * so: which one is right is for a person. Stores of one instance are looked up one after the other,
 * so that two devices that send it at once do not both look new.
 */
import { Trouble } from '../errors/trouble.ts'
import type { ReceivedImage, StoreOutcome } from './received-image.ts'

export const conflictFlag = 'uid-conflict'

export interface Keeper {
  /** SHA-256 in lower-case hex of every object that is stored under this SOP instance UID. */
  known(sopInstanceUid: string): Promise<readonly string[]>
  /**
   * Builds and stamps the record and gives both to the journal. Resolves when the journal has
   * committed it. May reject with a `Trouble`; then nothing is stored.
   */
  store(image: ReceivedImage): Promise<StoreOutcome>
}

export interface StoringHears {
  conflict(image: ReceivedImage): void
  /** The store did not come about for a reason other than room. */
  failed(error: unknown): void
}

/** Binds a keeper. Never rejects. */
export function storing(
  keeper: Keeper,
  hears: StoringHears,
): (image: ReceivedImage) => Promise<StoreOutcome> {
  /** The last store of each instance that is under way; as many as there are associations. */
  const underWay = new Map<string, Promise<StoreOutcome>>()
  const store = async (image: ReceivedImage): Promise<StoreOutcome> => {
    try {
      const known = await keeper.known(image.image.sopInstanceUid)
      const conflict = known.length > 0 && !known.includes(image.image.object.sha256)
      if (!conflict) return await keeper.store(image)
      const outcome = await keeper.store(flagged(image))
      if (outcome.status === 'stored') hears.conflict(image)
      return outcome
    } catch (error) {
      if (error instanceof Trouble && error.code === 'journal-full') return { status: 'full' }
      hears.failed(error)
      return { status: 'failed' }
    }
  }
  return async (image) => {
    const uid = image.image.sopInstanceUid
    const before = underWay.get(uid) ?? Promise.resolve()
    const mine = before.then(() => store(image))
    underWay.set(uid, mine)
    const outcome = await mine
    if (underWay.get(uid) === mine) underWay.delete(uid)
    return outcome
  }
}

function flagged(image: ReceivedImage): ReceivedImage {
  const flags = [...image.image.flags, conflictFlag]
  return { ...image, image: { ...image.image, flags } }
}
