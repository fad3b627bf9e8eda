import Database from 'better-sqlite3'
import t from 'tap'
import { visitRecordKinds } from '../../protocols/packet/visit-records.ts'
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import { openPacket, sealPacket } from '../../protocols/packet/seal.ts'
import { openTools, sealTools } from '../../test/wire/node-tools.ts'
import { recordsOrder } from '../../test/wire/orders.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { RecordRows } from './record-rows.ts'
import { migrations } from './schema.ts'
import { visitTable } from './visit-tables.ts'

const { visit, patient } = sampleRecords

function headerOf(changes: Partial<PacketHeader>): PacketHeader {
  const sealed = sealPacket(recordsOrder('van/visits', [visit]), sealTools)
  const opened = openPacket(sealed.bytes, openTools)
  if (!opened.ok) throw new Error(opened.reason)
  return { ...opened.value.header, ...changes }
}

function fresh() {
  const database = new Database(':memory:')
  for (const migration of migrations) database.exec(migration)
  return { database, rows: new RecordRows(database) }
}

t.test('visits: every kind has its row, with every field of its record', async (t) => {
  const { database, rows } = fresh()
  const header = headerOf({})
  rows.add(
    1,
    header,
    visitRecordKinds.map((kind) => sampleRecords[kind]),
  )
  for (const kind of visitRecordKinds) {
    const { name } = visitTable(kind)
    const found = database.prepare<[], object>(`SELECT * FROM ${name}`).all()
    t.equal(found.length, 1, name)
    const texts = Object.values(found[0] ?? {}).map(String)
    const { atMs: _, ...fields } = sampleRecords[kind]
    const missing = Object.entries(fields).filter(([key, value]) => {
      if (key === 'kind' || key === 'simulated') return false
      return !texts.includes(typeof value === 'object' ? JSON.stringify(value) : String(value))
    })
    t.strictSame(missing, [], name)
  }
})

t.test('visits: the newest record of a token counts, however packets arrive', async (t) => {
  const { database, rows } = fresh()
  const [older, newer] = [
    '01920f3a-5b00-7c01-8d02-000000000001',
    '01920f3a-5b00-7c01-8d02-000000000002',
  ]
  const said: readonly (readonly [epoch: string, seq: number, reason: string])[] = [
    [newer, 3, 'newest'],
    [older, 9, 'of the epoch before'],
    [newer, 1, 'late'],
  ]
  for (const [index, [epoch, seq, reason]] of said.entries()) {
    rows.add(index + 1, headerOf({ epoch, seq }), [{ ...visit, reason }])
  }
  rows.add(9, headerOf({ van: 'van-99', epoch: newer, seq: 7 }), [
    { ...visit, reason: 'other van' },
  ])
  const now = database.prepare<[], string>('SELECT reason FROM visit_now ORDER BY van').pluck()
  t.strictSame(now.all(), ['newest', 'other van'])
})

t.test('visits: of two records of a token in one packet the later one counts', async (t) => {
  const { database, rows } = fresh()
  rows.add(1, headerOf({}), [patient, { ...patient, name: 'Contoh, Sari' }])
  t.strictSame(database.prepare('SELECT name FROM patient_now').pluck().all(), ['Contoh, Sari'])
})
