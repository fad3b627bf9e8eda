import t, { type Test } from 'tap'
import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import type { Record } from '../../protocols/packet/record.ts'
import {
  allOutgoing,
  block,
  fastFolder,
  firstBoot,
  Hospital,
  imageOf,
  measurement,
  noise,
  numerics,
  opened,
  openRig,
  recordsOf,
  rejection,
  samplesOf,
  secondBoot,
  sha256Hex,
  testTools,
  type Rig,
} from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

const pageBytes = 4_096

/** Leaves a journal as a power cut does, with the words that something was wrong. */
function leaveSuspect(folder: string): void {
  writeFileSync(`${folder}/journal.suspect`, 'database disk image is malformed')
}

async function storeWave(rig: Rig, from: number, to: number): Promise<void> {
  const stored = Array.from({ length: to - from }, (_, at) =>
    rig.journal.store('ecg-1', block(from + at)),
  )
  await rig.commit()
  await Promise.all(stored)
}

t.test(
  'salvage: packets keep their number, an open end becomes the packet it was for',
  async (t) => {
    const folder = fastFolder(t)
    // Never closed: what is in memory only is lost with the process, as it would be.
    const first = openStepped(folder, () => undefined)
    await Promise.all([
      first.journal.store('oxi-1', measurement(1)),
      ...Array.from({ length: 6 }, (_, index) => first.journal.store('ecg-1', block(index))),
      first.clock.advance(250),
    ])
    const old = await allOutgoing(first.journal)
    t.equal(
      old.filter(({ stream }) => stream === 'ecg-1/waveform').length,
      1,
      'and two blocks open',
    )
    first.db.close()
    leaveSuspect(folder)
    const second = openRig(folder, { seed: 2, bootId: secondBoot })
    const packets = await allOutgoing(second.journal)
    for (const packet of old) {
      const same = packets.find(({ stream, seq }) => stream === packet.stream && seq === packet.seq)
      t.strictSame(same && new Uint8Array(same.bytes), new Uint8Array(packet.bytes))
    }
    const wave = packets.filter(({ stream }) => stream === 'ecg-1/waveform')
    t.strictSame(
      wave.map((packet) => [packet.epoch === first.journal.epoch, packet.seq]),
      [
        [true, 0],
        [true, 1],
      ],
    )
    t.equal(samplesOf(wave.flatMap(recordsOf)).length, 150)
    t.strictSame(
      wave.map((packet) => opened(packet).header.boot),
      [firstBoot, firstBoot],
    )
    t.equal(packets.length, 3, 'nothing was lost, so nothing is declared')
    await second.journal.store('oxi-1', measurement(2))
    const fresh = (await allOutgoing(second.journal)).findLast(
      ({ class: urgency }) => urgency === 2,
    )
    t.match(fresh, { epoch: second.journal.epoch, seq: 0 })
    t.not(second.journal.epoch, first.journal.epoch)
    t.ok(existsSync(`${folder}/damaged/${second.journal.epoch}/journal.db`), 'kept aside')
    t.notOk(existsSync(`${folder}/journal.suspect`))
    const status = await second.journal.status()
    const counts = status.streams.map(({ stream, recordsStored }) => [stream, recordsStored])
    t.strictSame(Object.fromEntries(counts), { 'ecg-1/waveform': 6, 'oxi-1/measurement': 2 })
  },
)

t.test('salvage: the numerics of an open end become the packet they were for', async (t) => {
  const folder = fastFolder(t)
  const all = Array.from({ length: 3 }, (_, index) => numerics(index))
  const first = openStepped(folder, () => undefined)
  const stored = all.map((record) => first.journal.store('mon-1', record))
  await first.clock.advance(250)
  await Promise.all(stored)
  t.equal((await allOutgoing(first.journal)).length, 1, 'and one record open')
  first.db.close()
  leaveSuspect(folder)
  const second = openRig(folder, { seed: 2, bootId: secondBoot })
  const packets = await allOutgoing(second.journal)
  t.strictSame(
    packets.map((packet) => [packet.stream, packet.seq, packet.class, recordsOf(packet).length]),
    [
      ['mon-1/numerics', 0, 2, 2],
      ['mon-1/numerics', 1, 2, 1],
    ],
    'nothing was lost, so nothing is declared',
  )
  t.strictSame(packets.flatMap(recordsOf), all)
})

t.test('salvage: what is receipted is not sent again', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  for (let at = 0; at < 50; at++) await first.journal.store('oxi-1', measurement(at))
  const noted = first.journal.receipt(first.journal.epoch, 'oxi-1/measurement', [
    { from: 0, to: 39 },
    { from: 45, to: 45 },
  ])
  await first.commit()
  await noted
  await first.journal.close()
  leaveSuspect(folder)
  const second = openRig(folder, { seed: 2 })
  t.strictSame(
    (await allOutgoing(second.journal)).map(({ seq }) => seq),
    [40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
    'what is receipted beyond a gap may come again, and is recognised by its number',
  )
  const receipt = second.journal.receipt(first.journal.epoch, 'oxi-1/measurement', [
    { from: 0, to: 49 },
  ])
  await second.commit()
  t.match(await receipt, { newlyReceipted: 10, unknown: 0 })
  const { streams, unreceiptedPackets } = await second.journal.status()
  t.equal(unreceiptedPackets, 0)
  t.equal(streams[0]?.recordsStored, streams[0]?.recordsReceipted)
})

t.test('salvage: an open end that may be damaged is declared', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  await storeWave(first, 0, 41)
  const stored = [0, 1].map((index) => first.journal.store('mon-1', numerics(index)))
  await first.commit()
  await Promise.all(stored)
  const copy = copyOf(t, folder)
  const root = rootOfTail(`${copy}/journal.db`)
  const bytes = readFileSync(`${copy}/journal.db`)
  bytes.fill(0xa5, (root - 1) * pageBytes, root * pageBytes)
  writeFileSync(`${copy}/journal.db`, bytes)
  const second = openRig(copy, { seed: 2 })
  const losses = (await allOutgoing(second.journal))
    .filter(({ stream }) => stream === 'van/losses')
    .flatMap(recordsOf)
  const { epoch } = first.journal
  t.match(losses, [
    { stream: 'ecg-1/waveform', fromSeq: 1, toSeq: 1, epoch },
    { stream: 'mon-1/numerics', fromSeq: 0, toSeq: 0, epoch },
  ])
  t.equal(losses.length, 2)
  const range = { from: 0, to: 9 }
  const again = await second.journal.again(epoch, 'ecg-1/waveform', range, 9)
  t.strictSame([again.packets.length, again.lost], [1, [{ from: 1, to: 1 }]])
})

/** Moves the log into the database, and answers where the tail has its root page. */
function rootOfTail(path: string): number {
  const db = new Database(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'tail'").pluck().get()
  db.close()
  return Number(root)
}

t.test(
  'salvage: a flipped bit in an open end is said, and the other blocks are kept',
  async (t) => {
    const folder = fastFolder(t)
    await storeWave(openRig(folder), 0, 6)
    const records = await salvagedEnd(t, folder, [3])
    const numbers = samplesOf(records)
    t.equal(numbers.length, 125)
    t.notOk(numbers.includes(60))
    t.strictSame(lossesIn(records), ['ecg-1/waveform 1 to 1: its open end may be damaged'])
  },
)

t.test('salvage: an open end of which nothing can be read is said', async (t) => {
  const folder = fastFolder(t)
  await storeWave(openRig(folder), 0, 6)
  const records = await salvagedEnd(t, folder, [1, 2, 3, 4, 5, 6])
  t.strictSame(samplesOf(records), [])
  t.strictSame(lossesIn(records), ['ecg-1/waveform 0 to 0: its open end may be damaged'])
})

/** All that is sent after a bit was flipped in these rows of the open ends. */
async function salvagedEnd(t: Test, folder: string, rows: readonly number[]): Promise<Record[]> {
  const copy = copyOf(t, folder)
  const db = new Database(`${copy}/journal.db`)
  const read = db.prepare<[number], Buffer>('SELECT record FROM tail WHERE id = ?').pluck()
  for (const row of rows) {
    const record = read.get(row)
    if (record === undefined) throw new Error(`there is no row ${row}`)
    record.writeUInt8(record.readUInt8(record.length >> 1) ^ 4, record.length >> 1)
    db.prepare('UPDATE tail SET record = ? WHERE id = ?').run(record, row)
  }
  db.close()
  return (await allOutgoing(openRig(copy, { seed: 2 }).journal)).flatMap(recordsOf)
}

function lossesIn(records: readonly Record[]): readonly string[] {
  return records.flatMap((record) =>
    record.kind === 'loss'
      ? [`${record.stream} ${record.fromSeq} to ${record.toSeq}: ${record.reason}`]
      : [],
  )
}

function copyOf(t: Test, folder: string): string {
  const copy = fastFolder(t)
  for (const file of ['journal.db', 'journal.db-wal']) {
    copyFileSync(`${folder}/${file}`, `${copy}/${file}`)
  }
  return copy
}

interface WorstCase {
  readonly name: string
  readonly damage: (folder: string) => void
  /** Whether the record can still be found. */
  readonly keeps: boolean
  /** Whether damaged files are put aside: a whole log makes a database whole. */
  readonly salvages: boolean
}

const worstCases: readonly WorstCase[] = [
  {
    name: 'no database beside its log',
    damage: (folder) => rmSync(`${folder}/journal.db`),
    keeps: true,
    salvages: true,
  },
  {
    name: 'an empty database beside its log',
    damage: (folder) => truncateSync(`${folder}/journal.db`, 0),
    keeps: true,
    salvages: true,
  },
  {
    name: 'rubbish beside a whole log',
    damage: (folder) => writeFileSync(`${folder}/journal.db`, noise(9_999, 1)),
    keeps: true,
    salvages: false,
  },
  {
    name: 'rubbish alone',
    damage(folder) {
      writeFileSync(`${folder}/journal.db`, noise(9_999, 1))
      rmSync(`${folder}/journal.db-wal`)
    },
    keeps: false,
    salvages: true,
  },
  {
    name: 'the beginning of a header alone',
    damage(folder) {
      writeFileSync(`${folder}/journal.db`, 'SQLite format 3')
      rmSync(`${folder}/journal.db-wal`)
    },
    keeps: false,
    salvages: true,
  },
  { name: 'a database of somebody else', damage: otherDatabase, keeps: false, salvages: true },
  { name: 'a table that is not there', damage: otherTables, keeps: true, salvages: true },
]

for (const { name, damage, keeps, salvages } of worstCases) {
  t.test(`salvage: ${name}`, async (t) => {
    const folder = fastFolder(t)
    const first = openStepped(folder, () => undefined)
    await first.journal.store('oxi-1', measurement(1))
    const copy = copyOf(t, folder)
    first.db.close()
    damage(copy)
    const second = openRig(copy, { seed: 2 })
    await second.journal.store('oxi-1', measurement(2))
    const aside = `${copy}/damaged/${second.journal.epoch}`
    t.equal(existsSync(aside), salvages)
    const times = (await allOutgoing(second.journal)).flatMap(recordsOf).map(({ atMs }) => atMs)
    t.strictSame(times, keeps ? [1, 2] : [2])
    await second.journal.close()
  })
}

function otherDatabase(folder: string): void {
  rmSync(`${folder}/journal.db`)
  rmSync(`${folder}/journal.db-wal`)
  const db = new Database(`${folder}/journal.db`)
  db.exec('CREATE TABLE notes (text); PRAGMA application_id = 7')
  db.close()
}

function otherTables(folder: string): void {
  const db = new Database(`${folder}/journal.db`)
  db.exec('DROP TABLE tail')
  db.close()
}

t.test('salvage: twice in a row is as good as once', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  await first.journal.store('oxi-1', measurement(1))
  await first.journal.close()
  leaveSuspect(folder)
  const second = openRig(folder, { seed: 2 })
  await second.journal.store('oxi-1', measurement(2))
  await second.journal.close()
  leaveSuspect(folder)
  const third = openRig(folder, { seed: 3 })
  await third.journal.store('oxi-1', measurement(3))
  const packets = await allOutgoing(third.journal)
  t.strictSame(
    packets.map(({ epoch, seq }) => [epoch, seq]),
    [first, second, third].map(({ journal }) => [journal.epoch, 0]),
  )
})

t.test('salvage: files of objects stay, and are recognised when they come again', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const bytes = noise(20_000, 'image')
  const adopt = (rig: Rig) => rig.journal.adopt('x', imageOf(1, bytes), rig.incoming('a', bytes))
  await adopt(first)
  await first.journal.close()
  leaveSuspect(folder)
  const second = openRig(folder, { seed: 2 })
  t.equal(await adopt(second), 'already')
  const hospital = new Hospital()
  hospital.take(await allOutgoing(second.journal))
  t.not(hospital.object(sha256Hex(bytes)), null)
  t.strictSame(hospital.gaps(), [])
})

t.test('salvage: a file that nothing names any more is kept for a person', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const bytes = noise(20_000, 'image')
  await first.journal.adopt('x', imageOf(1, bytes), first.incoming('a', bytes))
  await first.journal.close()
  writeFileSync(`${folder}/journal.db`, noise(50_000, 'rubbish'))
  const second = openRig(folder, { seed: 2 })
  const aside = `${folder}/damaged/${second.journal.epoch}/objects/${sha256Hex(bytes)}`
  t.strictSame(new Uint8Array(readFileSync(aside)), bytes)
})

t.test('salvage: damage that an operation meets ends the process, and is remembered', async (t) => {
  const folder = fastFolder(t)
  let isBroken = false
  const sha256: typeof testTools.sha256 = (bytes) => {
    // As if SQLite had said it: what it has in its cache it does not read again.
    if (isBroken) throw Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT' })
    return testTools.sha256(bytes)
  }
  const first = openRig(folder, { tools: { ...testTools, sha256 } })
  await first.journal.store('oxi-1', measurement(1))
  isBroken = true
  const query = { after: {}, limitCount: 100, limitBytes: 1e6 }
  t.equal(await rejection(first.journal.outgoing(query)), 'journal-failed')
  isBroken = false
  t.equal(first.failures.length, 1)
  t.equal(
    await rejection(first.journal.store('oxi-1', measurement(2))),
    'journal-failed',
    'for good',
  )
  t.equal(readFileSync(`${folder}/journal.suspect`, 'utf8'), 'malformed\n')
})
