import t from 'tap'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { checkDatabase, openDatabase } from './database.ts'
import { JournalDamage } from './failures.ts'
import { nodeFiles } from './files.ts'
import {
  allOutgoing,
  block,
  copyOfFolder,
  fastFolder,
  measurement,
  noise,
  opened,
  openRig,
  recordsOf,
} from './journal-testing.ts'
import { migrate } from './migrations.ts'
import { migrations, schemaVersion } from './schema.ts'
import { nodeTools, vanKey } from './seal-tools.ts'

function codeOfThrow(work: () => unknown): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

t.test('open: the folder is made, and the same journal is found again', async (t) => {
  const folder = `${fastFolder(t)}/new/data`
  const first = openRig(folder)
  await first.journal.store('oxi-1', measurement(1))
  await first.journal.close()
  t.equal(nodeFiles.sizeOf(`${folder}/journal.db-wal`), null, 'a farewell leaves no log')
  const second = openRig(folder)
  t.equal(second.journal.epoch, first.journal.epoch)
  t.equal((await allOutgoing(second.journal)).length, 1)
})

t.test('open: another name of the van begins a new epoch, old packets keep theirs', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder, { van: 'van-1' })
  await first.journal.store('oxi-1', measurement(1))
  const stored = first.journal.store('ecg-1', block(0))
  await first.commit()
  await stored
  const copy = fastFolder(t)
  copyOfFolder(folder, copy)
  const second = openRig(copy, { van: 'van-2', seed: 2 })
  t.not(second.journal.epoch, first.journal.epoch)
  await second.journal.store('oxi-1', measurement(2))
  const headers = (await allOutgoing(second.journal)).map((packet) => opened(packet).header)
  t.strictSame(
    headers.map(({ van, epoch, stream, seq }) => [van, epoch, stream, seq]),
    [
      ['van-1', first.journal.epoch, 'oxi-1/measurement', 0],
      ['van-2', second.journal.epoch, 'oxi-1/measurement', 0],
      ['van-1', first.journal.epoch, 'ecg-1/waveform', 0],
    ],
  )
})

t.test('open: a second one is refused before it touches anything', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const incoming = first.incoming('half', new Uint8Array(5))
  t.equal(
    codeOfThrow(() => openRig(folder)),
    'journal-in-use',
  )
  t.equal(nodeFiles.sizeOf(incoming), 5)
  await first.journal.store('oxi-1', measurement(1))
  await first.journal.close()
  await openRig(folder).journal.close()
})

t.test('open: a lock file that is rubbish locks nobody out', async (t) => {
  const folder = fastFolder(t)
  writeFileSync(
    `${folder}/journal.lock`,
    'not a database at all, and longer than one header: '.repeat(9),
  )
  const { journal } = openRig(folder)
  t.equal(
    codeOfThrow(() => openRig(folder)),
    'journal-in-use',
  )
  await journal.close()
})

t.test('open: what cannot be opened leaves the folder unlocked', async (t) => {
  const folder = fastFolder(t)
  writeFileSync(`${folder}/van-key.pem`, 'no key')
  const open = () => openRig(folder, { ownKey: true })
  t.equal(codeOfThrow(open), 'journal-key-unreadable')
  nodeFiles.remove(`${folder}/van-key.pem`)
  const { journal, told } = open()
  t.match(told, [{ level: 'warn', message: /new signing key/ }])
  await journal.close()
})

t.test('migrations: a journal of a newer program is refused and left as it is', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  await first.journal.store('oxi-1', measurement(1))
  await first.journal.close()
  const db = new Database(`${folder}/journal.db`)
  db.pragma(`user_version = ${schemaVersion + 3}`)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  const before = readFileSync(`${folder}/journal.db`)
  try {
    openRig(folder)
    t.fail('it opened')
  } catch (error) {
    t.match(error, {
      code: 'journal-newer',
      details: { found: schemaVersion + 3, known: schemaVersion },
    })
  }
  t.ok(before.equals(readFileSync(`${folder}/journal.db`)))
  t.strictSame(nodeFiles.list(`${folder}/damaged`), [])
})

t.test(
  'migrations: each step is taken once, and a step that fails leaves the one before',
  async (t) => {
    const path = `${fastFolder(t)}/journal.db`
    const second = 'ALTER TABLE journal ADD COLUMN extra INTEGER'
    const broken = `${second}; CREATE TABLE journal (x)`
    const version = () => {
      const db = openDatabase(path)
      const found: unknown = db.pragma('user_version', { simple: true })
      db.close()
      return found
    }
    const step = (steps: readonly string[]) => {
      const db = openDatabase(path)
      try {
        migrate(db, steps)
      } finally {
        db.close()
      }
    }
    step(migrations)
    t.equal(version(), migrations.length)
    t.throws(() => step([...migrations, broken]))
    t.equal(version(), migrations.length)
    step([...migrations, second])
    t.equal(version(), migrations.length + 1)
    step([...migrations, second])
    t.throws(() => step(migrations), { code: 'journal-newer' })
  },
)

t.test('migrations: a journal of the first version is read by this one', async (t) => {
  const folder = fastFolder(t)
  const path = `${folder}/journal.db`
  const db = openDatabase(path)
  migrate(db, migrations.slice(0, 1))
  db.close()
  const { journal } = openRig(folder)
  await journal.store('oxi-1', measurement(1))
  t.strictSame((await allOutgoing(journal)).flatMap(recordsOf), [measurement(1)])
})

t.test('key: it is made once, for its owner only, and kept', async (t) => {
  const path = `${fastFolder(t)}/van-key.pem`
  const first = vanKey(path, nodeFiles)
  t.equal(first.made, true)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const second = vanKey(path, nodeFiles)
  t.equal(second.made, false)
  t.strictSame(nodeTools(second.key).publicKey, nodeTools(first.key).publicKey)
  t.equal(nodeTools(first.key).publicKey.length, 32)
  const rsa = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n'
  writeFileSync(path, rsa)
  t.throws(() => vanKey(path, nodeFiles), { code: 'journal-key-unreadable' })
})

t.test('tools: what is compressed comes back, and never larger than allowed', async (t) => {
  const tools = nodeTools(vanKey(`${fastFolder(t)}/key.pem`, nodeFiles).key)
  const bytes = new Uint8Array(10_000).fill(7)
  const packed = tools.compress(bytes)
  t.ok(packed.length < 100)
  t.strictSame(tools.decompress(packed, 10_000), bytes)
  t.throws(() => tools.decompress(packed, 9_999))
  t.throws(() => tools.decompress(packed.slice(1), 10_000))
})

t.test('tools: what no digest guards is checked when it is unpacked', async (t) => {
  const tools = nodeTools(vanKey(`${fastFolder(t)}/key.pem`, nodeFiles).key)
  const bytes = noise(300, 'block')
  const packed = tools.compressChecked(bytes)
  t.strictSame(tools.decompress(packed, 300), bytes)
  let wrong = 0
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const flipped = packed.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    try {
      const found = tools.decompress(flipped, 300)
      if (Buffer.compare(found, bytes) !== 0) wrong++
    } catch {
      // Seen.
    }
  }
  t.equal(wrong, 0)
})

t.test('check: of a large database, what every start depends on is checked', async (t) => {
  const folder = fastFolder(t)
  const { journal } = openRig(folder)
  for (let at = 0; at < 60; at++) await journal.store('oxi-1', measurement(at))
  await journal.close()
  const path = `${folder}/journal.db`
  const whole = readFileSync(path)
  const rootOf = (table: string) => {
    const db = new Database(path)
    const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?'
    const root = Number(db.prepare(sql).pluck().get(table))
    db.close()
    return root
  }
  const isSeen = (table: string, sizeBytes: number) => {
    const at = (rootOf(table) - 1) * 4_096
    writeFileSync(path, Buffer.from(whole).fill(0x55, at, at + 4_096))
    const db = openDatabase(path)
    try {
      checkDatabase(db, sizeBytes)
      return false
    } catch (error) {
      return error instanceof JournalDamage
    } finally {
      db.close()
      writeFileSync(path, whole)
    }
  }
  const large = 1e12
  t.strictSame(
    ['packets', 'streams', 'unreceipted', 'tail'].map((table) => isSeen(table, large)),
    [false, true, true, true],
  )
  t.equal(isSeen('packets', whole.length), true)
})
