/** Whether a commit really waits for the disk is asked of the kernel, not of SQLite. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openDatabase, verifyDurable } from './database.ts'
import { migrate } from './migrations.ts'

/** How often the kernel was asked to bring something to the disk. */
function syncsOf(folder: string, count: number, synchronous: string): number {
  const child = new URL('./durability-testing.ts', import.meta.url).pathname
  const trace = `${folder}/trace`
  const options = ['-f', '-e', 'trace=fsync,fdatasync', '-o', trace]
  execFileSync('strace', [...options, process.execPath, child, folder, `${count}`, synchronous])
  return readFileSync(trace, 'utf8').match(/f(?:data)?sync\(/g)?.length ?? 0
}

t.test('durability: each urgent record is synced, and NORMAL would not be', async (t) => {
  const count = 60
  const none = syncsOf(t.testdir({ one: {} }) + '/one', 0, 'FULL')
  const full = syncsOf(t.testdir({ two: {} }) + '/two', count, 'FULL')
  t.ok(full - none >= count, `${full - none} syncs for ${count} records`)
  const normal = syncsOf(t.testdir({ three: {} }) + '/three', count, 'NORMAL')
  t.ok(normal - none < count / 2, `${normal - none} syncs with synchronous = NORMAL`)
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
