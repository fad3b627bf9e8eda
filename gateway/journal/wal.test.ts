import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { nodeFiles } from './files.ts'
import { fastFolder, measurement, noise, openRig } from './journal-testing.ts'
import { readLog } from './wal.ts'

const headerBytes = 32
const frameBytes = 4_120

/** A log of several commits as SQLite wrote it, and the offset at which each of its frames begins. */
async function logOfSome(folder: string): Promise<Buffer> {
  const { journal } = openRig(folder)
  for (let at = 0; at < 6; at++) await journal.store('oxi-1', measurement(at))
  return readFileSync(`${folder}/journal.db-wal`)
}

t.test('log: a whole one has no damage and knows its pages', async (t) => {
  const folder = fastFolder(t)
  const log = await logOfSome(folder)
  const path = `${folder}/journal.db-wal`
  const { pages, damaged } = readLog(path, nodeFiles)
  t.equal(damaged, false)
  t.ok(pages.has(1))
  for (const offset of pages.values()) t.equal((offset - headerBytes - 24) % frameBytes, 0)
  t.strictSame(readLog(`${folder}/absent`, nodeFiles), { pages: new Map(), damaged: false })
  writeFileSync(path, new Uint8Array(log.length))
  t.equal(readLog(path, nodeFiles).damaged, false, 'never written')
})

t.test('log: any cut is an end and no damage', async (t) => {
  const folder = fastFolder(t)
  const log = await logOfSome(folder)
  const path = `${folder}/journal.db-wal`
  for (let cut = 0; cut < log.length; cut += 1_009) {
    writeFileSync(path, log.subarray(0, cut))
    t.equal(readLog(path, nodeFiles).damaged, false, `cut at ${cut}`)
  }
})

t.test('log: rubbish behind the end, or a half frame, is no damage', async (t) => {
  const folder = fastFolder(t)
  const log = await logOfSome(folder)
  const path = `${folder}/journal.db-wal`
  const older = await logOfSome(fastFolder(t))
  for (const tail of [noise(50_000, 1), new Uint8Array(50_000), older.subarray(headerBytes)]) {
    writeFileSync(path, Buffer.concat([log, tail]))
    t.equal(readLog(path, nodeFiles).damaged, false)
  }
})

t.test('log: a byte that flipped before further commits is damage', async (t) => {
  const folder = fastFolder(t)
  const log = await logOfSome(folder)
  const path = `${folder}/journal.db-wal`
  const frames = Math.floor((log.length - headerBytes) / frameBytes)
  const isCommit = (frame: number) => log.readUInt32BE(headerBytes + frame * frameBytes + 4) !== 0
  const commits = Array.from({ length: frames }, (_, frame) => frame).filter(isCommit)
  const lastSure = commits.at(-3) ?? 0
  t.ok(lastSure > 10)
  for (let at = headerBytes; at < headerBytes + lastSure * frameBytes; at += 601) {
    const changed = Buffer.from(log)
    changed[at] = (changed[at] ?? 0) ^ 0x10
    writeFileSync(path, changed)
    t.equal(readLog(path, nodeFiles).damaged, true, `flipped at ${at}`)
  }
  for (let at = 0; at < headerBytes; at++) {
    const changed = Buffer.from(log)
    changed[at] = (changed[at] ?? 0) ^ 0x10
    writeFileSync(path, changed)
    t.equal(readLog(path, nodeFiles).damaged, true, `header flipped at ${at}`)
  }
})
