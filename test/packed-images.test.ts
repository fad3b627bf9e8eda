/** Images on their way: stored, previewed, packed, sent, restored, receipted, forgotten. */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t from 'tap'
import { openTranscoder } from '../gateway/imaging/transcode/transcoder.ts'
import {
  allOutgoing,
  fastFolder,
  imageOf,
  noise,
  openRig,
  type Rig,
} from '../gateway/journal/journal-testing.ts'
import { Packing } from '../gateway/packing.ts'
import { upTopic } from '../protocols/packet/topics.ts'
import { LandingStore } from '../upstream/landing/store.ts'
import { receiptRanges } from '../upstream/landing/streams.ts'
import { openRestorer } from '../upstream/restoring/restorer.ts'
import { syntheticChest, syntheticScreen } from './synthetic-images.ts'

const files: { readonly [name: string]: Uint8Array } = {
  chest: syntheticChest(400),
  clip: syntheticScreen(120, 160, 5),
  'no image at all': new Uint8Array(70_000).fill(7),
  noise: noise(70_000, 'no coding'),
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await turn()
}

/** What the van has goes to the landing, and its receipts come back. */
async function exchange(rig: Rig, store: LandingStore): Promise<void> {
  const packets = await allOutgoing(rig.journal)
  store.commit(
    packets.map(({ stream, bytes }) => ({
      topic: upTopic('van-1', stream),
      payload: bytes,
      wallMs: 0,
    })),
  )
  const verify = (): void => {
    while (store.objects.waiting) store.verifyObjects(0, () => {})
  }
  verify()
  await until(() => {
    verify()
    return Object.values(files).every((bytes) => store.objectPath(sha256Of(bytes)) !== null)
  })
  const noted = [...new Set(packets.map(({ stream }) => stream))].map((stream) => {
    const state = store.streams.find('van-1', rig.journal.epoch, stream)
    const ranges = state === undefined ? [] : receiptRanges(state, 64)
    return rig.journal.receipt(rig.journal.epoch, stream, ranges)
  })
  await rig.commit()
  await Promise.all(noted)
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

t.test('packed images: the hospital has each file bit for bit, and previews', async (t) => {
  const rig = openRig(fastFolder(t))
  const folder = t.testdir()
  const transcoder = openTranscoder({ folder: rig.journal.incomingFolder })
  const restorer = openRestorer()
  t.teardown(() => Promise.all([transcoder.stop(), restorer.stop()]))
  const packing = new Packing({
    clock: rig.clock,
    time: { utcOf: () => null },
    journal: rig.journal,
    transcoder,
    remove: () => t.fail('the journal takes everything'),
    log: {
      debug() {},
      info() {},
      warn() {},
      error() {},
      child: () => {
        throw new Error()
      },
    },
    decided: () => {},
  })
  for (const [index, bytes] of Object.values(files).entries()) {
    const image = imageOf(index, bytes, `1.2.${index}`)
    const path = rig.incoming(`in-${index}`, bytes)
    await rig.journal.adopt('us-1', image, path, 'undecided')
  }
  packing.nudge()
  let waiting = Object.keys(files).length
  while (waiting !== 0) {
    await turn()
    waiting = (await rig.journal.undecided(9)).length
  }
  await packing.stop()

  const store = new LandingStore({ folder, trust: new Map(), trustOnFirstUse: true, restorer })
  store.keys.introduce('van-1', rig.journal.publicKey, 0)
  await exchange(rig, store)
  for (const [name, bytes] of Object.entries(files)) {
    const path = store.objectPath(sha256Of(bytes)) ?? ''
    t.strictSame(new Uint8Array(readFileSync(path)), bytes, name)
  }
  t.equal((await rig.journal.status()).unreceiptedPackets, 0, 'all of it is receipted')
  store.close()

  const db = new Database(join(folder, 'landing.db'), { readonly: true })
  t.strictSame(db.prepare('SELECT code FROM alarm').all(), [])
  const renditions = db
    .prepare<[], { role: string; sha256: string; image_sha256: string; size_bytes: number }>(
      'SELECT role, sha256, image_sha256, size_bytes FROM rendition ORDER BY packet_id',
    )
    .all()
  db.close()
  const of = (role: string, name: string) =>
    renditions.filter((one) => one.role === role && one.image_sha256 === sha256Of(files[name]!))
  t.equal(of('preview', 'chest').length, 1)
  t.equal(of('preview', 'clip').length, 3)
  t.equal(of('packed', 'chest').length + of('packed', 'clip').length, 2)
  t.equal(of('packed', 'no image at all').length, 1, 'as bytes')
  t.equal(of('packed', 'noise').length, 0)
  for (const { sha256 } of [...of('preview', 'chest'), ...of('preview', 'clip')]) {
    const path = join(folder, 'objects', sha256.slice(0, 2), sha256)
    t.equal(readFileSync(path).readUInt16BE(0), 0xffd8, 'a JPEG')
  }
})

t.test('packed images: a cut in front of the decision costs one image its form', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  const bytes = syntheticChest(100)
  for (const name of ['a', 'b']) {
    const image = imageOf(1, bytes, `1.2.${name}`)
    const path = rig.incoming(name, bytes)
    await rig.journal.adopt('us-1', image, path, 'undecided')
  }
  const copy = fastFolder(t)
  mkdirSync(join(copy, 'objects', sha256Of(bytes).slice(0, 2)), { recursive: true })
  for (const name of ['journal.db', 'journal.db-wal', 'van-key.pem']) {
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name))
  }
  writeFileSync(join(copy, 'objects', sha256Of(bytes).slice(0, 2), sha256Of(bytes)), bytes)
  const again = openRig(copy)
  t.equal((await again.journal.undecided(9)).length, 1, 'one file, whoever sent it')
  await again.journal.sendAsIs(sha256Of(bytes))
  t.equal((await again.journal.undecided(9)).length, 0)
})
