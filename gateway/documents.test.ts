import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import type { NewDocument } from './devices/said-items.ts'
import { storeDocument } from './documents.ts'
import { incomingFiles } from './journal/incoming.ts'
import {
  allOutgoing,
  fastFolder,
  Hospital,
  noise,
  openRig,
  recordsOf,
  sha256Hex,
} from './journal/journal-testing.ts'
import { nodeFiles } from './journal/files.ts'

const bytes = noise(1_300_000, 'document')
const document: NewDocument = {
  kind: 'document',
  title: 'ECG report',
  mediaType: 'application/pdf',
  bytes,
  atMs: 12,
  utcMs: null,
  uncertaintyMs: null,
  source: 'device',
  simulated: true,
}

t.test('document: is on the disk, and goes to the hospital whole', async (t) => {
  const { journal, folder } = openRig(fastFolder(t))
  const doors = { journal, incoming: incomingFiles(journal.incomingFolder) }
  const record = await storeDocument(doors, 'ecg-1', document)
  const sha256 = sha256Hex(bytes)
  t.match(record, {
    kind: 'document',
    title: 'ECG report',
    atMs: 12,
    simulated: true,
    object: { sha256, sizeBytes: bytes.length, mediaType: 'application/pdf', chunkBytes: 65_536 },
  })
  t.notOk(record !== null && 'bytes' in record)
  const path = `${folder}/objects/${sha256.slice(0, 2)}/${sha256}`
  t.strictSame(new Uint8Array(readFileSync(path)), bytes)
  t.strictSame(readdirSync(journal.incomingFolder), [])
  const packets = await allOutgoing(journal)
  t.strictSame(packets.filter(({ stream }) => stream === 'ecg-1/document').flatMap(recordsOf), [
    record,
  ])
  const hospital = new Hospital()
  hospital.take(packets)
  t.strictSame(hospital.object(sha256), bytes)
  await journal.close()
})

t.test('document: the same one again is not stored twice', async (t) => {
  const { journal } = openRig(fastFolder(t))
  const doors = { journal, incoming: incomingFiles(journal.incomingFolder) }
  t.ok(await storeDocument(doors, 'ecg-1', document))
  t.equal(await storeDocument(doors, 'ecg-1', { ...document, atMs: 99 }), null)
  t.ok(await storeDocument(doors, 'ecg-2', document), 'another device may hand over the same')
  t.strictSame(readdirSync(journal.incomingFolder), [])
  await journal.close()
})

t.test('document: a full disk leaves nothing behind, and room makes it good', async (t) => {
  let freeBytes = 1e9
  const folder = fastFolder(t)
  const files = { ...nodeFiles, freeBytes: () => freeBytes }
  const { journal } = openRig(folder, { files, reserveBytes: 1e6 })
  const doors = { journal, incoming: incomingFiles(journal.incomingFolder) }
  freeBytes = 1e6
  await t.rejects(storeDocument(doors, 'ecg-1', document), {
    code: 'journal-full',
    retriable: true,
  })
  t.strictSame(readdirSync(journal.incomingFolder), [])
  freeBytes = 1e9
  t.ok(await storeDocument(doors, 'ecg-1', document))
  await journal.close()
})

t.test('document: a folder that takes no file is a trouble, not an end', async (t) => {
  const incoming = incomingFiles(`${fastFolder(t)}/gone`)
  await t.rejects(incoming.write(bytes), { code: 'journal-failed', retriable: true })
  await incoming.remove('/nowhere/at/all')
})
