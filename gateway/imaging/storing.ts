/**
 * The main thread's side of a store. One SOP instance UID with two contents keeps both, and says
 * so: which one is right is for a person. Stores of one instance are looked up one after the other,
 * so that two devices that send it at once do not both look new. What is on its way is looked up
 * while it comes, since its device waits for the answer from its last byte on.
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

export interface Storing {
  /** An instance has begun to come; it may never be whole. */
  readonly expect: (sopInstanceUid: string) => void
  /** Never rejects. */
  readonly store: (image: ReceivedImage) => Promise<StoreOutcome>
}

/** More than there are associations: the oldest never came whole. */
const expectedMax = 128

interface OnTheWay {
  /** What was known when it began to come. Counts for the next store of the instance alone. */
  readonly expected: Map<string, ReturnType<Keeper['known']>>
  /** The last store of each instance that is under way; as many as there are associations. */
  readonly underWay: Map<string, Promise<StoreOutcome>>
}

/** Of each keeper, whoever stores through it: a stick may bring what a device is just sending. */
const onTheWay = new WeakMap<Keeper, OnTheWay>()

function onTheWayTo(keeper: Keeper): OnTheWay {
  const before = onTheWay.get(keeper)
  if (before !== undefined) return before
  const fresh: OnTheWay = { expected: new Map(), underWay: new Map() }
  onTheWay.set(keeper, fresh)
  return fresh
}

/** Binds a keeper. */
export function storing(keeper: Keeper, hears: StoringHears): Storing {
  const { expected, underWay } = onTheWayTo(keeper)
  const store = async (image: ReceivedImage): Promise<StoreOutcome> => {
    const uid = image.image.sopInstanceUid
    const early = expected.get(uid)
    expected.delete(uid)
    try {
      const known = await (early ?? keeper.known(uid))
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
  return {
    expect(uid) {
      expected.delete(uid)
      if (underWay.has(uid)) return
      const known = keeper.known(uid)
      // Who stores it hears of a failure; nobody may.
      known.catch(() => {})
      expected.set(uid, known)
      const [oldest] = expected.keys()
      if (expected.size > expectedMax && oldest !== undefined) expected.delete(oldest)
    },
    async store(image) {
      const uid = image.image.sopInstanceUid
      const before = underWay.get(uid) ?? Promise.resolve()
      const mine = before.then(() => store(image))
      underWay.set(uid, mine)
      const outcome = await mine
      if (underWay.get(uid) === mine) underWay.delete(uid)
      return outcome
    },
  }
}

function flagged(image: ReceivedImage): ReceivedImage {
  const flags = [...image.image.flags, conflictFlag]
  return { ...image, image: { ...image.image, flags } }
}
