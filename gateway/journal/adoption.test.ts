import t from 'tap'
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { nodeFiles, type Files } from './files.ts'
import {
  allOutgoing,
  documentOf,
  fastFolder,
  Hospital,
  imageOf,
  measurement,
  noise,
  opened,
  openRig,
  recordsOf,
  rejection,
  type Rig,
} from './journal-testing.ts'

const bytes = noise(10_000, 'object')

function objectPath(rig: Rig, sha256: string): string {
  return `${rig.folder}/objects/${sha256.slice(0, 2)}/${sha256}`
}

async function receiptAll(rig: Rig): Promise<void> {
  const packets = await allOutgoing(rig.journal)
  const noted = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(noted)
}

t.test('adopt: the file gets its name, the record and its chunks are sent', async (t) => {
  const rig = openRig(fastFolder(t))
  const record = imageOf(5, bytes)
  const path = rig.incoming('a', bytes)
  t.equal(await rig.journal.adopt('xray-1', record, path), 'stored')
  t.equal(existsSync(path), false)
  t.strictSame(new Uint8Array(readFileSync(objectPath(rig, record.object.sha256))), bytes)
  const packets = await allOutgoing(rig.journal)
  t.strictSame(
    packets.map(({ stream, seq, class: urgency }) => [stream, seq, urgency]),
    [
      ['xray-1/image', 0, 2],
      ['xray-1/object', 0, 4],
      ['xray-1/object', 1, 4],
      ['xray-1/object', 2, 4],
    ],
  )
  t.strictSame(packets.flatMap(recordsOf), [record])
  t.strictSame(
    packets.slice(1).map((packet) => opened(packet).header.chunk?.offset),
    [0, 4_096, 8_192],
  )
  const hospital = new Hospital()
  hospital.take(packets)
  t.strictSame(hospital.object(record.object.sha256), bytes)
  t.strictSame(hospital.broken(), [])
})

t.test('adopt: chunks of a document have the class of measurements', async (t) => {
  const rig = openRig(fastFolder(t))
  await rig.journal.adopt('ecg-1', documentOf(5, bytes), rig.incoming('a', bytes))
  t.strictSame(
    (await allOutgoing(rig.journal)).map((packet) => packet.class),
    [2, 2, 2, 2],
  )
})

t.test('adopt: the same again adds nothing, also when its packets are long gone', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  await rig.journal.adopt('xray-1', imageOf(5, bytes), rig.incoming('a', bytes))
  const again = rig.incoming('b', bytes)
  t.equal(await rig.journal.adopt('xray-1', imageOf(99, bytes), again), 'already')
  t.equal(existsSync(again), false)
  t.equal((await allOutgoing(rig.journal)).length, 4)
  await receiptAll(rig)
  await rig.journal.close()

  const tight = openRig(folder, { limitBytes: 200_000 })
  for (let at = 0; at < 400; at++)
    await tight.journal.store('oxi-1', measurement(at)).catch(() => undefined)
  t.equal(existsSync(objectPath(tight, imageOf(5, bytes).object.sha256)), false, 'gave way')
  const third = tight.incoming('c', bytes)
  t.equal(await tight.journal.adopt('xray-1', imageOf(5, bytes), third), 'already')
  t.equal(existsSync(third), false)
})

t.test('adopt: another instance, title or device is another record of one file', async (t) => {
  const rig = openRig(fastFolder(t))
  const adopt = (device: string, record: ReturnType<typeof imageOf>) =>
    rig.journal.adopt(device, record, rig.incoming('x', bytes))
  t.equal(await adopt('xray-1', imageOf(1, bytes, '1.2.3')), 'stored')
  t.equal(await adopt('xray-1', imageOf(2, bytes, '1.2.4')), 'stored')
  t.equal((await allOutgoing(rig.journal)).length, 5, 'its chunks are on their way already')
  t.equal(await adopt('xray-2', imageOf(3, bytes, '1.2.3')), 'stored')
  t.equal((await allOutgoing(rig.journal)).length, 9, 'another device sends its own chunks')
  const used = (await rig.journal.status()).usedBytes
  t.ok(used < 200_000)
})

t.test('adopt: a file that is not what the record says is refused and left alone', async (t) => {
  const rig = openRig(fastFolder(t))
  const record = imageOf(5, bytes)
  const short = rig.incoming('short', bytes.slice(1))
  t.equal(await rejection(rig.journal.adopt('x', record, short)), 'journal-object-differs')
  const changed = rig.incoming('changed', noise(10_000, 'other'))
  t.equal(await rejection(rig.journal.adopt('x', record, changed)), 'journal-object-differs')
  t.ok(existsSync(short) && existsSync(changed))
  const absent = `${rig.journal.incomingFolder}/absent`
  t.equal(await rejection(rig.journal.adopt('x', record, absent)), 'journal-object-differs')
  t.match(await rejection(rig.journal.adopt('x', record, '/etc/hostname')), /TypeError/)
  t.match(await rejection(rig.journal.store('x', record)), /TypeError/)
  t.match(await rejection(rig.journal.adopt('x', measurement(1), short)), /TypeError/)
  t.strictSame(await allOutgoing(rig.journal), [])
  t.equal(await rig.journal.adopt('x', record, rig.incoming('right', bytes)), 'stored')
})

t.test('adopt: more chunks than may be are refused before anything is read', async (t) => {
  const rig = openRig(fastFolder(t))
  const record = imageOf(5, bytes)
  const object = { ...record.object, sizeBytes: 70_000, chunkBytes: 1 }
  const adopted = rig.journal.adopt('x', { ...record, object }, rig.incoming('a', bytes))
  t.equal(await rejection(adopted), 'journal-refused')
})

t.test('adopt: readings do not wait for the hash of a long file', async (t) => {
  const rig = openRig(fastFolder(t))
  const long = new Uint8Array(12_000_000)
  const object = { ...imageOf(1, long).object, chunkBytes: 65_536 }
  const adopted = rig.journal.adopt('x', { ...imageOf(1, long), object }, rig.incoming('a', long))
  await rig.journal.store('oxi-1', measurement(1))
  t.strictSame(
    (await allOutgoing(rig.journal)).map(({ stream }) => stream),
    ['oxi-1/measurement'],
  )
  await rig.commit()
  t.equal(await adopted, 'stored')
})

t.test(
  'adopt: a damaged file is declared lost when it is read, and healed by its return',
  async (t) => {
    const rig = openRig(fastFolder(t))
    const record = imageOf(5, bytes)
    const { sha256 } = record.object
    await rig.journal.adopt('xray-1', record, rig.incoming('a', bytes))
    writeFileSync(objectPath(rig, sha256), bytes.slice(0, 5_000))
    const packets = await allOutgoing(rig.journal)
    t.strictSame(
      packets.map(({ stream, seq }) => [stream, seq]),
      [
        ['xray-1/image', 0],
        ['xray-1/object', 0],
        ['van/losses', 0],
      ],
    )
    const losses = packets.flatMap(recordsOf).filter(({ kind }) => kind === 'loss')
    t.strictSame(
      losses.map((loss) => loss.kind === 'loss' && [loss.stream, loss.fromSeq, loss.toSeq]),
      [
        ['xray-1/object', 1, 1],
        ['xray-1/object', 2, 2],
      ],
    )
    const range = { from: 0, to: 2 }
    const again = await rig.journal.again(rig.journal.epoch, 'xray-1/object', range, 9)
    t.strictSame([again.packets.length, again.lost], [1, [{ from: 1, to: 2 }]])
    t.equal(await rig.journal.adopt('xray-1', record, rig.incoming('b', bytes)), 'stored')
    const healed = await rig.journal.again(rig.journal.epoch, 'xray-1/object', range, 9)
    t.equal(healed.packets.length, 3)
  },
)

t.test('adopt: at the start, half files and files without a row are removed', async (t) => {
  const folder = fastFolder(t)
  const first = openRig(folder)
  const record = imageOf(5, bytes)
  await first.journal.adopt('xray-1', record, first.incoming('a', bytes))
  const orphan = `${folder}/objects/${record.object.sha256.slice(0, 2)}/${'0'.repeat(64)}`
  const nameless = orphan.replace(/[^/]*$/, `${record.object.sha256.slice(0, 2)}${'0'.repeat(62)}`)
  writeFileSync(nameless, 'x')
  const half = first.incoming('half', bytes.slice(0, 10))
  await first.journal.close()
  const second = openRig(folder)
  t.strictSame(
    [nameless, half, objectPath(second, record.object.sha256)].map((path) => existsSync(path)),
    [false, false, true],
  )
})

t.test('adopt: a file is not read before its form is known', async (t) => {
  const record = imageOf(5, bytes)
  const reads: string[] = []
  const watched: Files = {
    ...nodeFiles,
    read(path, offset, length) {
      reads.push(path)
      return nodeFiles.read(path, offset, length)
    },
  }
  const rig = openRig(fastFolder(t), { files: watched })
  const path = rig.incoming('a', bytes)
  reads.length = 0
  t.equal(await rig.journal.adopt('xray-1', record, path, 'undecided'), 'stored')
  t.strictSame(reads, [])
  await rig.journal.sendAsIs(record.object.sha256)
  t.ok(reads.length > 0)
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.object(record.object.sha256), bytes)
  const again = rig.incoming('b', bytes)
  t.equal(await rig.journal.adopt('xray-1', record, again, 'undecided'), 'already')
})

t.test('adopt: a file that is another when its form is known is declared lost', async (t) => {
  for (const harm of [
    (path: string) => writeFileSync(path, bytes.toReversed()),
    (path: string) => truncateSync(path, 5_000),
    (path: string) => rmSync(path),
  ]) {
    const rig = openRig(fastFolder(t))
    const record = imageOf(5, bytes)
    await rig.journal.adopt('xray-1', record, rig.incoming('a', bytes), 'undecided')
    harm(objectPath(rig, record.object.sha256))
    await rig.journal.sendAsIs(record.object.sha256)
    const sent = await allOutgoing(rig.journal)
    t.notOk(sent.some(({ stream }) => stream === 'xray-1/object'))
    const hospital = new Hospital()
    hospital.take(await allOutgoing(rig.journal))
    const losses = hospital.records().get('van/losses') ?? []
    t.strictSame(
      losses.map((loss) => loss.kind === 'loss' && [loss.stream, loss.fromSeq, loss.toSeq]),
      [0, 1, 2].map((seq) => ['xray-1/object', seq, seq]),
    )
    t.match(await rig.journal.instances([record.sopInstanceUid]), [{ state: 'lost' }])
  }
})

t.test('adopt: a file of another size than was said is refused', async (t) => {
  const rig = openRig(fastFolder(t))
  const record = imageOf(5, bytes)
  const short = rig.incoming('b', bytes.slice(1))
  const refusal = await rejection(rig.journal.adopt('xray-1', record, short, 'undecided'))
  t.equal(refusal, 'journal-object-differs')
  const path = rig.incoming('a', bytes)
  t.equal(await rig.journal.adopt('xray-1', record, path, 'undecided'), 'stored')
})

t.test('adopt: images that come at once share a commit, and each is answered', async (t) => {
  const rig = openRig(fastFolder(t))
  const pictures = Array.from({ length: 40 }, (_, at) => noise(5_000, `picture ${at}`))
  // The first comes twice, from two devices; the second twice from the same.
  const first = pictures[0] ?? bytes
  const second = pictures[1] ?? bytes
  const adopt = (device: string, at: number, picture: Uint8Array, name: string) => {
    const record = imageOf(at, picture, `1.2.${at}`)
    return rig.journal.adopt(device, record, rig.incoming(name, picture))
  }
  const statuses = await Promise.all([
    ...pictures.map((picture, at) => adopt('xray-1', at, picture, `a${at}`)),
    adopt('us-1', 0, first, 'b'),
    adopt('xray-1', 1, second, 'c'),
  ])
  t.strictSame(statuses, [...pictures.map(() => 'stored'), 'stored', 'already'])
  const hospital = new Hospital()
  hospital.take(await allOutgoing(rig.journal))
  t.strictSame(hospital.broken(), [])
  for (const picture of pictures) {
    t.strictSame(hospital.object(imageOf(0, picture).object.sha256), picture)
  }
  t.equal(hospital.records().get('xray-1/image')?.length, 40)
  t.equal(hospital.records().get('us-1/image')?.length, 1)
})

t.test('adopt: of several that come at once, those that fit are taken', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 17_000_000 })
  const small = noise(20_000, 'small')
  const large = noise(18_000_000, 'large')
  const adopting = [large, small].map((picture, at) => {
    const record = imageOf(at, picture, `1.2.${at}`)
    return rig.journal.adopt('xray-1', record, rig.incoming(`a${at}`, picture), 'undecided')
  })
  const [first, second] = await Promise.allSettled(adopting)
  t.match(first, { status: 'rejected', reason: { code: 'journal-full' } })
  t.match(second, { status: 'fulfilled', value: 'stored' })
  t.ok(existsSync(rig.incoming('b', small).replace(/b$/, 'a0')), 'the file is its owners again')
})

t.test('adopt: what came before a close is stored before it', async (t) => {
  const rig = openRig(fastFolder(t))
  const record = imageOf(5, bytes)
  const adopting = rig.journal.adopt('xray-1', record, rig.incoming('a', bytes), 'undecided')
  await rig.journal.close()
  t.equal(await adopting, 'stored')
})
