/** Whether a commit really waits for the disk is asked of the kernel, not of SQLite. */
import t, { type Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openDatabase, verifyDurable } from './database.ts'
import { migrate } from './migrations.ts'

interface Work {
  readonly what: 'store' | 'adopt'
  readonly count: number
  readonly synchronous?: string
}

/** How often the kernel was asked to bring something to the disk. */
function syncsOf(t: Test, { what, count, synchronous = 'FULL' }: Work): number {
  const folder = t.testdir({ data: {} })
  const child = new URL('./durability-testing.ts', import.meta.url).pathname
  const trace = `${folder}/trace`
  const options = ['-f', '-e', 'trace=fsync,fdatasync', '-o', trace]
  const work = [`${folder}/data`, what, `${count}`, synchronous]
  execFileSync('strace', [...options, process.execPath, child, ...work])
  return readFileSync(trace, 'utf8').match(/f(?:data)?sync\(/g)?.length ?? 0
}

t.test('durability: each urgent record is synced, and NORMAL would not be', async (t) => {
  const count = 60
  const none = syncsOf(t, { what: 'store', count: 0 })
  const full = syncsOf(t, { what: 'store', count }) - none
  t.ok(full >= count, `${full} syncs for ${count} records`)
  const normal = syncsOf(t, { what: 'store', count, synchronous: 'NORMAL' }) - none
  t.ok(normal < count / 2, `${normal} syncs with synchronous = NORMAL`)
})

t.test('durability: of an object the file, both folders and the row are synced', async (t) => {
  const count = 10
  const syncs = syncsOf(t, { what: 'adopt', count }) - syncsOf(t, { what: 'adopt', count: 0 })
  t.ok(syncs >= 4 * count, `${syncs} syncs for ${count} objects`)
})

t.test('durability: a database that does not sync is not used', async (t) => {
  const db = openDatabase(`${t.testdir()}/journal.db`)
  migrate(db)
  verifyDurable(db)
  db.pragma('synchronous = NORMAL')
  t.throws(() => verifyDurable(db), { code: 'journal-failed' })
  db.pragma('synchronous = FULL')
  db.close()
})
