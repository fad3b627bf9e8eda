import t, { type Test } from 'tap'
import { explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { FakeArchive, type ArchiveOptions } from '../../test/dicom/fake-archive.ts'
import { dicomTo, phases, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { ForwardingStage } from '../../test/dicom/forwarding-stage.ts'
import { imagePackets, land, type TestImage } from '../testing/images.ts'

const jpeg = '1.2.840.10008.1.2.4.50'

async function archive(t: Test, options: ArchiveOptions = {}) {
  const fake = new FakeArchive(options)
  const port = await fake.start()
  t.teardown(() => fake.stop())
  return { fake, port }
}

async function settles(
  t: Test,
  stage: ForwardingStage,
  destination: string,
  rows: unknown[][],
): Promise<void> {
  t.strictSame(await stage.reaches(destination, rows), rows)
}

const some = (count: number, study = 1): readonly TestImage[] =>
  Array.from({ length: count }, (_, index) => ultrasound(index, { study }))

t.test('forwarder: images go as they are stored, and are confirmed when found', async (t) => {
  const { fake, port } = await archive(t)
  const stage = new ForwardingStage(t)
  const early = [...some(3), ultrasound(9, { syntax: implicitLittle, pixelBytes: 700_001 })]
  const late = [ultrasound(20, { syntax: jpeg }), ultrasound(21, { study: 2 })]
  stage.land(early)
  await stage.forward([dicomTo('pacs', port)])
  await settles(t, stage, 'pacs', [['confirmed', null, 4]])
  stage.land(late)
  await settles(t, stage, 'pacs', [['confirmed', null, 6]])
  for (const { sopInstanceUid, dataSet, transferSyntaxUid } of [...early, ...late]) {
    const kept = fake.kept.get(sopInstanceUid)
    t.equal(kept?.transferSyntax, transferSyntaxUid)
    t.ok(kept !== undefined && Buffer.compare(kept.dataSet, dataSet) === 0, sopInstanceUid)
    t.equal(kept?.times, 1)
  }
  t.ok(await until(() => fake.released === fake.associations.length), 'each is released')
})

t.test('forwarder: an image waits for its file', async (t) => {
  const { fake, port } = await archive(t)
  const stage = new ForwardingStage(t)
  await stage.forward([dicomTo('pacs', port)])
  const packets = imagePackets(stage.van, ultrasound(1, { pixelBytes: 200_000 }))
  land(stage.store, packets.slice(0, 2))
  await settles(t, stage, 'pacs', [['awaited', null, 1]])
  land(stage.store, packets.slice(2), (sha256) => stage.forwarder?.objectWhole(sha256))
  await settles(t, stage, 'pacs', [['confirmed', null, 1]])
  t.equal(fake.kept.size, 1)
})

t.test(
  'forwarder: what did not come is tried again, what is refused twice is parked',
  async (t) => {
    const uid = (index: number): string => ultrasound(index).sopInstanceUid
    const answers = new Map<string, readonly (number | 'cut')[]>([
      [uid(0), [0xa700, 0xa701, 0]],
      [uid(1), [0x0110, 0]],
      [uid(2), [0x0213, 0]],
      [uid(3), ['cut', 0]],
      [uid(4), [0xa900, 0xa900]],
      [uid(5), [0xc000, 0]],
      [uid(6), [0xb000]],
      [uid(7), [0x0122, 0x0124]],
    ])
    const { fake, port } = await archive(t, {
      answers: (one, time) => answers.get(one)?.[time - 1] ?? 0,
    })
    const stage = new ForwardingStage(t)
    stage.land(some(8))
    await stage.forward([dicomTo('pacs', port)])
    const done = [
      ['confirmed', null, 6],
      ['parked', 'refused', 2],
    ]
    await settles(t, stage, 'pacs', done)
    t.equal(fake.kept.size, 6)
    const times = (index: number) =>
      fake.associations.flat().filter((one) => one === uid(index)).length
    t.strictSame([0, 1, 2, 3, 4, 5, 6, 7].map(times), [3, 2, 2, 2, 2, 2, 1, 2])
  },
)

t.test(
  'forwarder: a duplicate is success when the peer has it, and not when it has not',
  async (t) => {
    const there = ultrasound(1)
    const { fake, port } = await archive(t, { answers: () => 0x0111 })
    const { dataSet, sopInstanceUid } = there
    fake.kept.set(sopInstanceUid, { dataSet, transferSyntax: explicitLittle, times: 0 })
    const stage = new ForwardingStage(t)
    stage.land([there, ultrasound(2)])
    await stage.forward([dicomTo('pacs', port)], { speed: 5_000 })
    const done = [
      ['confirmed', null, 1],
      ['parked', 'vanished', 1],
    ]
    await settles(t, stage, 'pacs', done)
  },
)

t.test('forwarder: what the peer indexes later is asked for again, not sent again', async (t) => {
  const { fake, port } = await archive(t, { hides: (_, time) => time < 4 })
  const stage = new ForwardingStage(t)
  stage.land(some(2))
  await stage.forward([dicomTo('pacs', port)])
  await settles(t, stage, 'pacs', [['confirmed', null, 2]])
  t.strictSame(
    [...fake.kept.values()].map(({ times }) => times),
    [1, 1],
  )
})

t.test('forwarder: what the peer does not take is parked with the reason', async (t) => {
  const { port } = await archive(t, {
    choose: (proposed) => (proposed.includes(explicitLittle) ? explicitLittle : null),
    serves: (uid) => uid !== '1.2.3.4',
  })
  const stage = new ForwardingStage(t)
  const foreign = { ...ultrasound(5), sopClassUid: '1.2.3.4' }
  stage.land([ultrasound(1), ultrasound(2, { syntax: jpeg }), foreign])
  await stage.forward([dicomTo('pacs', port)])
  const done = [
    ['confirmed', null, 1],
    ['parked', 'class-refused', 1],
    ['parked', 'syntax-refused', 1],
  ]
  await settles(t, stage, 'pacs', done)
})

t.test('forwarder: what does not belong there is held back', async (t) => {
  const { fake, port } = await archive(t)
  const stage = new ForwardingStage(t)
  stage.land([ultrasound(1)], { simulated: true })
  stage.land([ultrasound(2)], { flags: ['uid-mismatch'] })
  stage.land([ultrasound(3)])
  stage.land([ultrasound(3, { pixelBytes: 3_000 })], { flags: ['uid-conflict'] })
  await stage.forward([dicomTo('pacs', port), dicomTo('demo', port, { takesSimulated: true })])
  t.ok(await until(() => phases(stage.folder, 'demo')[0]?.[2] === 2))
  t.ok(await until(() => phases(stage.folder, 'pacs')[0]?.[0] === 'confirmed'))
  t.strictSame(phases(stage.folder, 'pacs'), [
    ['confirmed', null, 1],
    ['parked', 'conflict', 1],
    ['parked', 'names-differ', 1],
    ['parked', 'simulated', 1],
  ])
  t.equal(fake.kept.size, 2)
})

for (const commits of ['same', 'new'] as const) {
  t.test(`forwarder: commitment reported on the ${commits} association`, async (t) => {
    const denied = ultrasound(1).sopInstanceUid
    let denials = 0
    const { fake, port } = await archive(t, {
      denies: (uid) => uid === denied && ++denials <= 2,
      finds: false,
    })
    const stage = new ForwardingStage(t)
    stage.land(some(3))
    const listen = commits === 'new' ? { host: '127.0.0.1', port: 0 } : null
    fake.options = { ...fake.options, commits: 'same' }
    const destination = dicomTo('pacs', port, { proof: 'commitment' })
    if (listen !== null) {
      fake.options = { ...fake.options, commits: 'never' }
      await stage.forward([], { listen })
      const reportPort = stage.forwarder?.reportPort ?? 0
      await stage.forwarder?.stop()
      fake.options = { ...fake.options, commits: { port: reportPort } }
      await stage.forward([destination], { listen: { host: '127.0.0.1', port: reportPort } })
    } else {
      await stage.forward([destination], { speed: 100 })
    }
    await settles(t, stage, 'pacs', [['confirmed', null, 3]])
    t.ok(denials > 2)
    t.ok(fake.reportStatuses.every((status) => status === 0))
  })
}

t.test('forwarder: without a report in time, it looks by itself', async (t) => {
  const { port } = await archive(t, { commits: 'never' })
  const stage = new ForwardingStage(t)
  stage.land(some(2))
  const listen = { host: '127.0.0.1', port: 0 }
  await stage.forward([dicomTo('pacs', port)], { speed: 5_000, listen })
  await settles(t, stage, 'pacs', [['confirmed', null, 2]])
})

t.test(
  'forwarder: a peer that cannot bear the question for a commitment is looked at',
  async (t) => {
    const { fake, port } = await archive(t, { commits: 'cut' })
    const stage = new ForwardingStage(t)
    stage.land(some(2))
    const listen = { host: '127.0.0.1', port: 0 }
    await stage.forward([dicomTo('pacs', port)], { listen })
    await settles(t, stage, 'pacs', [['confirmed', null, 2]])
    t.equal(fake.associations.length, 2)
  },
)

t.test('forwarder: without a proof, what the peer says is sent and no more', async (t) => {
  const { port } = await archive(t, { finds: false })
  const stage = new ForwardingStage(t)
  stage.land(some(2))
  await stage.forward([dicomTo('pacs', port), dicomTo('other', port, { proof: 'none' })])
  await settles(t, stage, 'pacs', [['sent', null, 2]])
  await settles(t, stage, 'other', [['sent', null, 2]])
})

t.test(
  'forwarder: a destination that hangs holds no other, and is left alone when we stop',
  async (t) => {
    const { port } = await archive(t)
    const { fake: hanging, port: badPort } = await archive(t, { answers: () => 'silence' })
    const stage = new ForwardingStage(t)
    stage.land(some(5))
    const bad = dicomTo('bad', badPort)
    await stage.forward([bad, dicomTo('gone', 1), dicomTo('good', port)], { speed: 50 })
    await settles(t, stage, 'good', [['confirmed', null, 5]])
    t.ok(hanging.associations.length > 0)
    t.strictSame(phases(stage.folder, 'bad'), [['waiting', null, 5]])
    t.strictSame(phases(stage.folder, 'gone'), [['waiting', null, 5]])
    const startedMs = performance.now()
    await stage.forwarder?.stop()
    stage.forwarder = null
    t.ok(performance.now() - startedMs < 10_000)
  },
)

t.test('forwarder: an image that makes the peer fall over does not hold the others', async (t) => {
  const poison = ultrasound(4).sopInstanceUid
  const { fake, port } = await archive(t, { answers: (uid) => (uid === poison ? 'silence' : 0) })
  fake.options = {
    ...fake.options,
    answers: (uid) => (uid === poison ? 'cut' : 0),
    hides: (uid) => uid === poison,
  }
  const stage = new ForwardingStage(t)
  stage.land(some(8))
  await stage.forward([dicomTo('pacs', port)])
  const done = (): boolean => {
    const [first] = phases(stage.folder, 'pacs')
    return first?.[0] === 'confirmed' && first[2] === 7
  }
  t.ok(await until(done))
  t.strictSame(phases(stage.folder, 'pacs')[1], ['waiting', null, 1])
})
