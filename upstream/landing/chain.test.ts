import { join } from 'node:path'
import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { arrivals, ask, openStore, pulseStream, shuffled, testWallMs } from '../testing/landing.ts'
import { pulse, TestVan, type TestPacket } from '../testing/van.ts'
import { chainStepsMost } from './chain.ts'

/** Signed at 0, 10, 20 … as a van does every so often. */
function chained(van: TestVan, count: number, value = 60): TestPacket[] {
  return Array.from({ length: count }, (_, seq) =>
    van.records(pulseStream, [pulse(seq * 1000, value)], { signed: seq % 10 === 0 }),
  )
}

function proofs(folder: string): string {
  return ask(folder, 'SELECT proof FROM packet ORDER BY seq')
    .map(([proof]) => String(proof)[0])
    .join('')
}

for (const seed of [1, 2, 3, 4, 5]) {
  t.test(`chain: proven whatever the order of arrival (seed ${seed})`, async (t) => {
    const folder = t.testdir()
    const van = new TestVan('van-02')
    const random = seededRandom(seed)
    const sent = shuffled(chained(van, 45), random)
    let store = openStore(folder, van)
    while (sent.length > 0) {
      store.commit(arrivals(sent.splice(0, 1 + random.below(6))))
      if (random.below(3) > 0) continue
      store.close()
      store = openStore(folder, van)
    }
    store.close()
    t.equal(proofs(folder), `${'scccccccccs'.repeat(4).replaceAll('ss', 's')}pppp`)
    t.strictSame(ask(folder, 'SELECT code FROM alarm'), [])
  })
}

t.test('chain: a forged packet is found when the signature above it comes', async (t) => {
  const root = t.testdir({ late: {}, early: {} })
  const van = new TestVan('van-02')
  const packets = chained(van, 11)
  const forged = chained(new TestVan('van-02'), 11, 99)[5]!
  const mixed = packets.map((packet) => (packet.header.seq === 5 ? forged : packet))
  const late = [...mixed.slice(0, 5), ...mixed.slice(6), forged]
  for (const [name, sent] of Object.entries({ early: mixed, late })) {
    const folder = join(root, name)
    const store = openStore(folder, van)
    store.commit(arrivals(sent))
    store.close()
    t.equal(proofs(folder), 'spppppccccs', 'what lies below the break is vouched for by nobody')
    t.strictSame(ask(folder, 'SELECT code, seq FROM alarm'), [['chain-broken', 5]])
  }
})

t.test('chain: a signature that comes with a repetition is not lost', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = chained(van, 11)
  const last = packets[10]!
  const stripped = van.withoutSignature(last)
  const store = openStore(folder, van)
  store.commit(arrivals([...packets.slice(0, 10), stripped]))
  t.equal(proofs(folder), 'spppppppppp')
  store.commit(arrivals([last]))
  store.close()
  t.equal(proofs(folder), 'scccccccccs')
})

t.test('chain: a very long run is followed in pieces, also over a restart', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const count = chainStepsMost * 2 + 100
  const packets = van.pulses(pulseStream, count)
  const last = van.records(pulseStream, [pulse(count * 1000, 60)], { signed: true })
  let store = openStore(folder, van)
  for (let at = 0; at < count; at += 500) store.commit(arrivals(packets.slice(at, at + 500)))
  store.commit(arrivals([last]))
  const pending = `SELECT count(*) FROM packet WHERE proof = 'pending'`
  t.strictSame(ask(folder, pending), [[chainStepsMost + 99]])
  store.close()
  store = openStore(folder, van)
  t.equal(store.continueChains(testWallMs), true)
  t.strictSame(ask(folder, pending), [[99]])
  t.equal(store.continueChains(testWallMs), true)
  t.strictSame(ask(folder, pending), [[0]])
  t.equal(store.continueChains(testWallMs), false)
  store.close()
})
