import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { failingDatabase, OperationFailed } from '../testing/failing-database.ts'
import {
  arrivals,
  ask,
  openStore,
  pulseStream,
  rangesOf,
  receiptsOf,
  shuffled,
  testWallMs,
  verifyAll,
} from '../testing/landing.ts'
import { openPrepared } from '../testing/prepared-database.ts'
import { hexOf, image, loss, pulse, TestVan, type TestPacket } from '../testing/van.ts'
import { StoreFailed, type LandingStore } from './store.ts'

const bytes = seededRandom(3).bytes(2_500)

/** Something of everything: spot measurements, a chain, an object, a loss, rubbish, repetitions. */
function everything(van: TestVan): TestPacket[] {
  const packets = [
    ...van.pulses(pulseStream, 3, { signed: true }),
    ...van.pulses('oxi-2/measurement', 5),
    van.records('oxi-2/measurement', [pulse(9_000, 61)], { signed: true }),
    van.records('xray-1/image', [image(500, bytes, 1_000)]),
    ...van.chunks('xray-1', bytes, 1_000),
    van.records('van/losses', [loss(van.epoch, 'ecg-1/waveform', 0, 4)]),
  ]
  return [...packets, { ...packets[0]!, bytes: Uint8Array.of(1, 2, 3) }, packets[4]!, packets[5]!]
}

function work(store: LandingStore, packets: readonly TestPacket[]): void {
  for (let at = 0; at < packets.length; at += 4) store.commit(arrivals(packets.slice(at, at + 4)))
  verifyAll(store)
}

/** What must be true of the database whenever nobody is in the middle of a transaction. */
function checkInside(t: Test, folder: string, about: string): void {
  const odd = ask(
    folder,
    `SELECT 'records', p.id FROM packet p JOIN stream s ON s.id = p.stream_id
       WHERE s.stream LIKE '%/measurement'
       AND (SELECT count(*) FROM measurement m WHERE m.packet_id = p.id) <> 1
     UNION ALL SELECT 'counted', s.id FROM stream s
       WHERE s.packets <> (SELECT count(*) FROM packet p WHERE p.stream_id = s.id)
     UNION ALL SELECT 'chunk', c.packet_id FROM chunk c
       WHERE NOT EXISTS (SELECT 1 FROM packet p WHERE p.id = c.packet_id)`,
  )
  if (odd.length > 0) t.strictSame(odd, [], about)
}

function checkComplete(t: Test, store: LandingStore, van: TestVan, about: string): void {
  const found = [pulseStream, 'oxi-2/measurement', 'xray-1/object', 'van/losses'].map((stream) =>
    receiptsOf(store, van, stream),
  )
  const wanted = [2, 5, 2, 0].map((to) => [{ from: 0, to }])
  const whole = store.objectPath(hexOf(bytes)) !== null
  if (!whole || JSON.stringify(found) !== JSON.stringify(wanted))
    t.strictSame([whole, found], [true, wanted], about)
}

for (const code of ['SQLITE_FULL', 'SQLITE_CONSTRAINT']) {
  t.test(`faults: any one database operation may fail with ${code}`, async (t) => {
    const root = t.testdir()
    const van = new TestVan('van-02')
    const packets = everything(van)
    let failures = 0
    for (let failAt = 1; ; failAt++) {
      const folder = join(root, String(failAt))
      mkdirSync(folder)
      let left = failAt
      const database = (path: string) =>
        failingDatabase(openPrepared(path), () => {
          left -= 1
          if (left === 0) throw new OperationFailed(code)
        })
      const store = twice(() => openStore(folder, van, { database }))
      for (const batch of [packets.slice(0, 8), packets.slice(8)]) {
        // What fails as a whole is tried once more, as the landing does after a pause.
        twice(() => store.commit(arrivals(batch)))
        checkInside(t, folder, `after operation ${failAt}`)
      }
      twice(() => verifyAll(store))
      const failed = left <= 0
      left = Infinity
      // What was put into quarantine because it alone failed comes again from the van.
      store.commit(arrivals(packets))
      verifyAll(store)
      checkInside(t, folder, `operation ${failAt}`)
      checkComplete(t, store, van, `operation ${failAt}`)
      store.close()
      if (!failed) break
      failures += 1
    }
    t.ok(failures > 100, `${failures} failures`)
  })
}

function twice<T>(work: () => T): T {
  try {
    return work()
  } catch (err) {
    if (!isOnPurpose(err)) throw err
    return work()
  }
}

function isOnPurpose(err: unknown): boolean {
  return err instanceof OperationFailed || (err instanceof StoreFailed && isOnPurpose(err.cause))
}

t.test('faults: killed between any two commits, every receipt stays true', async (t) => {
  const van = new TestVan('van-02')
  const random = seededRandom(11)
  const packets = shuffled([...everything(van), ...van.pulses('oxi-3/measurement', 60)], random)
  const folder = t.testdir({ live: {} })
  const live = join(folder, 'live')
  const store = openStore(live, van)
  const pending = [...packets]
  for (let crash = 0; pending.length > 0; crash++) {
    store.commit(arrivals(pending.splice(0, 1 + random.below(5))))
    const promised = receiptsOf(store, van, 'oxi-3/measurement')
    // Killed before the receipt was sent: the files are as they are, and nobody said goodbye.
    const copy = join(folder, `crash-${crash}`)
    cpSync(live, copy, { recursive: true })
    const again = openStore(copy, van)
    t.strictSame(receiptsOf(again, van, 'oxi-3/measurement'), promised)
    work(again, packets)
    t.strictSame(rangesOf(again, van, 'oxi-3/measurement'), [{ from: 0, to: 59 }])
    checkInside(t, copy, `crash ${crash}`)
    checkComplete(t, again, van, `crash ${crash}`)
    again.close()
    t.strictSame(ask(copy, `SELECT count(*) FROM measurement WHERE device = 'oxi-3'`), [[60]])
  }
  store.close()
})

t.test('faults: when the database stays broken, nothing is promised', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  let left = Infinity
  const database = (path: string) =>
    failingDatabase(openPrepared(path), () => {
      left -= 1
      if (left < 0) throw new OperationFailed('SQLITE_IOERR_FSYNC')
    })
  const store = openStore(folder, van, { database })
  const packets = van.pulses(pulseStream, 4)
  store.commit(arrivals(packets.slice(0, 2)))
  // The transaction begins and stores, and neither its commit nor its rollback comes through.
  left = 8
  t.throws(() => store.commit(arrivals(packets.slice(2))), StoreFailed)
  t.throws(() => store.commit(arrivals(packets.slice(2))), StoreFailed)
  t.throws(() => store.introduce('van-02', new TestVan('van-02').publicKey, testWallMs))
  t.throws(() => store.streams, 'memory that cannot be checked is not shown')
  left = Infinity
  t.strictSame(receiptsOf(store, van, pulseStream), [{ from: 0, to: 1 }])
  t.strictSame(store.commit(arrivals(packets.slice(2))).stored, 2)
  t.strictSame(receiptsOf(store, van, pulseStream), [{ from: 0, to: 3 }])
  store.close()
})
