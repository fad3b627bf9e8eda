/** The journal in its own thread answers as the one in this thread does, and its death is loud. */
import t, { type Test } from 'tap'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { sampleRecords } from '../../test/wire/samples.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { Journal } from './journal.ts'
import {
  allOutgoing,
  block,
  fastFolder,
  firstBoot,
  Hospital,
  imageOf,
  keepingLog,
  measurement,
  noise,
  recordsOf,
  rejection,
  samplesOf,
  sha256Hex,
  type Told,
} from './journal-testing.ts'
import type { JournalOptions } from './open.ts'
import { openJournal, waitingMax } from './remote-journal.ts'

interface Remote {
  readonly journal: Journal
  readonly failures: Error[]
  readonly told: Told[]
}

async function openRemote(
  t: Test,
  folder: string,
  options: Partial<JournalOptions> = {},
): Promise<Remote> {
  const failures: Error[] = []
  const told: Told[] = []
  const journal = await openJournal(
    {
      folder,
      van: 'van-1',
      bootId: firstBoot,
      limitBytes: 1e9,
      reserveBytes: 0,
      busyMs: 0,
      ...options,
    },
    { log: keepingLog(told), failed: (error) => failures.push(error) },
  )
  t.teardown(() => journal.close())
  return { journal, failures, told }
}

t.test('worker: stores, sends, receipts and answers', async (t) => {
  const folder = fastFolder(t)
  const { journal, told } = await openRemote(t, folder)
  t.match(told, [{ level: 'warn', message: /new signing key/ }], 'its log comes through')
  t.match(journal.epoch, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  t.equal(journal.publicKey.length, 32)
  await journal.store('oxi-1', measurement(1))
  const bytes = noise(9_000, 'image')
  const path = `${journal.incomingFolder}/a`
  writeFileSync(path, bytes)
  t.equal(await journal.adopt('xray-1', imageOf(2, bytes), path), 'stored')
  const stored = Array.from({ length: 41 }, (_, index) => journal.store('ecg-1', block(index)))
  await Promise.all(stored)
  await journal.watch('ecg-1/waveform', 250, systemClock().monotonicMs() + 60_000)
  await journal.store('ecg-1', block(41))
  const hospital = new Hospital()
  hospital.take(await allOutgoing(journal))
  const records = hospital.records()
  t.strictSame(records.get('oxi-1/measurement'), [measurement(1)])
  t.equal(samplesOf(records.get('ecg-1/waveform') ?? []).length, 42 * 25, 'the watch sealed it')
  t.not(hospital.object(sha256Hex(bytes)), null)
  const { sopInstanceUid } = imageOf(2, bytes)
  t.strictSame(await journal.objectsOfImage(sopInstanceUid), [sha256Hex(bytes)])
  t.strictSame(await journal.objectsOfImage('9.9.9'), [])
  const noted = await journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 0 }])
  t.match(noted, { newlyReceipted: 1, unknown: 0 })
  const again = await journal.again(journal.epoch, 'oxi-1/measurement', { from: 0, to: 5 }, 9)
  t.strictSame(again.packets.flatMap(recordsOf), [measurement(1)])
  t.match((await journal.recent(1))[0], { stream: 'xray-1/image' })
  await journal.store('van', sampleRecords.visit)
  t.strictSame(await journal.known('visit'), [sampleRecords.visit])
  t.strictSame(await journal.known('order'), [])
  await journal.sealDue()
  t.equal((await journal.status()).full, false)
})

t.test('worker: troubles keep their code and their words', async (t) => {
  const folder = fastFolder(t)
  const { journal } = await openRemote(t, folder)
  const refused = await journal.store('NO', measurement(1)).catch((error: unknown) => error)
  t.match(refused, { code: 'journal-refused', details: { device: 'NO' } })
  const image = imageOf(1, noise(10, 1))
  t.match(await rejection(journal.store('x', image)), /adopt it/)
  const second = openJournal(
    { folder, van: 'van-1', bootId: firstBoot, limitBytes: 1e9, reserveBytes: 0, busyMs: 0 },
    { log: keepingLog([]), failed: () => t.fail('it never opened') },
  )
  t.equal(await rejection(second), 'journal-in-use')
})

t.test('worker: what comes while it commits shares the next commit', async (t) => {
  const { journal } = await openRemote(t, fastFolder(t))
  const count = 1_000
  await Promise.all(
    Array.from({ length: count }, (_, at) => journal.store('oxi-1', measurement(at))),
  )
  const [status] = (await journal.status()).streams
  t.equal(status?.recordsStored, count)
  t.ok((status?.packetsSealed ?? count) < count / 10, `${status?.packetsSealed} packets`)
  const records = (await allOutgoing(journal)).flatMap(recordsOf)
  t.strictSame(
    records.map(({ atMs }) => atMs),
    Array.from({ length: count }, (_, at) => at),
    'in the order in which they came',
  )
})

t.test('worker: more than may wait is refused, and nothing of the rest is lost', async (t) => {
  const { journal } = await openRemote(t, fastFolder(t))
  const outcomes = await Promise.all(
    Array.from({ length: waitingMax + 10 }, (_, at) =>
      rejection(journal.store('x', measurement(at))),
    ),
  )
  const busy = outcomes.filter((outcome) => outcome === 'journal-busy').length
  t.equal(busy, 10)
  t.equal((await journal.status()).streams[0]?.recordsStored, waitingMax)
  t.equal(await rejection(journal.store('x', measurement(1))), 'resolved')
})

t.test('worker: samples that are part of a larger buffer arrive as they are', async (t) => {
  const { journal } = await openRemote(t, fastFolder(t), { packetMs: 250 })
  const large = new Int32Array(100_000)
  const wave = block(0)
  const samples = large.subarray(50_000, 50_025)
  samples.set(wave.samples[0] ?? [])
  await journal.store('ecg-1', { ...wave, samples: [samples] })
  t.strictSame((await allOutgoing(journal)).flatMap(recordsOf), [wave])
})

t.test('worker: closing waits for what is on its way, and then nothing is taken', async (t) => {
  const folder = fastFolder(t)
  const { journal, failures } = await openRemote(t, folder)
  const stored = journal.store('ecg-1', block(0))
  const closed = journal.close()
  const late = rejection(journal.store('oxi-1', measurement(1)))
  await stored
  await closed
  await journal.close()
  t.equal(await late, 'journal-failed')
  t.equal(await rejection(journal.status()), 'journal-failed')
  t.strictSame(failures, [])
  t.notOk(readdirSync(folder).includes('journal.db-wal'))
  const next = await openRemote(t, folder)
  t.equal((await allOutgoing(next.journal)).length, 1)
})

t.test('worker: what cannot be cloned is refused, and nothing waits for it', async (t) => {
  const { journal } = await openRemote(t, fastFolder(t))
  const record = { ...measurement(1), qualifiers: { odd: (() => 1) as unknown as string } }
  t.match(await rejection(journal.store('x', record)), /25|DataClone/)
  await journal.close()
})

t.test(
  'worker: when the journal fails, the owner hears it once, and nothing is taken',
  async (t) => {
    const folder = fastFolder(t)
    const { journal, failures } = await openRemote(t, folder)
    rmSync(`${folder}/objects`, { recursive: true })
    writeFileSync(`${folder}/objects`, 'in the way')
    const bytes = noise(100, 1)
    const path = `${journal.incomingFolder}/a`
    writeFileSync(path, bytes)
    t.equal(await rejection(journal.adopt('x', imageOf(1, bytes), path)), 'journal-failed')
    t.match(failures, [{ code: 'journal-failed' }])
    t.equal(await rejection(journal.store('x', measurement(1))), 'journal-failed')
    t.equal(failures.length, 1)
  },
)

/** A worker that opens nothing, and dies in its own way when it is asked for something. */
function dyingWorker(death: string): URL {
  const opened = { kind: 'opened', epoch: '', publicKey: new Uint8Array(), incomingFolder: '' }
  const script = `
    import { parentPort } from 'node:worker_threads'
    parentPort.postMessage(${JSON.stringify(opened)})
    parentPort.on('message', () => { ${death} })`
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`)
}

for (const death of ['throw new Error("ours")', 'process.exit(3)', 'parentPort.close()']) {
  t.test(`worker: its death is loud: ${death}`, async (t) => {
    const failures: Error[] = []
    const journal = await openJournal(
      { folder: '', van: 'van-1', bootId: firstBoot, limitBytes: 1, reserveBytes: 0 },
      { log: keepingLog([]), failed: (error) => failures.push(error) },
      dyingWorker(death),
    )
    const waiting = [journal.store('x', measurement(1)), journal.status(), journal.sealDue()]
    const outcomes = await Promise.all(waiting.map((promise) => rejection(promise)))
    t.strictSame(outcomes, ['journal-failed', 'journal-failed', 'journal-failed'])
    t.match(failures, [{ code: 'journal-failed' }])
    t.equal(failures.length, 1)
  })
}
