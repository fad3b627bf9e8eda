import { readFileSync, writeFileSync, readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import {
  arrivals,
  ask,
  openStore,
  rangesOf,
  receiptsOf,
  shuffled,
  testWallMs,
  verifyAll,
} from '../testing/landing.ts'
import { PowerFiles } from '../testing/power-files.ts'
import { hexOf, image, TestVan, type TestPacket } from '../testing/van.ts'
import { wrongTimesMost } from './objects.ts'
import { LandingStore } from './store.ts'

const chunkBytes = 1_000

for (const seed of [1, 2, 3, 4, 5, 6]) {
  t.test(`objects: bit for bit, any order, doubled, with restarts (seed ${seed})`, async (t) => {
    const folder = t.testdir()
    const random = seededRandom(seed)
    const van = new TestVan('van-02')
    const files = [random.bytes(23_456), random.bytes(chunkBytes * 7), random.bytes(1)]
    const packets = files.flatMap((bytes) => [
      van.records('xray-1/image', [image(500, bytes, chunkBytes)]),
      ...van.chunks('xray-1', bytes, chunkBytes),
    ])
    const sent = shuffled([...packets, ...packets], random)
    let store = openStore(folder, van)
    while (sent.length > 0) {
      store.commit(arrivals(sent.splice(0, 1 + random.below(9))))
      if (random.below(3) === 0) verifyAll(store)
      if (random.below(4) > 0) continue
      store.close()
      store = openStore(folder, van)
    }
    verifyAll(store)
    for (const bytes of files) {
      const path = store.objectPath(hexOf(bytes))
      t.ok(path !== null && Buffer.compare(readFileSync(path), bytes) === 0)
    }
    t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to: 31 }])
    t.strictSame(
      readdirSync(join(folder, 'objects')).filter((name) => name.endsWith('.part')),
      [],
    )
    store.close()
    t.strictSame(ask(folder, 'SELECT code FROM alarm'), [])
  })
}

t.test('objects: the chunk that completes one is receipted only after its hash', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const bytes = seededRandom(7).bytes(3_500)
  const chunks = van.chunks('xray-1', bytes, chunkBytes)
  const store = openStore(folder, van)
  store.commit(arrivals(chunks))
  t.equal(store.objectPath(hexOf(bytes)), null)
  t.strictSame(rangesOf(store, van, 'xray-1/object'), [{ from: 0, to: 3 }])
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to: 2 }])
  store.close()
  const again = openStore(folder, van)
  t.strictSame(receiptsOf(again, van, 'xray-1/object'), [{ from: 0, to: 2 }])
  verifyAll(again)
  t.strictSame(receiptsOf(again, van, 'xray-1/object'), [{ from: 0, to: 3 }])
  t.ok(existsSync(again.objectPath(hexOf(bytes)) ?? ''))
  again.close()
})

function spoil(folder: string, hash: string): void {
  const path = join(folder, 'objects', `${hash}.van-02.part`)
  const content = readFileSync(path)
  content[10] = (content[10] ?? 0) ^ 1
  writeFileSync(path, content)
}

t.test('objects: one that is wrong is set aside, and its chunks are missing again', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const bytes = seededRandom(8).bytes(3_500)
  const other = seededRandom(9).bytes(1_500)
  const chunks = van.chunks('xray-1', bytes, chunkBytes)
  const others = van.chunks('xray-1', other, chunkBytes)
  const store = openStore(folder, van)
  store.commit(arrivals([...chunks, ...others]))
  spoil(folder, hexOf(bytes))
  verifyAll(store)
  t.equal(store.objectPath(hexOf(bytes)), null)
  t.ok(store.objectPath(hexOf(other)))
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 4, to: 5 }])
  t.strictSame(ask(folder, 'SELECT code, seq FROM alarm'), [['object-wrong', 0]])
  t.strictSame(readdirSync(join(folder, 'objects/wrong')), [`${hexOf(bytes)}.van-02.1`])
  store.commit(arrivals(chunks))
  verifyAll(store)
  t.strictSame(new Uint8Array(readFileSync(store.objectPath(hexOf(bytes)) ?? '')), bytes)
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to: 5 }])
  store.close()
  t.strictSame(ask(folder, 'SELECT packets FROM stream'), [[6]])
  t.strictSame(ask(folder, 'SELECT proof, count(*) FROM packet GROUP BY proof'), [
    ['pending', 5],
    ['signed', 1],
  ])
})

t.test('objects: one that stays wrong is kept as it is and asked for no more', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const bytes = seededRandom(8).bytes(2_500)
  const chunks = van.chunks('xray-1', bytes, chunkBytes)
  const store = openStore(folder, van)
  for (let time = 0; time < wrongTimesMost; time++) {
    store.commit(arrivals(chunks))
    spoil(folder, hexOf(bytes))
    verifyAll(store)
  }
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to: 2 }])
  t.strictSame(ask(folder, 'SELECT code, times FROM alarm ORDER BY code'), [
    ['object-broken', 1],
    ['object-wrong', wrongTimesMost - 1],
  ])
  t.equal(store.objectPath(hexOf(bytes)), null)
  store.close()
})

t.test('objects: other bytes at a place that is taken are kept apart', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const bytes = seededRandom(8).bytes(2_500)
  const [first] = van.chunks('xray-1', bytes, chunkBytes)
  const place = { sha256: hexOf(bytes), offset: 500, totalBytes: 2_500 }
  const chunk = (part: Uint8Array, more: object = {}): TestPacket =>
    van.seal(
      'xray-1/object',
      { kind: 'chunk', bytes: part, place: { ...place, ...more }, atMs: 0, utc: null },
      { class: 4 },
    )
  const overlapping = chunk(bytes.slice(500, 1_500))
  const lying = chunk(new Uint8Array(1_000))
  const larger = chunk(new Uint8Array(10), { totalBytes: 2_501 })
  const store = openStore(folder, van)
  const report = store.commit(arrivals([first!, overlapping, lying, larger]))
  t.match(report, { stored: 2, quarantined: 2 })
  t.strictSame(ask(folder, 'SELECT code, seq FROM alarm ORDER BY seq'), [
    ['object-disagrees', lying.header.seq],
    ['object-disagrees', larger.header.seq],
  ])
  store.close()
})

t.test('objects: no van can spoil what another one sends', async (t) => {
  const one = new TestVan('van-02')
  const two = new TestVan('van-03', '01890000-0000-7000-8000-000000000002')
  const bytes = seededRandom(8).bytes(2_500)
  const trust = new Map([...one.trust, ...two.trust])
  const store = new LandingStore({ folder: t.testdir(), trust, trustOnFirstUse: false })
  const lie = (offset: number, size: number): TestPacket =>
    two.seal(
      'xray-1/object',
      {
        kind: 'chunk',
        bytes: new Uint8Array(size),
        place: { sha256: hexOf(bytes), offset, totalBytes: 2_500 },
        atMs: 0,
        utc: null,
      },
      { class: 4 },
    )
  const chunks = one.chunks('xray-1', bytes, chunkBytes)
  store.commit(arrivals([lie(0, 1_000), chunks[0]!, lie(1_000, 1_500)]))
  verifyAll(store)
  store.commit(arrivals(chunks.slice(1)))
  verifyAll(store)
  t.strictSame(new Uint8Array(readFileSync(store.objectPath(hexOf(bytes)) ?? '')), bytes)
  t.strictSame(receiptsOf(store, one, 'xray-1/object'), [{ from: 0, to: 2 }])
  t.strictSame(receiptsOf(store, two, 'xray-1/object'), [])
  store.close()
})

/** The van forgets what a receipt covers. Answers whether the object came out after all. */
function runWithCut(folder: string, van: TestVan, packets: readonly TestPacket[], cutAt: number) {
  const files = new PowerFiles(folder)
  const kept = new Map(packets.map((packet) => [packet.header.seq, packet]))
  const forget = (store: LandingStore) => {
    for (const { from, to } of receiptsOf(store, van, 'xray-1/object'))
      for (let seq = from; seq <= to; seq++) kept.delete(seq)
  }
  const drain = (store: LandingStore) => {
    for (const [seq, packet] of kept) {
      if (seq % 2 === 0) store.commit(arrivals([packet]))
      forget(store)
    }
    store.commit(arrivals([...kept.values()]))
    forget(store)
    verifyAll(store)
    forget(store)
  }
  let store: LandingStore | null = null
  let cut = false
  try {
    files.failFrom(cutAt)
    store = openStore(folder, van, { files })
    drain(store)
  } catch {
    cut = true
  }
  store?.close()
  files.cut()
  store = openStore(folder, van, { files })
  drain(store)
  const hash = packets[0]?.header.chunk?.sha256 ?? ''
  const path = store.objectPath(hash)
  const content = path === null ? null : files.readAt(path, 0, files.size(path) ?? 0)
  store.close()
  return { cut, kept: kept.size, right: content !== null && hexOf(content) === hash }
}

t.test('objects: a power cut at any file operation costs nothing that was receipted', async (t) => {
  const van = new TestVan('van-02')
  const bytes = seededRandom(10).bytes(5_500)
  const packets = van.chunks('xray-1', bytes, chunkBytes)
  let cuts = 0
  for (let cutAt = 1; ; cutAt++) {
    const folder = t.testdir({ [`cut-${cutAt}`]: {} })
    const outcome = runWithCut(join(folder, `cut-${cutAt}`), van, packets, cutAt)
    if (outcome.kept > 0 || !outcome.right) t.fail(`cut at ${cutAt}: ${JSON.stringify(outcome)}`)
    if (!outcome.cut) break
    cuts += 1
  }
  t.ok(cuts > 15, `${cuts} cuts`)
})

t.test('objects: a part that vanished from the disk is asked for again', async (t) => {
  const folder = t.testdir()
  const files = new PowerFiles(folder)
  const van = new TestVan('van-02')
  const bytes = seededRandom(8).bytes(2_500)
  const chunks = van.chunks('xray-1', bytes, chunkBytes)
  const store = openStore(folder, van, { files })
  store.commit(arrivals(chunks.slice(0, 2)))
  files.remove(join(folder, 'objects', `${hexOf(bytes)}.van-02.part`))
  store.commit(arrivals(chunks.slice(2)))
  verifyAll(store)
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [])
  store.commit(arrivals(chunks))
  verifyAll(store)
  t.ok(store.objectPath(hexOf(bytes)))
  store.close()
  t.strictSame(ask(folder, 'SELECT last_wall_ms FROM alarm'), [[testWallMs]])
})
