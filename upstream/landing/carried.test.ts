import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { zstdCompressSync } from 'node:zlib'
import t from 'tap'
import type { Restored } from '../restoring/restore-file.ts'
import { openRestorer, type Restorer } from '../restoring/restorer.ts'
import { arrivals, ask, openStore, receiptsOf, verifyAll } from '../testing/landing.ts'
import { file, packed } from '../testing/packed.ts'
import { hexOf, TestVan } from '../testing/van.ts'
import type { LandingStore } from './store.ts'

const chunkBytes = 500
function restorer(t: { teardown(work: () => Promise<void>): unknown }): Restorer {
  const one = openRestorer()
  t.teardown(() => one.stop())
  return one
}

/** Until what is under way in the other thread has come to its end. */
async function settled(store: LandingStore): Promise<void> {
  const restored = new Promise<void>((resolve) => store.objects.whenRestored(resolve))
  verifyAll(store)
  await restored
  verifyAll(store)
}

function isThere(store: LandingStore, bytes: Uint8Array): boolean {
  const path = store.objectPath(hexOf(bytes))
  return path !== null && Buffer.compare(readFileSync(path), bytes) === 0
}

t.test('carried: receipted only when the file is there, bit for bit', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const chunks = van.chunks('xray-1', packed(), chunkBytes)
  const last = chunks.length - 1
  const before = [{ from: 0, to: last - 1 }]
  const all = [{ from: 0, to: last }]
  const first = openRestorer()
  let store = openStore(folder, van, { restorer: first })
  store.commit(arrivals(chunks))
  verifyAll(store)
  t.equal(isThere(store, file), false)
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), before)
  // What it has begun must not go on beside the next one, as it does not after a start.
  await first.stop()
  store.close()

  store = openStore(folder, van, { restorer: restorer(t) })
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), before, 'after a start too')
  await settled(store)
  t.equal(isThere(store, file), true)
  t.equal(isThere(store, packed()), true, 'kept for those who ask for packets')
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), all)
  t.equal(store.reader.chunksOf(hexOf(file)).length, chunks.length, 'who asks for the file is told')
  store.close()
  const left = readdirSync(join(folder, 'objects')).filter((name) => name.includes('.'))
  t.strictSame(left, [])
  t.strictSame(ask(folder, 'SELECT code FROM alarm'), [])
})

t.test('carried: what cannot be restored is kept, said, and not receipted', async (t) => {
  const cases = [
    packed(() => Uint8Array.of(1, 2, 3)),
    packed((pixels) => zstdCompressSync(pixels.slice().fill(7, 5, 6))),
  ]
  for (const bytes of cases) {
    const folder = t.testdir()
    const van = new TestVan('van-02')
    const chunks = van.chunks('xray-1', bytes, chunkBytes)
    const store = openStore(folder, van, { restorer: restorer(t) })
    store.commit(arrivals(chunks))
    await settled(store)
    t.equal(isThere(store, file), false)
    const most = chunks.length === 1 ? [] : [{ from: 0, to: chunks.length - 2 }]
    t.strictSame(receiptsOf(store, van, 'xray-1/object'), most)
    t.equal(store.objects.waiting, false, 'not again and again')
    store.close()
    t.match(ask(folder, 'SELECT code, stream FROM alarm'), [
      ['image-not-restored', 'xray-1/object'],
    ])
    const again = openStore(folder, van, { restorer: restorer(t) })
    await settled(again)
    t.equal(again.objects.waiting, false, 'a start tries once more')
    again.close()
  }
})

t.test('carried: a file that came as itself too', async (t) => {
  for (const part of [3, Infinity]) {
    const folder = t.testdir()
    const van = new TestVan('van-02')
    const carrier = van.chunks('xray-1', packed(), chunkBytes)
    const itself = van.chunks('xray-1', file, chunkBytes)
    const store = openStore(folder, van, { restorer: restorer(t) })
    store.commit(arrivals([...carrier, ...itself.slice(0, part)]))
    await settled(store)
    t.equal(isThere(store, file), true)
    store.commit(arrivals(itself))
    verifyAll(store)
    t.equal(isThere(store, file), true)
    const to = carrier.length + itself.length - 1
    t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to }])
    store.close()
    t.strictSame(ask(folder, 'SELECT code FROM alarm'), [])
  }
})

t.test('carried: a start in the middle of restoring begins it anew', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const chunks = van.chunks('xray-1', packed(), chunkBytes)
  const never: Restorer = {
    restore: () => new Promise<Restored>(() => {}),
    stop: async () => {},
  }
  const cut = openStore(folder, van, { restorer: never })
  cut.commit(arrivals(chunks))
  verifyAll(cut)
  t.equal(cut.objects.waiting, false)
  await turn()
  cut.close()
  const store = openStore(folder, van, { restorer: restorer(t) })
  await settled(store)
  t.equal(isThere(store, file), true)
  store.close()
})

t.test('carried: without a restorer a packed object is an object', async (t) => {
  const van = new TestVan('van-02')
  const store = openStore(t.testdir(), van)
  const chunks = van.chunks('xray-1', packed(), chunkBytes)
  store.commit(arrivals(chunks))
  verifyAll(store)
  t.equal(isThere(store, packed()), true)
  t.strictSame(receiptsOf(store, van, 'xray-1/object'), [{ from: 0, to: chunks.length - 1 }])
  store.close()
})
