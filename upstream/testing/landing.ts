/** Small things that the tests of the landing share. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { receiptRangesMax, type SeqRange } from '../../protocols/packet/messages.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Arrival } from '../landing/judge.ts'
import { LandingStore, type StoreOptions } from '../landing/store.ts'
import { receiptRanges } from '../landing/streams.ts'
import { openPrepared } from './prepared-database.ts'
import type { TestPacket, TestVan } from './van.ts'

export const testWallMs = 1_800_000_000_000
export const pulseStream = 'oxi-1/measurement'

export function arrivals(packets: readonly TestPacket[]): Arrival[] {
  return packets.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: testWallMs }))
}

export function openStore(
  folder: string,
  van: TestVan,
  more: Partial<StoreOptions> = {},
): LandingStore {
  return new LandingStore({
    folder,
    trust: van.trust,
    trustOnFirstUse: false,
    database: openPrepared,
    ...more,
  })
}

export function rangesOf(store: LandingStore, van: TestVan, stream: string): readonly SeqRange[] {
  return store.streams.find(van.van, van.epoch, stream)?.received.ranges() ?? []
}

/** What a receipt would say. */
export function receiptsOf(store: LandingStore, van: TestVan, stream: string): readonly SeqRange[] {
  const state = store.streams.find(van.van, van.epoch, stream)
  return state === undefined ? [] : receiptRanges(state, receiptRangesMax)
}

export function verifyAll(store: LandingStore): void {
  while (store.objects.waiting) store.verifyObjects(testWallMs, () => {})
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items]
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    const [a, b] = [mixed[at], mixed[other]]
    if (a === undefined || b === undefined) continue
    mixed[at] = b
    mixed[other] = a
  }
  return mixed
}

/** Asks the database itself, beside the store. Rows as lists of their columns. */
export function ask(folder: string, sql: string, ...values: readonly unknown[]): unknown[][] {
  const database = new Database(join(folder, 'landing.db'), { readonly: true })
  try {
    return database
      .prepare<unknown[], unknown[]>(sql)
      .raw()
      .all(...values)
  } finally {
    database.close()
  }
}
