import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { DatabaseRefused, openDatabase, openForReading } from './database.ts'
import { migrations } from './schema.ts'

t.test('database: commits are on the disk, on the first open and on every other', async (t) => {
  const path = join(t.testdir(), 'landing.db')
  for (let time = 0; time < 3; time++) {
    const database = openDatabase(path)
    database.exec(`INSERT INTO meta (name, value) VALUES ('time ${time}', 1)`)
    t.equal(database.pragma('synchronous', { simple: true }), 2)
    t.equal(database.pragma('journal_mode', { simple: true }), 'wal')
    t.equal(database.pragma('user_version', { simple: true }), migrations.length)
    database.close()
  }
})

t.test('database: a newer version is refused and left alone', async (t) => {
  const path = join(t.testdir(), 'landing.db')
  openDatabase(path).close()
  const database = new Database(path)
  database.pragma(`user_version = ${migrations.length + 1}`)
  database.close()
  t.throws(
    () => openDatabase(path),
    new DatabaseRefused(
      `${path} is version ${migrations.length + 1}, this program knows ${migrations.length}: use the newer one`,
    ),
  )
  t.throws(() => openForReading(path), DatabaseRefused)
})

t.test('database: a foreign file is refused', async (t) => {
  const path = join(t.testdir(), 'landing.db')
  const database = new Database(path)
  database.exec('CREATE TABLE something (x)')
  database.close()
  t.throws(() => openDatabase(path), new DatabaseRefused(`${path} is not a landing database`))
})

t.test('database: a migration that was cut off begins again', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'landing.db')
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.exec('BEGIN')
  database.exec(migrations[0] ?? '')
  for (const end of ['', '-wal']) copyFileSync(path + end, join(folder, `cut.db${end}`))
  database.exec('ROLLBACK')
  database.close()
  const again = openDatabase(join(folder, 'cut.db'))
  t.equal(again.prepare('SELECT count(*) FROM packet').pluck().get(), 0)
  again.close()
})

t.test('database: reading beside a writer changes nothing', async (t) => {
  const path = join(t.testdir(), 'landing.db')
  t.throws(() => openForReading(path))
  const writer = openDatabase(path)
  const reader = openForReading(path)
  t.throws(() => reader.exec('DELETE FROM meta'), { code: 'SQLITE_READONLY' })
  reader.close()
  writer.close()
})
