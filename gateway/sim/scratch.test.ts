import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { seededRandom } from '../clock/seeded-random.ts'
import { Scratch, tearLog } from './scratch.ts'

function scratch(t: Test): Scratch {
  const made = new Scratch()
  t.teardown(() => made.remove())
  return made
}

function open(folder: string): Database.Database {
  const database = new Database(join(folder, 'a.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  return database
}

function texts(folder: string): readonly unknown[] {
  const database = open(folder)
  const found = database.prepare('SELECT text FROM said ORDER BY id').pluck().all()
  t.equal(database.pragma('integrity_check', { simple: true }), 'ok')
  database.close()
  return found
}

function hasHole(log: Buffer): boolean {
  for (let at = 0; at + 4_096 <= log.length; at += 4_096) {
    if (log.subarray(at, at + 4_096).every((byte) => byte === 0)) return true
  }
  return false
}

t.test('scratch: a copy holds what lay there, without locks, and lives on alone', async (t) => {
  const disk = scratch(t)
  const folder = disk.folder('van')
  mkdirSync(join(folder, 'objects'))
  writeFileSync(join(folder, 'objects', 'ab'), 'object')
  writeFileSync(join(folder, 'journal.lock'), '')
  writeFileSync(join(folder, 'a.db-shm'), 'index')
  const copy = disk.copyOf(folder, 'van')
  disk.discard(folder)
  t.equal(readFileSync(join(copy, 'objects', 'ab'), 'utf8'), 'object')
  t.notOk(existsSync(join(copy, 'journal.lock')))
  t.notOk(existsSync(join(copy, 'a.db-shm')))
  disk.remove()
  t.notOk(existsSync(copy))
})

t.test(
  'scratch: a torn log has all commits before the one that was cut, or that one too',
  async (t) => {
    const disk = scratch(t)
    const counts = new Map<number, number>()
    let withHoles = 0
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed)
      const folder = disk.folder('van')
      const database = open(folder)
      database.exec('CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT)')
      const say = database.prepare('INSERT INTO said (text) VALUES (?)')
      say.run('first')
      if (random.below(2) === 0) database.pragma('wal_checkpoint(RESTART)')
      const torn = disk.copyOf(folder, 'van')
      database.transaction(() => {
        for (let row = 0; row < 1 + random.below(8); row++) say.run('x'.repeat(3_000))
      })()
      say.run('much later')
      tearLog(join(torn, 'a.db-wal'), join(folder, 'a.db-wal'), random)
      database.close()
      if (hasHole(readFileSync(join(torn, 'a.db-wal')))) withHoles++
      const found = texts(torn)
      t.equal(found[0], 'first', `seed ${seed}`)
      t.notOk(found.includes('much later'), 'only the commit that was cut may be there')
      counts.set(Math.sign(found.length - 1), (counts.get(Math.sign(found.length - 1)) ?? 0) + 1)
    }
    t.ok((counts.get(0) ?? 0) > 0, `${counts.get(0)} times the commit was gone`)
    t.ok((counts.get(1) ?? 0) > 0, `${counts.get(1)} times it was whole`)
    t.ok(withHoles > 0, `${withHoles} logs had a hole`)
  },
)

t.test('scratch: tearing a log that was not there yet', async (t) => {
  const folder = t.testdir({ after: 'x'.repeat(10_000) })
  tearLog(join(folder, 'torn'), join(folder, 'after'), seededRandom(1))
  t.ok(readFileSync(join(folder, 'torn')).length <= 10_000)
  tearLog(join(folder, 'torn'), join(folder, 'nothing'), seededRandom(1))
  t.ok(existsSync(join(folder, 'torn')))
})
