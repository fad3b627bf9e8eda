/**
 * The way of large objects into the journal. A file gets its name at once; then its bytes and that
 * name are brought to the disk, beside the thread where that is possible, so that readings need not
 * wait for a long file; and only when they are there does a row name it. A cut before that leaves a
 * file without a row, which the next start removes: nobody was told that it was kept.
 */
import type { Trouble } from '../errors/trouble.ts'
import { troubleOf } from './failures.ts'
import type { AdoptionOrder, JournalStore } from './store.ts'

export interface AdoptingParts {
  readonly store: Pick<JournalStore, 'place' | 'adopt' | 'giveBack'>
  /** Does one step of the store, and makes a `Trouble` of what fails in it. */
  readonly step: <T>(work: () => T) => T
  /** Commits what waits to be stored. */
  readonly flush: () => void
  /** In this thread. */
  readonly sync: (path: string) => void
  /** Resolves when the bytes of the files, and the names in the folders, are on the disk. */
  readonly syncAside: (paths: readonly string[]) => Promise<void>
}

/** Images that share a commit at the most, and their chunks, each of which is a row. */
const togetherMax = 32
const chunksTogetherMax = 2_048

interface Entry {
  readonly order: AdoptionOrder
  readonly done: (status: 'stored' | 'already') => void
  readonly refused: (error: Trouble) => void
}

export class Adopting {
  readonly #parts: AdoptingParts
  /** In the order in which they came. */
  #waiting: Entry[] = []
  /** Has its name, and is not on the disk yet, with what is still to be brought there. */
  readonly #placed = new Map<Entry, readonly string[]>()
  #ready: Entry[] = []
  /** Objects that are under way: the next of the same has to wait until it is known. */
  readonly #underWay = new Set<string>()

  constructor(parts: AdoptingParts) {
    this.#parts = parts
  }

  add(order: AdoptionOrder): Promise<'stored' | 'already'> {
    return new Promise((done, refused) => {
      this.#waiting.push({ order, done, refused })
      // After whoever runs now has finished, so that what came in one go shares a commit.
      if (this.#waiting.length === 1) queueMicrotask(() => this.#place())
    })
  }

  /** Everything that was added is decided when this returns: it waits for the disk itself. */
  finish(): void {
    do {
      this.#place()
      for (const [entry, paths] of this.#placed) {
        this.#settled(entry, () => {
          for (const path of paths) this.#parts.sync(path)
        })
      }
      this.#commit()
    } while (this.#waiting.length > 0)
  }

  #place(): void {
    const { store, step, syncAside } = this.#parts
    const waiting = this.#waiting
    this.#waiting = []
    for (const entry of waiting) {
      const { sha256 } = entry.order.file
      if (this.#underWay.has(sha256)) {
        this.#waiting.push(entry)
        continue
      }
      try {
        const paths = step(() => store.place(entry.order))
        this.#underWay.add(sha256)
        this.#placed.set(entry, paths)
        if (paths.length === 0) {
          this.#settled(entry, () => {})
          continue
        }
        syncAside(paths).then(
          () => this.#settled(entry, () => {}),
          (error: unknown) =>
            this.#settled(entry, () => {
              throw error
            }),
        )
      } catch (error) {
        entry.refused(troubleOf(error))
      }
    }
  }

  /** Does what is left to be done, and does nothing when that was done before. */
  #settled(entry: Entry, rest: () => void): void {
    if (!this.#placed.delete(entry)) return
    try {
      this.#parts.step(rest)
    } catch (error) {
      this.#parts.store.giveBack(entry.order)
      this.#underWay.delete(entry.order.file.sha256)
      entry.refused(troubleOf(error))
      this.#placeRest()
      return
    }
    this.#ready.push(entry)
    if (this.#ready.length === 1) queueMicrotask(() => this.#commit())
  }

  #commit(): void {
    const ready = this.#ready
    this.#ready = []
    if (ready.length === 0) return
    this.#parts.flush()
    for (const group of groupsOf(ready)) this.#adopt(group)
    for (const { order } of ready) this.#underWay.delete(order.file.sha256)
    this.#placeRest()
  }

  #placeRest(): void {
    if (this.#waiting.length > 0) queueMicrotask(() => this.#place())
  }

  /** When the room is not enough for all of them, each says for itself whether it is for it. */
  #adopt(group: readonly Entry[]): void {
    const { store, step } = this.#parts
    try {
      const statuses = step(() => store.adopt(group.map(({ order }) => order)))
      for (const [index, { done }] of group.entries()) done(statuses[index] ?? 'stored')
    } catch (error) {
      const trouble = troubleOf(error)
      if (group.length > 1 && trouble.code === 'journal-full') {
        for (const one of group) this.#adopt([one])
      } else {
        for (const { refused } of group) refused(trouble)
      }
    }
  }
}

/** Images that share a commit. What is no image waits its turn. */
function* groupsOf(ready: readonly Entry[]): Generator<readonly Entry[]> {
  let group: Entry[] = []
  let chunks = 0
  for (const one of ready) {
    const { prepared, file } = one.order
    const count = 'digests' in file ? file.digests.length : 0
    const isAlone = prepared.record.kind !== 'image'
    const isFull = group.length >= togetherMax || chunks + count > chunksTogetherMax
    if (group.length > 0 && (isAlone || isFull)) {
      yield group
      group = []
      chunks = 0
    }
    group.push(one)
    chunks += isAlone ? chunksTogetherMax : count
  }
  if (group.length > 0) yield group
}
