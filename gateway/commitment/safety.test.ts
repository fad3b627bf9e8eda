/** With the real journal: no device is told that it may forget what the hospital does not have. */
import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { CommitmentReport } from '../../protocols/dicom/commitment.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { ReportOutcome } from '../imaging/report-order.ts'
import {
  allOutgoing,
  copyOfFolder,
  fastFolder,
  imageOf,
  noise,
  openRig,
  type Rig,
} from '../journal/journal-testing.ts'
import { silentLog } from '../page/page-testing.ts'
import { Commitments } from './commitments.ts'

const uid = '1.2.3'
const file = noise(10_000, 'file')
const other = noise(9_000, 'other')
const { sopClassUid, object } = imageOf(5, file)

/** What survives a power cut besides the journal. */
interface Disk {
  text: string | null
}

async function van(folder: string, disk: Disk = { text: null }) {
  const rig = openRig(folder)
  const reports: CommitmentReport[] = []
  const hears: { outcome: ReportOutcome } = { outcome: { kind: 'delivered' } }
  const commitments = await Commitments.open({
    clock: rig.clock,
    random: seededRandom(1),
    log: silentLog,
    journal: rig.journal,
    file: {
      read: async () => disk.text,
      write: async (text) => void (disk.text = text),
      setAside: async () => {},
    },
    policy: 'hospital',
    addressOf: () => ({ host: '10.0.0.7', port: 104 }),
    report: async ({ report }) => {
      reports.push(report)
      return hears.outcome
    },
    trouble: () => {},
  })
  commitments.start()
  return {
    rig,
    reports,
    hears,
    disk,
    store: (device: string, bytes = file) =>
      rig.journal.adopt(
        device,
        imageOf(5, bytes, uid),
        rig.incoming(`${device}-${bytes.length}`, bytes),
      ),
    ask: (transactionUid: string, device = 'us-1', classUid = sopClassUid) =>
      commitments.asked(
        {
          device,
          known: true,
          simulated: false,
          peerAddress: '10.0.0.7',
          callingAeTitle: device,
          calledAeTitle: 'SIMPUL',
          association: 1,
          question: { kind: 'commitment' },
        },
        {
          kind: 'commitment',
          transactionUid,
          instances: [{ sopClassUid: classUid, sopInstanceUid: uid }],
        },
      ),
    /** By transaction: kept, or the reason why not. */
    told: () =>
      Object.fromEntries(
        reports
          .splice(0)
          .map(({ transactionUid, failed }) => [transactionUid, failed[0]?.reason ?? 'kept']),
      ),
    pass: () => rig.clock.advance(3_600_000),
  }
}

async function receipt({ journal, commit }: Rig): Promise<void> {
  const noted = (await allOutgoing(journal)).map(({ epoch, stream, seq }) =>
    journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await commit()
  await Promise.all(noted)
}

function fresh(t: Test) {
  return van(fastFolder(t))
}

t.test('safety: a receipt that is withdrawn between two tellings', async (t) => {
  const { rig, store, ask, told, pass, hears } = await fresh(t)
  hears.outcome = { kind: 'failed', why: 'unreachable' }
  await store('us-1')
  await receipt(rig)
  await ask('2.25.1')
  await pass()
  t.strictSame(told(), { '2.25.1': 'kept' }, 'which the device does not hear')
  await store('us-2')
  await pass()
  t.strictSame(told(), {}, 'it goes out once more, so it is not sure')
  await receipt(rig)
  await pass()
  t.strictSame(told(), { '2.25.1': 'kept' })
})

t.test('safety: two images under one UID', async (t) => {
  const { rig, store, ask, told, pass } = await fresh(t)
  await store('us-1')
  await receipt(rig)
  await store('us-2', other)
  await ask('2.25.1', 'us-1')
  await ask('2.25.2', 'us-3')
  await pass()
  t.strictSame(told(), { '2.25.2': 0x0110 }, 'who sent none of them is told no, at once')
  await receipt(rig)
  await pass()
  t.strictSame(told(), { '2.25.1': 'kept' }, 'who sent one when both are safe')
})

t.test('safety: another class than the image has', async (t) => {
  const { rig, store, ask, told, pass } = await fresh(t)
  await store('us-1')
  await receipt(rig)
  await ask('2.25.1', 'us-1', '1.2.840.10008.5.1.4.1.1.7')
  await pass()
  t.strictSame(told(), { '2.25.1': 0x0119 })
})

t.test('safety: an image that the disk damaged before it was sent', async (t) => {
  const folder = fastFolder(t)
  const { rig, store, ask, told, pass } = await van(folder)
  await store('us-1')
  await ask('2.25.1')
  const { sha256 } = object
  writeFileSync(`${folder}/objects/${sha256.slice(0, 2)}/${sha256}`, file.slice(0, 5_000))
  await receipt(rig)
  await pass()
  t.strictSame(told(), { '2.25.1': 0x0110 })
  t.equal(await store('us-1'), 'stored', 'the device brings it again')
  await ask('2.25.2')
  await pass()
  t.strictSame(told(), {})
  await receipt(rig)
  await pass()
  t.strictSame(told(), { '2.25.2': 'kept' })
})

t.test('safety: the power goes before a receipt is on the disk', async (t) => {
  const folder = fastFolder(t)
  const before = await van(folder)
  await before.store('us-1')
  await before.ask('2.25.1')
  const { journal } = before.rig
  for (const { epoch, stream, seq } of await allOutgoing(journal)) {
    // Heard, and in memory: it waits for its group.
    journal.receipt(epoch, stream, [{ from: seq, to: seq }]).catch(() => {})
  }
  const copy = fastFolder(t)
  copyOfFolder(folder, copy)
  const after = await van(copy, { text: before.disk.text })
  await after.pass()
  t.strictSame(after.told(), {}, 'it was never heard')
  await receipt(after.rig)
  await after.pass()
  t.strictSame(after.told(), { '2.25.1': 'kept' })
})
