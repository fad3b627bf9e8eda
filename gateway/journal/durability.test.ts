/** Whether a commit really waits for the disk is asked of the kernel, not of SQLite. */
import t, { type Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { openDatabase, verifyDurable } from './database.ts'
import { migrate } from './migrations.ts'

interface Work {
  readonly what: 'store' | 'adopt' | 'together'
  readonly count: number
  readonly synchronous?: string
}

/** What the kernel was asked to bring to the disk, inside the data folder, in this order. */
function syncsOf(t: Test, { what, count, synchronous = 'FULL' }: Work): readonly string[] {
  // The kernel names files by where they really are.
  const folder = realpathSync(t.testdir({ data: {} }))
  const child = new URL('./durability-testing.ts', import.meta.url).pathname
  const trace = `${folder}/trace`
  const options = ['-f', '-y', '-e', 'trace=fsync,fdatasync', '-o', trace]
  const work = [`${folder}/data`, what, `${count}`, synchronous]
  execFileSync('strace', [...options, process.execPath, child, ...work])
  const calls = readFileSync(trace, 'utf8').matchAll(/f(?:data)?sync\(\d+<(.*?)>/g)
  return [...calls].map(([, path = '']) => path.slice(`${folder}/data/`.length))
}

function isLog(path: string): boolean {
  return path === 'journal.db-wal'
}

t.test('durability: each urgent record is synced, and NORMAL would not be', async (t) => {
  const count = 60
  const none = syncsOf(t, { what: 'store', count: 0 }).filter(isLog).length
  const full = syncsOf(t, { what: 'store', count }).filter(isLog).length - none
  t.ok(full >= count, `${full} syncs for ${count} records`)
  const work = { what: 'store', count, synchronous: 'NORMAL' } as const
  const normal = syncsOf(t, work).filter(isLog).length - none
  t.ok(normal < count / 2, `${normal} syncs with synchronous = NORMAL`)
})

t.test('durability: a file and its names are synced, and only then its row', async (t) => {
  const none = syncsOf(t, { what: 'adopt', count: 0 })
  const syncs = syncsOf(t, { what: 'adopt', count: 1 }).slice(none.length)
  t.match(syncs, [/^objects\/..\/\w{64}$/, /^objects\/..$/, /^objects$/, /^journal.db-wal$/])
  t.equal(syncs.length, 4)
})

t.test('durability: images that come at once share a commit, behind all their names', async (t) => {
  const none = syncsOf(t, { what: 'together', count: 0 })
  const syncs = syncsOf(t, { what: 'together', count: 30 }).slice(none.length)
  t.equal(syncs.filter(isLog).length, 1, syncs.join())
  t.ok(isLog(syncs.at(-1) ?? ''), 'the log last')
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
