import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import t from 'tap'
import type { Rendition } from '../../protocols/packet/record.ts'
import {
  allOutgoing,
  copyOfFolder,
  fastFolder,
  Hospital,
  imageOf,
  noise,
  openRig,
  recordsOf,
  rejection,
  sha256Hex,
  type Rig,
} from './journal-testing.ts'

const file = noise(10_000, 'file')
const image = imageOf(5, file)
const smaller = noise(5_000, 'packed')

function packedOf(bytes: Uint8Array, of = image): Rendition {
  const { atMs, utcMs, uncertaintyMs, source, simulated } = of
  const mediaType = 'application/vnd.simpul.packed-image'
  return {
    kind: 'rendition',
    atMs,
    utcMs,
    uncertaintyMs,
    source,
    simulated,
    role: 'packed',
    of: of.object.sha256,
    object: { sha256: sha256Hex(bytes), sizeBytes: bytes.length, mediaType, chunkBytes: 4_096 },
    frame: null,
  }
}

function store(rig: Rig, name = 'a', device = 'xray-1') {
  return rig.journal.adopt(device, image, rig.incoming(name, file), 'undecided')
}

function pack(rig: Rig, device = 'xray-1') {
  return rig.journal.adopt(device, packedOf(smaller), rig.incoming('packed', smaller))
}

async function outgoing(rig: Rig): Promise<readonly string[]> {
  return (await allOutgoing(rig.journal)).map(
    ({ stream, seq, class: urgency }) => `${stream} ${seq} ${urgency}`,
  )
}

async function receipt(rig: Rig, streams: readonly string[]): Promise<void> {
  const packets = (await allOutgoing(rig.journal)).filter(({ stream }) => streams.includes(stream))
  const noted = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(noted)
}

/** Objects that may be removed, in hex. Closes the journal. */
async function removable(rig: Rig): Promise<readonly string[]> {
  await rig.journal.close()
  const db = new Database(`${rig.folder}/journal.db`, { readonly: true })
  try {
    return db
      .prepare<[], string>(
        `SELECT lower(hex(sha256)) FROM receipted JOIN objects ON objects.id = object ORDER BY 1`,
      )
      .pluck()
      .all()
  } finally {
    db.close()
  }
}

const both = [image.object.sha256, sha256Hex(smaller)].sort()

t.test('forms: only the record is sent until it is decided how the file travels', async (t) => {
  const rig = openRig(fastFolder(t))
  t.equal(await store(rig), 'stored')
  t.strictSame(await outgoing(rig), ['xray-1/image 0 2'])
  const [waiting] = await rig.journal.undecided(5)
  t.strictSame(waiting?.image, image)
  t.equal(waiting?.device, 'xray-1')
  t.equal(existsSync(waiting?.path ?? ''), true)
  const status = await rig.journal.status()
  t.equal(status.unreceiptedPackets, 4, 'the chunks to come count')
  t.ok(status.unreceiptedBytes > file.length)
})

t.test('forms: as it is', async (t) => {
  const rig = openRig(fastFolder(t))
  await store(rig)
  await rig.journal.sendAsIs(image.object.sha256)
  await rig.journal.sendAsIs(image.object.sha256)
  await rig.journal.sendAsIs('00'.repeat(32))
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(image.object.sha256), file)
  t.strictSame(await rig.journal.undecided(5), [])
  t.equal((await rig.journal.status()).unreceiptedPackets, 4)
  t.equal(await pack(rig), 'already', 'packed too late')
  t.equal((await outgoing(rig)).length, 4)
})

t.test('forms: packed, in the place of the file', async (t) => {
  const rig = openRig(fastFolder(t))
  await store(rig)
  t.equal(await pack(rig), 'stored')
  await rig.journal.sendAsIs(image.object.sha256)
  t.strictSame(await outgoing(rig), [
    'xray-1/image 0 2',
    'xray-1/rendition 0 2',
    'xray-1/object 0 4',
    'xray-1/object 1 4',
  ])
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(sha256Hex(smaller)), smaller)
  t.equal(hospital.object(image.object.sha256), null)
  t.strictSame(await rig.journal.undecided(5), [])
})

t.test('forms: a file is kept until what carries it is receipted, all of it', async (t) => {
  const streams = ['xray-1/image', 'xray-1/rendition', 'xray-1/object']
  for (const last of streams) {
    const rig = openRig(fastFolder(t))
    await store(rig)
    await pack(rig)
    await receipt(
      rig,
      streams.filter((stream) => stream !== last),
    )
    const before = await removable(rig)
    const kept = last === 'xray-1/image' ? [image.object.sha256] : both
    t.strictSame(
      before,
      both.filter((sha256) => !kept.includes(sha256)),
      last,
    )
    const again = openRig(rig.folder)
    await receipt(again, [last])
    t.strictSame(await removable(again), both, last)
  }
})

t.test('forms: a file that waits for its form is kept, whatever is receipted', async (t) => {
  const rig = openRig(fastFolder(t))
  await store(rig)
  await receipt(rig, ['xray-1/image'])
  t.strictSame(await removable(rig), [])
  const again = openRig(rig.folder)
  t.equal((await again.journal.undecided(5)).length, 1, 'after a start too')
  await again.journal.sendAsIs(image.object.sha256)
  await receipt(again, ['xray-1/object'])
  t.strictSame(await removable(again), [image.object.sha256])
})

t.test('forms: removed together, and packed once more for another device', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 500_000 })
  await store(rig)
  await pack(rig)
  await receipt(rig, ['xray-1/image', 'xray-1/rendition', 'xray-1/object'])
  const path = `${rig.folder}/objects/${image.object.sha256.slice(0, 2)}/${image.object.sha256}`
  for (let index = 0; index < 8; index++) {
    const other = noise(60_000, index)
    const name = `other-${index}`
    await rig.journal.adopt('xray-1', imageOf(9, other, `9.${index}`), rig.incoming(name, other))
    await receipt(rig, ['xray-1/image', 'xray-1/object'])
  }
  t.equal(existsSync(path), false)
  t.equal(await store(rig, 'b'), 'already', 'the hospital has it')
  t.equal(await store(rig, 'c', 'xray-2'), 'stored')
  t.equal((await rig.journal.undecided(5)).length, 1)
  t.equal(await pack(rig, 'xray-2'), 'stored')
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(sha256Hex(smaller)), smaller)
})

t.test(
  'forms: another device with a file that is carried sends no more than its record',
  async (t) => {
    const rig = openRig(fastFolder(t))
    await store(rig)
    t.equal(await store(rig, 'b', 'xray-2'), 'stored')
    t.equal((await rig.journal.undecided(5)).length, 1)
    await pack(rig)
    t.equal(await store(rig, 'c', 'xray-3'), 'stored')
    t.strictSame(await rig.journal.undecided(5), [])
    t.equal((await outgoing(rig)).filter((one) => one.includes('object')).length, 2)
  },
)

t.test('forms: a preview goes in front of chunks, and changes nothing else', async (t) => {
  const rig = openRig(fastFolder(t))
  await store(rig)
  const jpeg = noise(900, 'jpeg')
  const preview: Rendition = { ...packedOf(jpeg), role: 'preview', frame: 0 }
  t.equal(await rig.journal.adopt('xray-1', preview, rig.incoming('p', jpeg)), 'stored')
  t.strictSame(await outgoing(rig), [
    'xray-1/image 0 2',
    'xray-1/rendition 0 3',
    'xray-1/object 0 3',
  ])
  t.strictSame((await allOutgoing(rig.journal)).slice(0, 2).flatMap(recordsOf), [image, preview])
  t.equal((await rig.journal.undecided(5)).length, 1)
})

t.test('forms: a coerced form of an image waits and is carried like the image', async (t) => {
  const rig = openRig(fastFolder(t))
  const bytes = noise(9_000, 'coerced')
  const mediaType = 'application/dicom'
  const object = { sha256: sha256Hex(bytes), sizeBytes: bytes.length, mediaType, chunkBytes: 4_096 }
  const coerced: Rendition = { ...packedOf(smaller), role: 'coerced', object }
  const path = rig.incoming('coerced', bytes)
  const adopted = await rig.journal.adopt('xray-1', coerced, path, 'undecided')
  t.equal(adopted, 'stored')
  t.strictSame(await outgoing(rig), ['xray-1/rendition 0 2'])
  await receipt(rig, ['xray-1/rendition'])
  await rig.journal.close()
  const again = openRig(rig.folder)
  t.match(await again.journal.undecided(5), [{ device: 'xray-1', image: coerced }])
  const packed = { ...packedOf(smaller), of: object.sha256 }
  await again.journal.adopt('xray-1', packed, again.incoming('packed', smaller))
  await again.journal.sendAsIs(object.sha256)
  const hospital = new Hospital()
  hospital.take(await allOutgoing(again.journal))
  t.strictSame(hospital.object(sha256Hex(smaller)), smaller)
  t.equal(hospital.object(object.sha256), null)
  t.strictSame(await again.journal.undecided(5), [])
})

t.test('forms: without room it waits on', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 220_000 })
  t.equal(await store(rig), 'stored')
  const large = noise(300_000, 'too large')
  const packed = { ...packedOf(large) }
  t.equal(
    await rejection(rig.journal.adopt('xray-1', packed, rig.incoming('p', large))),
    'journal-full',
  )
  t.equal((await rig.journal.undecided(5)).length, 1)
  await rig.journal.sendAsIs(image.object.sha256)
  t.equal((await outgoing(rig)).length, 4)
})

/** Every page of the database once, in a copy of the folder of which it is harmed. */
function* harmedCopies(t: Parameters<typeof fastFolder>[0], folder: string): Generator<string> {
  const database = readFileSync(`${folder}/journal.db`)
  for (let page = 0; page * 4_096 < database.length; page++) {
    const copy = fastFolder(t)
    copyOfFolder(folder, copy)
    const harmed = Buffer.from(database)
    harmed.fill(0xa5, page * 4_096, (page + 1) * 4_096)
    writeFileSync(`${copy}/journal.db`, harmed)
    yield copy
  }
}

t.test('forms: after damage anywhere the file still goes, as itself or packed', async (t) => {
  for (const isPacked of [false, true]) {
    const rig = openRig(fastFolder(t))
    await store(rig)
    if (isPacked) await pack(rig)
    await rig.journal.close()
    let salvages = 0
    for (const copy of harmedCopies(t, rig.folder)) {
      const again = openRig(copy, { seed: 2 })
      if (existsSync(`${copy}/damaged`)) salvages++
      await again.journal.sendAsIs(image.object.sha256)
      const packets = await allOutgoing(again.journal)
      const hospital = new Hospital()
      hospital.take(packets)
      const isNamed = [...hospital.records().values()].flat().some(({ kind }) => kind === 'image')
      const carrier = hospital.object(sha256Hex(smaller))
      const isThere = hospital.object(image.object.sha256) !== null || carrier !== null
      if (isNamed && !isThere) t.fail(`the file is lost in ${copy}`)
      await again.journal.close()
    }
    t.ok(salvages > 3, `${salvages} salvages`)
  }
})
