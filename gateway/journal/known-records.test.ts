import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Order, Patient, Visit, VisitRecord } from '../../protocols/packet/visit-records.ts'
import { visitRecordKinds } from '../../protocols/packet/visit-records.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { openDatabase } from './database.ts'
import {
  allOutgoing,
  copyOfFolder,
  fastFolder,
  measurement,
  openRig,
  rejection,
  type Rig,
} from './journal-testing.ts'
import type { Journal } from './journal.ts'
import { rememberedMs } from './known-records.ts'
import { migrate } from './migrations.ts'
import { migrations } from './schema.ts'

const firstUtcMs = 1_758_873_600_000
const stream = 'van/visits'

function tokenOf(kind: string, number: number): string {
  return `01920f3a-6a10-7${kind}-9b44-${String(number).padStart(12, '0')}`
}

function patient(number: number, more: Partial<Patient> = {}): Patient {
  return { ...sampleRecords.patient, patient: tokenOf('001', number), ...more }
}

function visit(number: number, more: Partial<Visit> = {}): Visit {
  const tokens = { visit: tokenOf('002', number), patient: tokenOf('001', number) }
  return { ...sampleRecords.visit, ...tokens, ...more }
}

function order(number: number, more: Partial<Order> = {}): Order {
  const tokens = { order: tokenOf('003', number), visit: tokenOf('002', number) }
  return { ...sampleRecords.order, ...tokens, ...more }
}

async function storeAll(rig: Rig, records: readonly VisitRecord[]): Promise<void> {
  await Promise.all(records.map((record) => rig.journal.store('van', record)))
}

/** All that is known, in the order in which it was said within its kind. */
async function known(journal: Journal): Promise<readonly VisitRecord[]> {
  const kinds = await Promise.all(visitRecordKinds.map((kind) => journal.known(kind)))
  return kinds.flat()
}

/** As the hospital that has all. */
async function receiptAll(rig: Rig): Promise<void> {
  const packets = await allOutgoing(rig.journal)
  const notes = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(notes)
}

t.test('known: the newest record of each token, also after a start', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const { identity, procedure } = sampleRecords
  const said = [
    patient(1),
    patient(2),
    visit(1),
    patient(1, { name: 'Contoh, Sari' }),
    order(1),
    order(1, { state: 'completed' }),
    identity,
    { ...identity, sopInstanceUid: '1.2.9' },
    { ...identity, state: 'matched' as const },
    procedure,
  ]
  for (const record of said) await first.journal.store('van', record)
  const expected = [
    patient(2),
    patient(1, { name: 'Contoh, Sari' }),
    visit(1),
    order(1, { state: 'completed' }),
    { ...identity, sopInstanceUid: '1.2.9' },
    { ...identity, state: 'matched' },
    procedure,
  ]
  t.strictSame(await known(first.journal), expected)
  await first.journal.close()
  const second = openRig(folder)
  t.strictSame(await known(second.journal), expected)
  t.equal((await allOutgoing(second.journal)).length, said.length, 'and every one is sent')
})

t.test('known: of two records in one commit the later one counts', async (t) => {
  const { journal } = openRig(fastFolder(t))
  await Promise.all([
    journal.store('van', patient(1)),
    journal.store('van', patient(1, { name: 'Contoh, Sari' })),
  ])
  t.strictSame(await known(journal), [patient(1, { name: 'Contoh, Sari' })])
})

t.test('known: outlives its packet', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 400_000 })
  await storeAll(rig, [patient(1), visit(1)])
  const fill = async () => {
    let outcome = 'resolved'
    for (let at = 0; outcome === 'resolved'; at++) {
      outcome = await rejection(rig.journal.store('oxi-1', measurement(at)))
    }
  }
  await fill()
  await receiptAll(rig)
  await fill()
  const again = await rig.journal.again(rig.journal.epoch, stream, { from: 0, to: 9 }, 10)
  t.equal(again.packets.length, 0, 'removed for the room')
  t.strictSame(await known(rig.journal), [patient(1), visit(1)])
})

t.test('known: what the journal refuses is not known either', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 400_000 })
  let stored = 0
  let outcome = 'resolved'
  for (; outcome === 'resolved'; stored++) {
    outcome = await rejection(rig.journal.store('van', patient(1, { name: `Contoh ${stored}` })))
  }
  t.equal(outcome, 'journal-full')
  t.strictSame(await known(rig.journal), [patient(1, { name: `Contoh ${stored - 2}` })])
})

t.test('known: what is long over and with the hospital is forgotten', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const { identity, procedure } = sampleRecords
  const timeless = { utcMs: null, uncertaintyMs: null }
  await storeAll(first, [
    patient(1),
    visit(1, { state: 'closed' }),
    order(1),
    patient(2),
    visit(2, { state: 'open' }),
    order(2),
    patient(3, timeless),
    visit(3, { ...timeless, state: 'cancelled' }),
    { ...identity, state: 'matched' },
    { ...identity, sopInstanceUid: '1.2.9', state: 'waiting' },
    procedure,
    patient(4),
  ])
  await receiptAll(first)
  // Without a receipt, and so not forgotten.
  await storeAll(first, [patient(5)])
  await first.journal.close()
  // The first record of a known time after a start looks for what is old.
  const second = openRig(folder)
  const late = { utcMs: firstUtcMs + rememberedMs + 1_000 }
  await storeAll(second, [visit(6, late)])
  t.strictSame(await known(second.journal), [
    patient(2),
    patient(5),
    visit(2, { state: 'open' }),
    visit(6, late),
    order(2),
    { ...identity, sopInstanceUid: '1.2.9', state: 'waiting' },
  ])
})

t.test('known: is kept on the very day', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  await storeAll(first, [patient(1), visit(1, { state: 'closed' })])
  await receiptAll(first)
  await first.journal.close()
  const second = openRig(folder)
  const late = { utcMs: firstUtcMs + rememberedMs }
  await storeAll(second, [visit(6, late)])
  t.strictSame(await known(second.journal), [
    patient(1),
    visit(1, { state: 'closed' }),
    visit(6, late),
  ])
})

t.test('known: a journal of the version before learns from now on', async (t) => {
  const folder = fastFolder(t)
  const db = openDatabase(`${folder}/journal.db`)
  migrate(db, migrations.slice(0, 3))
  db.close()
  const first = openRig(folder)
  t.strictSame(await known(first.journal), [])
  await storeAll(first, [patient(1)])
  await first.journal.close()
  t.strictSame(await known(openRig(folder).journal), [patient(1)])
})

const pageBytes = 4_096

/** Pages of a table that hold rows, the first ones first. */
function leavesOf(folder: string, table: string): readonly number[] {
  const db = new Database(`${folder}/journal.db`)
  const sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
  const pages = db.prepare<[string], number>(sql).pluck().all(table)
  db.close()
  return pages
}

function spoil(folder: string, pages: readonly number[]): void {
  const path = `${folder}/journal.db`
  const bytes = readFileSync(path)
  for (const page of pages) bytes.fill(0x55, (page - 1) * pageBytes, page * pageBytes)
  writeFileSync(path, bytes)
  writeFileSync(`${folder}/journal.suspect`, 'database disk image is malformed')
}

const count = 60

/** Made once: patients with a first name and then another one. */
const made = fastFolder(t)

t.before(async () => {
  const rig = openRig(made)
  for (let number = 0; number < count; number++) await rig.journal.store('van', patient(number))
  for (let number = 0; number < count; number++) {
    await rig.journal.store('van', patient(number, { name: `Contoh ${number}` }))
  }
  await rig.journal.close()
})

function folderOfPatients(t: { teardown(work: () => void): unknown }): string {
  const folder = fastFolder(t)
  copyOfFolder(made, folder)
  return folder
}

const newest = Array.from({ length: count }, (_, number) =>
  patient(number, { name: `Contoh ${number}` }),
)

function complaints(rig: Rig): readonly unknown[] {
  return rig.told.filter(({ message }) => message.includes('visits')).map(({ fields }) => fields)
}

t.test('known: a suspicion alone loses nothing', async (t) => {
  const folder = folderOfPatients(t)
  spoil(folder, [])
  const second = openRig(folder, { seed: 2 })
  t.strictSame(await known(second.journal), newest)
  t.strictSame(complaints(second), [])
})

t.test('known: rows that are lost are read from the packets that said them', async (t) => {
  const folder = folderOfPatients(t)
  spoil(folder, leavesOf(folder, 'known'))
  const second = openRig(folder, { seed: 2 })
  t.strictSame(await known(second.journal), newest)
  t.strictSame(complaints(second), [])
})

t.test('known: a table that cannot be found is read from the packets', async (t) => {
  const folder = folderOfPatients(t)
  spoil(folder, [1])
  const second = openRig(folder, { seed: 2 })
  t.strictSame(await known(second.journal), newest)
})

t.test('known: an old state never comes up as the newest', async (t) => {
  const folder = folderOfPatients(t)
  // Who was renamed last is lost in both places; in packets the first names are still there.
  const packets = leavesOf(folder, 'packets')
  const rows = leavesOf(folder, 'known')
  t.ok(packets.length > 4 && rows.length > 2)
  spoil(folder, [...packets.slice(-1), ...rows.slice(-1)])
  const second = openRig(folder, { seed: 2 })
  const found = await known(second.journal)
  t.strictSame(found, newest.slice(0, found.length))
  t.ok(found.length > 0 && found.length < count)
  t.strictSame(complaints(second), [{ count: count - found.length }])
  const losses = (await allOutgoing(second.journal)).filter(({ stream }) => stream === 'van/losses')
  t.ok(losses.length > 0, 'and the hospital hears what it will never have')
})

t.test('known: a row that is there is believed, whatever else is lost', async (t) => {
  const folder = folderOfPatients(t)
  spoil(folder, leavesOf(folder, 'packets'))
  const second = openRig(folder, { seed: 2 })
  t.strictSame(await known(second.journal), newest)
})
