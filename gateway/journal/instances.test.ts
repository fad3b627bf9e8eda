import { existsSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import t from 'tap'
import type { Rendition } from '../../protocols/packet/record.ts'
import type { KeptInstance } from './journal.ts'
import {
  allOutgoing,
  copyOfFolder,
  fastFolder,
  Hospital,
  imageOf,
  noise,
  openRig,
  secondBoot,
  sha256Hex,
  type Rig,
} from './journal-testing.ts'

const uid = '1.2.3'
const file = noise(10_000, 'file')
const other = noise(9_000, 'other')
const image = imageOf(5, file, uid)

/** Tells the hospital's receipts for packets of these streams. */
async function receipt(rig: Rig, isWanted: (stream: string) => boolean = () => true) {
  const packets = (await allOutgoing(rig.journal)).filter(({ stream }) => isWanted(stream))
  const noted = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(noted)
}

async function states(rig: Rig, sopInstanceUid = uid): Promise<readonly KeptInstance['state'][]> {
  return (await rig.journal.instances([sopInstanceUid])).map(({ state }) => state)
}

function adopt(rig: Rig, device = 'xray-1', record = image, bytes = file) {
  return rig.journal.adopt(device, record, rig.incoming(`${device}-${record.atMs}`, bytes))
}

t.test('instances: receipted when the record and every chunk is, not before', async (t) => {
  const rig = openRig(fastFolder(t))
  t.strictSame(await rig.journal.instances([uid]), [])
  await adopt(rig)
  t.strictSame(await rig.journal.instances([uid, '9.9.9']), [
    {
      sopInstanceUid: uid,
      sopClassUid: image.sopClassUid,
      sha256: image.object.sha256,
      devices: ['xray-1'],
      state: 'here',
    },
  ])
  await receipt(rig, (stream) => stream === 'xray-1/object')
  t.strictSame(await states(rig), ['here'], 'the record is missing')
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
  const next = imageOf(6, other, '1.2.4')
  await adopt(rig, 'xray-1', next, other)
  await receipt(rig, (stream) => stream === 'xray-1/image')
  t.strictSame(await states(rig, '1.2.4'), ['here'], 'the chunks are missing')
})

t.test('instances: what was removed after its receipt is still known', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder, { limitBytes: 1_000_000 })
  const first = noise(150_000, 'first')
  await adopt(rig, 'xray-1', imageOf(1, first, '1.1'), first)
  await receipt(rig)
  for (let index = 2; index < 8; index++) {
    const bytes = noise(150_000, index)
    await adopt(rig, 'xray-1', imageOf(index, bytes, `1.${index}`), bytes)
    await receipt(rig)
  }
  const { sha256 } = imageOf(1, first).object
  t.equal(fileIsThere(rig, sha256), false, 'it was removed')
  t.strictSame(await states(rig, '1.1'), ['receipted'])
  await rig.journal.close()
  t.strictSame(await states(openRig(folder), '1.1'), ['receipted'], 'after a start too')
})

function fileIsThere({ folder }: Rig, sha256: string): boolean {
  return existsSync(`${folder}/objects/${sha256.slice(0, 2)}/${sha256}`)
}

t.test('instances: what goes out once more is not receipted until it is again', async (t) => {
  const rig = openRig(fastFolder(t))
  await adopt(rig)
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
  await adopt(rig, 'xray-2')
  const [both] = await rig.journal.instances([uid])
  t.match(both, { devices: ['xray-1', 'xray-2'], state: 'here' })
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
})

t.test('instances: a chunk that is lost is never made up for by a receipt', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await adopt(rig)
  const { sha256 } = image.object
  writeFileSync(`${folder}/objects/${sha256.slice(0, 2)}/${sha256}`, file.slice(0, 5_000))
  await receipt(rig)
  await receipt(rig)
  t.equal((await rig.journal.status()).unreceiptedPackets, 0)
  t.strictSame(await states(rig), ['lost'])
  await rig.journal.close()
  t.strictSame(await states(openRig(folder)), ['lost'], 'after a start too')
})

t.test('instances: what was lost and is brought again goes out anew, whole', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await adopt(rig)
  const { sha256 } = image.object
  // Of the same size: nothing but its digests tell.
  const damaged = file.slice().fill(0, 5_000)
  writeFileSync(`${folder}/objects/${sha256.slice(0, 2)}/${sha256}`, damaged)
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  await receipt(rig)
  t.equal(hospital.object(sha256), null)
  t.strictSame(await states(rig), ['lost'])
  t.equal(await adopt(rig), 'stored')
  t.strictSame(await states(rig), ['here'])
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(sha256), file)
  await receipt(rig, (stream) => stream === 'xray-1/image')
  t.strictSame(await states(rig), ['here'])
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
  t.equal(await adopt(rig), 'already')
  await rig.journal.close()
  t.strictSame(await states(openRig(folder)), ['receipted'])
})

t.test('instances: two images under one UID, and one under another class', async (t) => {
  const rig = openRig(fastFolder(t))
  await adopt(rig)
  await adopt(rig, 'xray-2', { ...imageOf(6, other, uid), sopClassUid: '1.2.9' }, other)
  const found = await rig.journal.instances([uid])
  t.strictSame(
    new Map(found.map(({ sopClassUid, devices }) => [sopClassUid, devices])),
    new Map([
      [image.sopClassUid, ['xray-1']],
      ['1.2.9', ['xray-2']],
    ]),
  )
})

t.test('instances: nobody answers for a name that the data set does not have', async (t) => {
  const rig = openRig(fastFolder(t))
  await adopt(rig, 'xray-1', { ...image, flags: ['uid-mismatch'] })
  await receipt(rig)
  t.strictSame(await states(rig), [])
})

t.test('instances: an image that travels packed is receipted with what carries it', async (t) => {
  const rig = openRig(fastFolder(t))
  await rig.journal.adopt('xray-1', image, rig.incoming('a', file), 'undecided')
  await receipt(rig)
  t.strictSame(await states(rig), ['here'], 'its form is not decided')
  await pack(rig)
  t.strictSame(await states(rig), ['here'])
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
})

t.test('instances: what a damaged file carried is lost with it', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await rig.journal.adopt('xray-1', image, rig.incoming('a', file), 'undecided')
  const sha256 = await pack(rig)
  writeFileSync(`${folder}/objects/${sha256.slice(0, 2)}/${sha256}`, 'x')
  await receipt(rig)
  t.strictSame(await states(rig), ['lost'])
  const again = rig.incoming('b', file)
  t.equal(await rig.journal.adopt('xray-1', image, again, 'undecided'), 'stored')
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(image.object.sha256), file, 'brought again it goes as it is')
  await receipt(rig, (stream) => stream === 'xray-1/image')
  t.strictSame(await states(rig), ['here'])
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
})

async function pack(rig: Rig): Promise<string> {
  const bytes = noise(5_000, 'packed')
  const { atMs, utcMs, uncertaintyMs, source, simulated } = image
  const mediaType = 'application/vnd.simpul.packed-image'
  const packed: Rendition = {
    kind: 'rendition',
    atMs,
    utcMs,
    uncertaintyMs,
    source,
    simulated,
    role: 'packed',
    of: image.object.sha256,
    object: { sha256: sha256Hex(bytes), sizeBytes: bytes.length, mediaType, chunkBytes: 4_096 },
    frame: null,
  }
  await rig.journal.adopt('xray-1', packed, rig.incoming('packed', bytes))
  return packed.object.sha256
}

t.test('instances: numbers that were given twice take back what they proved', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await adopt(rig)
  await receipt(rig)
  const noted = rig.journal.receipt(rig.journal.epoch, 'xray-1/object', [{ from: 0, to: 99 }])
  await rig.commit()
  await noted
  t.strictSame(await states(rig), ['lost'])
  t.equal(await adopt(rig), 'already', 'until there are new numbers')
  await adopt(rig, 'xray-1', imageOf(6, other, '1.2.4'), other)
  await receipt(rig)
  t.strictSame(await states(rig, '1.2.4'), ['lost'], 'nor is anything else sure meanwhile')
  await rig.journal.close()
  const next = openRig(folder, { seed: 2 })
  t.equal(await adopt(next), 'stored')
  await receipt(next)
  t.strictSame(await states(next), ['receipted'])
})

t.test('instances: a damaged journal forgets what it cannot prove', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await adopt(rig)
  const gone = noise(12_000, 'gone')
  await adopt(rig, 'xray-1', imageOf(6, gone, '1.2.5'), gone)
  await rig.journal.close()
  const { sha256 } = imageOf(6, gone).object
  const copy = fastFolder(t)
  copyOfFolder(folder, copy)
  writeFileSync(`${copy}/journal.suspect`, '')
  writeFileSync(`${copy}/objects/${sha256.slice(0, 2)}/${sha256}`, gone.slice(0, 100))
  const salvaged = openRig(copy, { seed: 2, bootId: secondBoot })
  t.strictSame(await states(salvaged), ['here'])
  await receipt(salvaged)
  t.strictSame(await states(salvaged), ['receipted'])
  t.strictSame(await states(salvaged, '1.2.5'), ['lost'])
})

t.test('instances: what a damaged journal forgot may come again, and be proved', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await adopt(rig)
  await receipt(rig)
  t.strictSame(await states(rig), ['receipted'])
  await rig.journal.close()
  const db = new Database(`${folder}/journal.db`)
  db.exec('DELETE FROM instances')
  db.close()
  const salvaged = openRig(folder, { seed: 2 })
  t.strictSame(await states(salvaged), [])
  t.equal(await adopt(salvaged), 'stored')
  t.strictSame(await states(salvaged), ['here'])
  await receipt(salvaged)
  t.strictSame(await states(salvaged), ['receipted'])
  t.equal(await adopt(salvaged), 'already')
})

t.test('instances: a thousand names are answered from an index', async (t) => {
  const rig = openRig(fastFolder(t))
  await adopt(rig)
  const uids = Array.from({ length: 1_000 }, (_, index) => `1.2.3.${index}`)
  t.equal((await rig.journal.instances([...uids, uid])).length, 1)
})
