import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { coded, FakeFiles } from '../../test/dicom/fake-files.ts'
import { realFiles, type Files } from './files.ts'
import { ObjectWriter } from './object-writer.ts'
import { Room } from './room.ts'
import { Slabs } from './slabs.ts'

function writer(files: Files, folder = '/in'): { writer: ObjectWriter; failures: unknown[] } {
  const failures: unknown[] = []
  const room = new Room(files, folder, 1_000)
  const options = { files, room, slabs, path: join(folder, 'a.part') }
  const failed = (error: unknown): void => void failures.push(error)
  return { writer: new ObjectWriter({ ...options, drained, failed }), failures }
}

/** One for all, as in the node: a slab that is given back too early shows in another's file. */
const slabs = new Slabs()

function drained(): void {}

/** Deterministic bytes with no period that a mistake could hide in. */
function noise(length: number): Uint8Array {
  let state = 0x2545_f491
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}

t.test('object writer: writes and hashes what it was given, in pieces of any size', async (t) => {
  const folder = t.testdir()
  const { writer: one, failures } = writer(realFiles, folder)
  const bytes = noise(700_000)
  const sizes = [1, 3, 1_023, 1_024, 60_000, 2, 2, 65_536, 7, 130_000, 5]
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    one.append(bytes.subarray(at, at + size))
    at += size
    if (turn % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const written = await one.finish()
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const path = join(folder, 'a.part')
  t.strictSame(written, { path, sizeBytes: bytes.length, sha256 })
  t.ok(Buffer.from(bytes).equals(readFileSync(join(folder, 'a.part'))))
  t.strictSame(failures, [])
})

t.test('object writer: what it is given may be used again at once', async (t) => {
  const files = new FakeFiles()
  files.hold()
  const ones = [writer(files, '/a'), writer(files, '/b')]
  const given = new Uint8Array(50_000)
  const expected: Uint8Array[] = []
  for (let turn = 0; turn < 20; turn++) {
    given.set(noise(given.length).map((byte) => byte ^ turn))
    expected.push(given.slice())
    for (const { writer: one } of ones) one.append(given)
    if (turn === 10) files.release()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const { writer: one } of ones) await one.finish()
  for (const folder of ['/a', '/b']) {
    t.ok(Buffer.concat(expected).equals(files.contents.get(`${folder}/a.part`) ?? Buffer.of()))
  }
})

t.test('object writer: leaves the last wait for the disk to who takes the file', async (t) => {
  const files = new FakeFiles()
  const { writer: one } = writer(files)
  one.append(noise(10))
  await one.finish()
  t.strictSame(files.log, ['create', 'write 1', 'close'])
})

t.test('object writer: gathers crumbs, and counts what waits', async (t) => {
  const files = new FakeFiles()
  files.hold()
  const { writer: one } = writer(files)
  const bytes = noise(30_000)
  for (let at = 0; at < bytes.length; at++) one.append(bytes.subarray(at, at + 1))
  t.equal(one.waitingBytes, 30_000)
  files.release()
  await one.finish()
  t.equal(one.waitingBytes, 0)
  t.ok(files.log.length < 8, files.log.join())
  t.strictSame(files.contents.get('/in/a.part'), bytes)
})

t.test(
  'object writer: whichever operation fails, it says so once and leaves nothing',
  async (t) => {
    for (let step = 0; step < 4; step++) {
      const files = new FakeFiles()
      files.failAfter = step
      const { writer: one, failures } = writer(files)
      one.append(noise(600_000))
      one.append(noise(600_000))
      await new Promise((resolve) => setImmediate(resolve))
      one.append(noise(10))
      const written = await one.finish()
      t.equal(written, null, `step ${step}`)
      t.match(failures, [{ code: 'ENOSPC' }], `step ${step}`)
      t.equal(files.contents.size, 0, `step ${step}`)
      t.equal(one.waitingBytes, 0, `step ${step}`)
      one.append(noise(10))
      t.equal(one.waitingBytes, 0, 'what follows is dropped')
    }
  },
)

t.test('object writer: leaves the reserve of the disk alone', async (t) => {
  const files = new FakeFiles()
  const { writer: one, failures } = writer(files)
  one.append(noise(1_000))
  await new Promise((resolve) => setImmediate(resolve))
  files.free = 999
  for (let turn = 0; turn < 18; turn++) {
    one.append(new Uint8Array(1_048_576))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(await one.finish(), null)
  t.match(failures, [{ code: 'ENOSPC' }])
})

t.test('object writer: a sync that fails on the way fails the object', async (t) => {
  let syncs = 0
  const early: Files = {
    ...realFiles,
    async create(path) {
      const file = await realFiles.create(path)
      return {
        ...file,
        async sync() {
          // The kernel tells a failed write-back once, to whoever asks first.
          if (++syncs === 1) throw coded('EIO')
        },
      }
    },
  }
  const folder = t.testdir()
  const { writer: one, failures } = writer(early, folder)
  for (let turn = 0; turn < 10; turn++) one.append(new Uint8Array(1_048_576))
  t.equal(await one.finish(), null)
  t.match(failures, [{ code: 'EIO' }])
  t.strictSame(readdirSync(folder), [])
})

t.test('object writer: discards at any moment', async (t) => {
  const early = new FakeFiles()
  const { writer: first } = writer(early)
  await first.discard()
  t.equal(early.contents.size, 0)

  const files = new FakeFiles()
  files.hold()
  const { writer: second, failures } = writer(files)
  second.append(noise(1_000))
  await new Promise((resolve) => setImmediate(resolve))
  const gone = second.discard()
  second.append(noise(1_000))
  files.release()
  await gone
  t.equal(files.contents.size, 0)
  t.strictSame(failures, [])
})

t.test('files: a name that is taken is not written over', async (t) => {
  const folder = t.testdir({ 'a.part': 'somebody else' })
  const { writer: one, failures } = writer(realFiles, folder)
  one.append(noise(10))
  t.equal(await one.finish(), null)
  t.match(failures, [{ code: 'EEXIST' }])
})
