import t from 'tap'
import type { ImageIdentity } from '../../protocols/packet/visit-records.ts'
import { existsSync } from 'node:fs'
import { nodeFiles } from './files.ts'
import {
  allOutgoing,
  block,
  fastFolder,
  imageOf,
  measurement,
  noise,
  openRig,
  recordsOf,
  rejection,
  sha256Hex,
  type Rig,
} from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

/** Stores until there is no room. Answers how many were stored. */
async function fill(rig: Rig, from = 0): Promise<number> {
  for (let count = 0; ; count++) {
    if (count > 20_000) throw new Error('it never fills')
    const outcome = await rejection(rig.journal.store('oxi-1', measurement(from + count)))
    if (outcome === 'journal-full') return count
    if (outcome !== 'resolved') throw new Error(outcome)
  }
}

async function receipt(rig: Rig, stream: string, from: number, to: number): Promise<void> {
  const noted = rig.journal.receipt(rig.journal.epoch, stream, [{ from, to }])
  await rig.commit()
  await noted
}

const limitBytes = 400_000

t.test('retention: what waits for its receipt is never removed, and intake says so', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  const stored = await fill(rig)
  t.ok(stored > 100, `${stored} stored`)
  const status = await rig.journal.status()
  t.match(status, { full: true, unreceiptedPackets: stored, limitBytes })
  t.ok(status.usedBytes <= limitBytes)
  t.equal((await allOutgoing(rig.journal)).length, stored)
  t.strictSame(rig.failures, [], 'a full journal goes on')
})

t.test('retention: a full journal refuses without touching the disk', async (t) => {
  let steps = 0
  const limits = { limitBytes, reserveBytes: 0 }
  const rig = openStepped(fastFolder(t), () => steps++, limits)
  let outcome = 'resolved'
  for (let at = 0; outcome === 'resolved'; at++) {
    outcome = await rejection(rig.journal.store('oxi-1', measurement(at)))
  }
  steps = 0
  for (let at = 0; at < 10; at++) await rejection(rig.journal.store('oxi-1', measurement(at)))
  t.ok(steps <= 100, `${steps} statements for 10 refusals`)
  rig.db.close()
})

t.test('retention: receipted packets go oldest first, and only as many as must', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  const stored = await fill(rig)
  await receipt(rig, 'oxi-1/measurement', 10, 99)
  t.equal((await rig.journal.status()).full, false)
  await rig.journal.store('oxi-1', measurement(9_999))
  const { packets, lost } = await rig.journal.again(
    rig.journal.epoch,
    'oxi-1/measurement',
    { from: 0, to: stored },
    4_096,
  )
  const [range, ...others] = lost
  t.strictSame(others, [])
  t.equal(range?.from, 10, 'the oldest that may go')
  t.ok((range?.to ?? 99) < 60, 'not all that may')
  t.equal(packets.length, stored + 1 - ((range?.to ?? 0) - 9))
  t.ok(await fill(rig, 20_000))
  const waiting = await allOutgoing(rig.journal)
  t.strictSame(
    waiting.slice(0, 10).map(({ seq }) => seq),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
})

t.test('retention: an object goes when all of it is receipted, with its packets', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  const bytes = noise(100_000, 'image')
  const path = `${rig.folder}/objects/${sha256Hex(bytes).slice(0, 2)}/${sha256Hex(bytes)}`
  await rig.journal.adopt('xray-1', imageOf(1, bytes), rig.incoming('a', bytes))
  const chunks = Math.ceil(bytes.length / 4_096)
  await fill(rig)
  await receipt(rig, 'xray-1/object', 0, chunks - 1)
  t.equal(await rejection(rig.journal.store('oxi-1', measurement(1))), 'journal-full')
  t.ok(existsSync(path), 'its record still waits')
  await receipt(rig, 'xray-1/image', 0, 0)
  t.ok(existsSync(path), 'nobody needs the room yet')
  await rig.journal.store('oxi-1', measurement(1))
  t.notOk(existsSync(path))
  const { lost } = await rig.journal.again(
    rig.journal.epoch,
    'xray-1/object',
    { from: 0, to: 99 },
    99,
  )
  t.strictSame(lost, [{ from: 0, to: chunks - 1 }])
})

t.test('retention: an image that waits for a person goes last', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  const bytes = noise(100_000, 'image')
  const path = `${rig.folder}/objects/${sha256Hex(bytes).slice(0, 2)}/${sha256Hex(bytes)}`
  const image = imageOf(1, bytes)
  const waiting: ImageIdentity = {
    kind: 'identity',
    atMs: 1,
    utcMs: null,
    uncertaintyMs: null,
    source: 'device',
    simulated: false,
    of: image.object.sha256,
    sopInstanceUid: image.sopInstanceUid,
    state: 'waiting',
    visit: null,
    order: null,
    coerced: null,
    findings: ['no-order'],
    by: 'van',
    reason: '',
  }
  await rig.journal.store('van', waiting)
  await rig.journal.adopt('xray-1', image, rig.incoming('a', bytes))
  const stored = await fill(rig)
  await receipt(rig, 'xray-1/object', 0, Math.ceil(bytes.length / 4_096) - 1)
  await receipt(rig, 'xray-1/image', 0, 0)
  await receipt(rig, 'oxi-1/measurement', 0, 49)
  for (let at = 0; at < 20; at++) await rig.journal.store('oxi-1', measurement(stored + at))
  t.ok(existsSync(path), 'readings that the hospital has go before it')
  await fill(rig, 20_000)
  t.notOk(existsSync(path), 'a reading is never refused for its sake')
})

t.test('retention: an object that is named once more does not give way to that', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  const bytes = noise(100_000, 'image')
  const path = `${rig.folder}/objects/${sha256Hex(bytes).slice(0, 2)}/${sha256Hex(bytes)}`
  await rig.journal.adopt('xray-1', imageOf(1, bytes), rig.incoming('a', bytes))
  await fill(rig)
  await receipt(rig, 'xray-1/object', 0, 99)
  await receipt(rig, 'xray-1/image', 0, 0)
  // The object is all that may go, and room is needed.
  const again = rig.incoming('b', bytes)
  const adopted = rig.journal.adopt('xray-1', imageOf(2, bytes, '1.2.9'), again)
  t.equal(await rejection(adopted), 'journal-full')
  t.ok(existsSync(path) && existsSync(again))
  t.equal(await rejection(rig.journal.store('oxi-1', measurement(1))), 'resolved')
  t.notOk(existsSync(path), 'it went for something else')
})

t.test('retention: a file goes only when nothing names it, wherever it is cut', async (t) => {
  const base = fastFolder(t)
  const bytes = noise(100_000, 'image')
  const path = `objects/${sha256Hex(bytes).slice(0, 2)}/${sha256Hex(bytes)}`
  let removed = 0
  for (let at = 1; removed < 3; at++) {
    const folder = `${base}/${at}`
    let left = Number.POSITIVE_INFINITY
    const step = () => {
      if (--left <= 0) throw Object.assign(new Error('the power is cut'), { code: 'EIO' })
    }
    const rig = openStepped(folder, step, { limitBytes: 326_000, reserveBytes: 0 })
    nodeFiles.writeNew(`${rig.incoming}/a`, bytes)
    await rig.journal.adopt('xray-1', imageOf(1, bytes), `${rig.incoming}/a`)
    const noted = ['image', 'object'].map((kind) =>
      rig.journal.receipt(rig.journal.epoch, `xray-1/${kind}`, [{ from: 0, to: 24 }]),
    )
    await rig.clock.advance(250)
    await Promise.all(noted)
    // Until one more takes the object away.
    for (let time = 0; (await rig.journal.status()).usedBytes < 281_000; time++) {
      await rig.journal.store('oxi-1', measurement(time))
    }
    t.ok(existsSync(`${folder}/${path}`), 'it is still there')
    left = at
    await rejection(
      rig.journal.store(
        'oxi-1',
        measurement(9_999, {
          qualifiers: { note: 'x'.repeat(4_000), more: 'y'.repeat(4_000), rest: 'z'.repeat(4_000) },
        }),
      ),
    )
    left = Number.POSITIVE_INFINITY
    // What the next start would find.
    if (rig.db.inTransaction) rig.db.exec('ROLLBACK')
    const { present } = rig.db.prepare('SELECT present FROM objects').get() as { present: number }
    const isThere = existsSync(`${folder}/${path}`)
    if (present === 1) t.ok(isThere, `operation ${at}`)
    if (!isThere) removed++
    rig.db.close()
    nodeFiles.remove(folder)
  }
})

t.test('retention: bulk is refused first', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes })
  let index = 0
  let outcome = 'resolved'
  for (; outcome === 'resolved' && index < 5_000; index++) {
    const stored = rejection(rig.journal.store('ecg-1', block(index, 10_000)))
    await rig.commit()
    outcome = await stored
  }
  t.equal(outcome, 'journal-full')
  const bytes = noise(1_000, 'image')
  const path = rig.incoming('a', bytes)
  t.equal(await rejection(rig.journal.adopt('x', imageOf(1, bytes), path)), 'journal-full')
  t.ok(existsSync(path), 'the file still is the caller’s')
  t.equal(await rejection(rig.journal.store('oxi-1', measurement(1))), 'resolved')
  t.equal((await rig.journal.status()).full, false, 'readings still find room')
  const bulk = rejection(rig.journal.store('ecg-1', block(index, 10_000)))
  const spot = rejection(rig.journal.store('oxi-1', measurement(2)))
  await rig.commit()
  t.strictSame([await bulk, await spot], ['journal-full', 'resolved'], 'also in one commit')
})

t.test('retention: the reserve of the disk is kept free', async (t) => {
  let free = 1e9
  const files = { ...nodeFiles, freeBytes: () => free }
  const rig = openRig(fastFolder(t), { files, reserveBytes: 5e8 })
  await rig.journal.store('oxi-1', measurement(1))
  free = 5e8
  t.equal(await fill(rig), 0)
  t.equal((await rig.journal.status()).full, true)
  free = 1e9
  t.equal(await rejection(rig.journal.store('oxi-1', measurement(2))), 'resolved')
  t.equal((await rig.journal.status()).full, false, 'and room can come back')
})

t.test('retention: a disk that others have filled is full, however much may go', async (t) => {
  let free = 1e9
  const files = { ...nodeFiles, freeBytes: () => free }
  const rig = openRig(fastFolder(t), { files, reserveBytes: 5e8 })
  for (let at = 0; at < 10; at++) await rig.journal.store('oxi-1', measurement(at))
  await receipt(rig, 'oxi-1/measurement', 0, 7)
  free = 4e8
  t.equal((await rig.journal.status()).full, false, 'it was not tried yet')
  t.equal(await fill(rig), 0)
  t.equal((await rig.journal.status()).full, true)
  const range = { from: 0, to: 9 }
  const { lost } = await rig.journal.again(rig.journal.epoch, 'oxi-1/measurement', range, 99)
  t.strictSame(lost, [], 'nothing went in vain')
  free = 4.9e8
  t.equal(await fill(rig), 0, 'a little more is not enough')
  await receipt(rig, 'oxi-1/measurement', 8, 9)
  t.equal(await fill(rig), 0, 'and neither is what may go now')
  t.equal((await rig.journal.status()).full, true)
  free = 1e9
  t.equal((await rig.journal.status()).full, false)
  t.equal(await rejection(rig.journal.store('oxi-1', measurement(99))), 'resolved')
  free = 4e8
  t.equal((await rig.journal.status()).full, false, 'it was not tried since')
})

t.test(
  'full disk: SQLite runs out of room, nothing is lost, and it goes on with room',
  async (t) => {
    const rig = openStepped(fastFolder(t), () => undefined)
    const pages = Number(rig.db.pragma('page_count', { simple: true }))
    rig.db.pragma(`max_page_count = ${pages + 12}`)
    const stored: number[] = []
    const outcomes: string[] = []
    for (let at = 0; at < 200; at++) {
      const outcome = await rejection(rig.journal.store('oxi-1', measurement(at)))
      outcomes.push(outcome)
      if (outcome === 'resolved') stored.push(at)
    }
    t.ok(stored.length > 20 && stored.length < 150, `${stored.length} stored`)
    t.equal(outcomes.at(-1), 'journal-full')
    const bulk = rejection(rig.journal.store('ecg-1', block(0, 10_000)))
    await rig.clock.advance(250)
    t.equal(await bulk, 'journal-full')
    rig.db.pragma('max_page_count = 100000')
    t.equal(await rejection(rig.journal.store('oxi-1', measurement(500))), 'resolved')
    stored.push(500)
    t.strictSame(
      (await allOutgoing(rig.journal)).flatMap(recordsOf).map(({ atMs }) => atMs),
      stored,
    )
    rig.db.close()
  },
)

t.test('full disk: an open end stays open while it cannot be sealed', async (t) => {
  const rig = openStepped(fastFolder(t), () => undefined)
  const noisy = { ...block(0, 500), samples: [new Int32Array(noise(200, 'x').buffer)] }
  const stored = rig.journal.store('ecg-1', noisy)
  await rig.clock.advance(250)
  await stored
  const pages = Number(rig.db.pragma('page_count', { simple: true }))
  rig.db.pragma(`max_page_count = ${pages}`)
  for (let at = 0; at < 50; at++) await rejection(rig.journal.store('oxi-1', measurement(at)))
  await rig.clock.advance(2_000)
  await rig.journal.sealDue()
  rig.db.pragma('max_page_count = 100000')
  await rig.journal.sealDue()
  const waves = (await allOutgoing(rig.journal)).filter(({ stream }) => stream === 'ecg-1/waveform')
  t.strictSame(waves.flatMap(recordsOf), [noisy])
  rig.db.close()
})

t.test('log: it does not grow with what is written', async (t) => {
  const rig = openRig(fastFolder(t))
  let largest = 0
  for (let round = 0; round < 40; round++) {
    const records = Array.from({ length: 400 }, (_, index) => measurement(round * 400 + index))
    await Promise.all(records.map((record) => rig.journal.store('oxi-1', record)))
    const bytes = noise(60_000, round)
    await rig.journal.adopt('x', imageOf(1, bytes, `1.${round}`), rig.incoming('a', bytes))
    largest = Math.max(largest, nodeFiles.sizeOf(`${rig.folder}/journal.db-wal`) ?? 0)
  }
  const written = nodeFiles.sizeOf(`${rig.folder}/journal.db`) ?? 0
  t.ok(largest < 9_000_000, `${largest} bytes of log, ${written} of database`)
})
