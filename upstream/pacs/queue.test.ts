import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { phases, ultrasound } from '../../test/dicom/forwarding.ts'
import { openDatabase } from '../landing/database.ts'
import { failingDatabase, OperationFailed } from '../testing/failing-database.ts'
import { imagePackets, land } from '../testing/images.ts'
import { openStore } from '../testing/landing.ts'
import { TestVan } from '../testing/van.ts'
import { retryMs } from './back-off.ts'
import type { Outcome } from './outcomes.ts'

const wallMs = 1_800_000_000_000
const pacs = [{ name: 'pacs', takesSimulated: false }]
const later: Outcome = { kind: 'later', said: 'A700', whole: true }
const stored: Outcome = { kind: 'stored', said: '0000' }

function open(folder: string, images = 0) {
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  for (let index = 0; index < images; index++) {
    land(store, imagePackets(van, ultrasound(index, { study: index % 2 })))
  }
  return { van, store, queue: store.forwardQueue(seededRandom(1)) }
}

t.test('queue: takes in each image once a destination, over any number of starts', async (t) => {
  const folder = t.testdir()
  const { store, queue, van } = open(folder, 5)
  t.equal(queue.takeIn(pacs, wallMs), false)
  t.equal(queue.takeIn(pacs, wallMs), false)
  land(store, imagePackets(van, ultrasound(7)))
  queue.takeIn(pacs, wallMs)
  t.strictSame(phases(folder, 'pacs'), [['waiting', null, 6]])
  store.close()
  const again = open(folder)
  again.queue.takeIn([...pacs, { name: 'other', takesSimulated: false }], wallMs)
  t.strictSame(phases(folder, 'pacs'), [['waiting', null, 6]])
  t.strictSame(phases(folder, 'other'), [['waiting', null, 6]])
  again.store.close()
})

t.test('queue: newest study first, and within it in the order it came', async (t) => {
  const { store, queue } = open(t.testdir(), 5)
  queue.takeIn(pacs, wallMs)
  const order = queue.due('pacs', wallMs, 4).map(({ sopInstanceUid }) => sopInstanceUid)
  const uid = (index: number): string => ultrasound(index, { study: index % 2 }).sopInstanceUid
  t.strictSame(order, [0, 2, 4, 1].map(uid))
  store.close()
})

t.test(
  'queue: what failed is due later, and a clock that was set back holds nothing',
  async (t) => {
    const { store, queue } = open(t.testdir(), 1)
    queue.takeIn(pacs, wallMs)
    const [image] = queue.due('pacs', wallMs, 1)
    t.ok(image)
    queue.settle(new Map([[image?.id ?? 0, later]]), wallMs)
    t.strictSame(queue.due('pacs', wallMs + 900, 1), [])
    t.equal(queue.due('pacs', wallMs + 2_000, 1).length, 1)
    t.equal(queue.due('pacs', wallMs - 5 * 3_600_000, 1).length, 1)
    store.close()
  },
)

t.test('queue: retries double, spread, and stay within ten minutes', async (t) => {
  const random = seededRandom(3)
  for (let failures = 1; failures < 60; failures++) {
    const ms = retryMs(failures, random)
    const most = Math.min(600_000, 2_000 * 2 ** (failures - 1))
    t.ok(ms >= most / 2 && ms <= most, `${failures}: ${ms}`)
  }
})

/** The whole life of two images, of which one operation fails. Answers how many were not reached. */
function live(folder: string, failAt: number): number {
  let left = failAt
  let isFailing = false
  const before = (): void => {
    if (!isFailing || --left > 0) return
    isFailing = false
    throw new OperationFailed('SQLITE_IOERR')
  }
  const database = (path: string) => failingDatabase(openDatabase(path), before)
  const store = openStore(folder, new TestVan('van-02'), { database })
  const queue = store.forwardQueue(seededRandom(1))
  const outcomes: readonly Outcome[] = [later, stored]
  isFailing = true
  for (let step = 0, nowMs = wallMs; step < 40; step++, nowMs += 3_600_000) {
    try {
      queue.takeIn(pacs, nowMs)
      const due = queue.due('pacs', nowMs, 1)
      queue.settle(new Map(due.map(({ id }) => [id, outcomes[step % 2] ?? stored])), nowMs)
      const sent = queue.unproven('pacs', nowMs, 10)
      const proof = { kind: 'confirmed', said: 'found' } as const
      queue.prove(new Map(sent.map(({ id }) => [id, proof])), nowMs)
      if (due.length === 0 && step > 3) break
    } catch (err) {
      if (!(err instanceof OperationFailed)) throw err
    }
  }
  store.close()
  return left
}

t.test('queue: whichever operation fails, nothing is lost or forgotten', async (t) => {
  let failures = 0
  const folder = t.testdir({ before: {} })
  open(join(folder, 'before'), 2).store.close()
  for (let failAt = 1; ; failAt++) {
    const own = join(folder, `at-${failAt}`)
    cpSync(join(folder, 'before'), own, { recursive: true })
    const left = live(own, failAt)
    t.strictSame(phases(own, 'pacs'), [['confirmed', null, 2]])
    if (left > 0) break
    failures += 1
  }
  t.ok(failures > 15, `${failures} failures`)
})
