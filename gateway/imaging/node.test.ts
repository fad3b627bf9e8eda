import t from 'tap'
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../../test/dicom/data-set.ts'
import { FakeFiles } from '../../test/dicom/fake-files.ts'
import { FakeModality } from '../../test/dicom/fake-wire.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { ImagingNode } from './node.ts'
import { imagingDefaults, type NodeOptions } from './options.ts'
import type {
  AssociationEvent,
  ImagingNotice,
  ReceivedImage,
  StoreOutcome,
} from './received-image.ts'

function van(options: Partial<NodeOptions> = {}) {
  const clock = fakeClock()
  const files = new FakeFiles()
  const images: ReceivedImage[] = []
  const notices: ImagingNotice[] = []
  const events: AssociationEvent[] = []
  let names = 0
  let outcome: StoreOutcome | Error = { status: 'stored' }
  let held: (() => void)[] | null = null
  const node = new ImagingNode(
    { ...imagingDefaults, incomingFolder: '/in', ...options },
    {
      clock,
      files,
      soon: (work) => work(),
      newName: () => `n${++names}`,
      newUid: () => `2.25.${++names}`,
      call: async () => ({ kind: 'failed', why: 'unreachable' }),
    },
    {
      expect: () => {},
      store: async (image) => {
        images.push(image)
        const waiting = held
        if (waiting !== null) await new Promise<void>((resolve) => waiting.push(resolve))
        if (outcome instanceof Error) throw outcome
        return outcome
      },
      ask: () => Promise.reject(new Error('nobody answers')),
      trouble: (notice) => void notices.push(notice),
      association: (event) => void events.push(event),
    },
  )
  return {
    node,
    clock,
    files,
    images,
    notices,
    events,
    codes: () => notices.map((notice) => notice.code),
    answer: (what: StoreOutcome | Error) => (outcome = what),
    hold: () => (held = []),
    release: () => {
      for (const go of held ?? []) go()
      held = null
    },
  }
}

function image(sopInstanceUid: string, pixelBytes = 64): Uint8Array {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid, pixelBytes }
  return encodeDataSet(instance(names), { explicit: true, little: true })
}

t.test('node: an image is in its file and in the journal before it is confirmed', async (t) => {
  const { node, clock, files, images, hold, release } = van({
    senders: [{ aeTitle: 'CART_1', device: 'us-1', simulated: true }],
  })
  hold()
  const cart = new FakeModality(node).associate()
  cart.store('1.2.3', image('1.2.3'))
  await clock.settle()
  t.strictSame(cart.statuses, [])
  t.match(images, [
    {
      device: 'us-1',
      simulated: true,
      peerAddress: '10.0.0.7',
      calledAeTitle: 'SIMPUL',
      temporaryPath: '/in/dicom-n1.part',
      image: {
        kind: 'image',
        object: { mediaType: 'application/dicom', chunkBytes: 65_536 },
        sopInstanceUid: '1.2.3',
        studyInstanceUid: '1.2.3.4',
        modality: 'US',
        callingAeTitle: 'CART_1',
        flags: [],
      },
    },
  ])
  const kept = files.contents.get('/in/dicom-n1.part') ?? new Uint8Array()
  t.equal(images[0]?.image.object.sizeBytes, kept.length)
  t.strictSame(kept.subarray(images[0]?.image.dataSetOffset), image('1.2.3'))
  release()
  await clock.settle()
  t.strictSame(cart.statuses, [0])
})

t.test('node: unknown senders are taken, flagged and named', async (t) => {
  const { node, clock, images, codes, events } = van()
  new FakeModality(node, '10.0.0.9', 'Vivid iq').associate().store('1.2', image('1.2'))
  await clock.settle()
  t.match(images, [{ device: 'vivid-iq', image: { flags: ['unknown-sender'] } }])
  t.strictSame(codes(), ['imaging-unknown-sender'])
  t.match(events, [
    { kind: 'opened', device: 'vivid-iq', callingAeTitle: 'Vivid iq', ending: null },
  ])
})

t.test(
  'node: whichever disk operation fails, the device hears it and may send again',
  async (t) => {
    for (let step = 0; step < 4; step++) {
      const { node, clock, files, images, codes } = van()
      files.failAfter = step
      const cart = new FakeModality(node).associate()
      cart.store('1.2', image('1.2', 900_000))
      await clock.settle()
      const failed = step < 3 || images.length === 0
      t.strictSame(cart.statuses, failed ? [0xa700] : [0], `step ${step}`)
      if (failed) t.ok(codes().includes('imaging-disk-full'), `step ${step}`)
      files.failAfter = null
      cart.store('1.2', image('1.2', 900_000))
      await clock.settle()
      t.equal(cart.statuses.at(-1), 0, `step ${step}: the node lives`)
      t.equal(files.contents.size, images.length, `step ${step}: no half file stays`)
    }
  },
)

t.test('node: a title that is only nearly right is taken, and said', async (t) => {
  const { node, clock, images, notices } = van({
    senders: [{ aeTitle: 'Cart-1', device: 'us-1', simulated: false }],
  })
  new FakeModality(node).associate().store('1.2', image('1.2'))
  await clock.settle()
  t.match(images, [{ device: 'us-1', image: { callingAeTitle: 'CART_1', flags: [] } }])
  t.match(notices, [
    { code: 'imaging-sender-nearly', details: { sender: 'CART_1', configured: 'Cart-1' } },
  ])
})

t.test('node: strict titles let in who is known and calls ours, written exactly so', async (t) => {
  const senders = [{ aeTitle: 'CART_1', device: 'us-1', simulated: false }]
  const cases = [
    ['SIMPUL', 'CART_1', null],
    ['simpul', 'CART_1', 'imaging-called-title-refused'],
    ['SIMPUL', 'Cart-1', 'imaging-calling-title-refused'],
    ['SIMPUL', 'STRANGER', 'imaging-calling-title-refused'],
  ] as const
  for (const [strictTitle, calling, refused] of cases) {
    const { node, codes } = van({ senders, strictTitle })
    const cart = new FakeModality(node, '10.0.0.7', calling).associate()
    t.match(cart.events, [{ kind: refused === null ? 'accepted' : 'rejected' }])
    t.strictSame(codes(), refused === null ? [] : [refused])
  }
})

t.test('node: a disk that cannot be asked for its room is not taken for full', async (t) => {
  const { node, clock, files } = van()
  files.freeBytes = () => Promise.reject(new Error('gone'))
  const cart = new FakeModality(node)
  await clock.settle()
  cart.associate().store('1.2', image('1.2'))
  await clock.settle()
  t.strictSame(cart.statuses, [0])
})

t.test('node: a broken disk is another trouble than a full one', async (t) => {
  const { node, clock, files, notices } = van()
  files.failAfter = 1
  files.failCode = 'EIO'
  const cart = new FakeModality(node).associate()
  cart.store('1.2', image('1.2'))
  await clock.settle()
  t.strictSame(cart.statuses, [0x0110])
  t.match(notices.at(-1), {
    code: 'imaging-store-failed',
    details: { why: /EIO/, sender: 'CART_1' },
  })
})

t.test('node: what the journal does not take is answered and removed', async (t) => {
  const { node, clock, files, answer } = van()
  const cart = new FakeModality(node).associate()
  const outcomes: readonly (readonly [StoreOutcome | Error, number])[] = [
    [{ status: 'full' }, 0xa700],
    [{ status: 'failed' }, 0x0110],
    [new Error('gone'), 0x0110],
    [{ status: 'already' }, 0],
    [{ status: 'stored' }, 0],
  ]
  for (const [outcome, status] of outcomes) {
    answer(outcome)
    cart.store('1.2', image('1.2'))
    await clock.settle()
    t.equal(cart.statuses.at(-1), status)
    if (status !== 0) t.equal(files.contents.size, 0)
  }
})

t.test('node: below the reserve it asks devices to come later', async (t) => {
  const { node, clock, files, codes } = van()
  files.free = imagingDefaults.reserveBytes - 1
  t.equal(new FakeModality(node).closed, false)
  await clock.settle()
  const cart = new FakeModality(node).associate()
  t.match(cart.events, [
    { kind: 'rejected', rejection: { result: 'transient', source: 3, reason: 2 } },
  ])
  t.ok(codes().includes('imaging-disk-full'))
  files.free = imagingDefaults.reserveBytes
  t.equal(new FakeModality(node).closed, false)
  await clock.settle()
  t.match(new FakeModality(node).associate().events, [{ kind: 'accepted' }])
  node.intake(false)
  t.match(new FakeModality(node).associate().events, [{ kind: 'rejected' }])
  node.intake(true)
  t.match(new FakeModality(node).associate().events, [{ kind: 'accepted' }])
})

t.test('node: an object above the limit is refused while it comes', async (t) => {
  const { node, clock, files, codes } = van({ objectBytesMax: 5_000 })
  const cart = new FakeModality(node).associate()
  cart.store('1.2', image('1.2', 6_000))
  await clock.settle()
  t.strictSame(cart.statuses, [0xa700])
  t.equal(files.contents.size, 0)
  t.ok(codes().includes('imaging-object-too-large'))
  cart.store('1.2', image('1.2', 600))
  await clock.settle()
  t.strictSame(cart.statuses, [0xa700, 0])
})

t.test('node: a peer waits while the disk is slow, and goes on when it is not', async (t) => {
  const { node, clock, files } = van()
  const cart = new FakeModality(node).associate()
  files.hold()
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2' }
  let sent = 0
  const waiting: Uint8Array[] = []
  for (const pdu of cart.requestor.store(1, names, image('1.2', 4_000_000))) {
    if (cart.paused) waiting.push(pdu)
    else {
      cart.send(pdu)
      sent += pdu.length
    }
    await clock.settle()
  }
  t.ok(sent < 1_400_000, `${sent} bytes were taken while nothing was written`)
  files.release()
  await clock.settle()
  t.equal(cart.paused, false)
  for (const pdu of waiting) cart.send(pdu)
  await clock.settle()
  t.strictSame(cart.statuses, [0])
})

t.test('node: many associations share what may wait', async (t) => {
  const { node, clock, files } = van({ associationsPerPeerMax: 64, associationsMax: 64 })
  files.hold()
  const carts = Array.from({ length: 40 }, () => new FakeModality(node).associate())
  let sent = 0
  for (const [index, cart] of carts.entries()) {
    const uid = `1.2.${index}`
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: uid }
    for (const pdu of cart.requestor.store(1, names, image(uid, 1_000_000))) {
      if (cart.paused) break
      cart.send(pdu)
      sent += pdu.length
    }
  }
  await clock.settle()
  t.ok(sent < 30_000_000, `${sent} bytes`)
  t.ok(carts.every((cart) => cart.paused))
})

t.test('node: whatever is left of a write, a peer among many does not wait for ever', async (t) => {
  const stuck: number[] = []
  for (const piece of [40_000, 66_000, 100_000, 130_000]) {
    const { node, clock, files } = van({ associationsPerPeerMax: 64, associationsMax: 64 })
    for (let others = 0; others < 63; others++) new FakeModality(node).associate()
    const cart = new FakeModality(node).associate()
    files.hold()
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2' }
    const bytes = joinBytes(...cart.requestor.store(1, names, image('1.2', 300_000)))
    // The first is being written when the second comes, and the peer is stopped by both together.
    for (const part of [bytes.subarray(0, 131_200), bytes.subarray(131_200, 131_200 + piece)]) {
      cart.send(part)
      await clock.settle()
    }
    t.equal(cart.paused, true)
    files.release()
    await clock.settle()
    if (cart.paused) stuck.push(piece)
  }
  t.strictSame(stuck, [])
})

t.test('node: a peer that does not read its answers is not read either', async (t) => {
  const { node } = van()
  const cart = new FakeModality(node).associate()
  cart.reads = false
  cart.send(cart.requestor.echo(3))
  t.equal(cart.paused, true)
  cart.reads = true
  cart.runner?.writable()
  t.equal(cart.paused, false)
})

t.test('node: silence before a request and within an association ends', async (t) => {
  const { node, clock, codes, events } = van()
  const silent = new FakeModality(node)
  await clock.advance(29_999)
  t.equal(silent.closed, false)
  await clock.advance(1)
  t.equal(silent.closed, true)
  const cart = new FakeModality(node).associate()
  await clock.advance(1_000_000)
  cart.send(cart.requestor.echo(3))
  await clock.advance(1_700_000)
  t.equal(cart.closed, false, 'counted from the last byte')
  await clock.advance(100_000)
  t.match(cart.events.at(-1), { kind: 'aborted' })
  await clock.advance(3_000)
  t.equal(cart.closed, true)
  t.strictSame(
    codes().filter((code) => code !== 'imaging-unknown-sender'),
    ['imaging-request-late', 'imaging-silent'],
  )
  t.equal(events.at(-1)?.ending, 'silent')
})

t.test('node: too many associations of one peer are asked to wait, others are not', async (t) => {
  const { node, codes } = van({ associationsPerPeerMax: 2 })
  const two = [new FakeModality(node).associate(), new FakeModality(node).associate()]
  t.ok(two.every((cart) => cart.events[0]?.kind === 'accepted'))
  const third = new FakeModality(node).associate()
  t.match(third.events, [{ rejection: { result: 'transient', source: 3, reason: 2 } }])
  t.ok(codes().includes('imaging-too-many-associations'))
  t.match(new FakeModality(node, '10.0.0.8').associate().events, [{ kind: 'accepted' }])
})

t.test('node: a device that forgot its associations is let in again', async (t) => {
  const { node, clock } = van({ associationsPerPeerMax: 2 })
  const first = new FakeModality(node).associate()
  await clock.advance(1_000)
  const second = new FakeModality(node).associate()
  await clock.advance(59_500)
  const other = new FakeModality(node, '10.0.0.7', 'OTHER').associate()
  t.match(other.events, [{ kind: 'rejected' }], 'another title does not push it out')
  t.match(new FakeModality(node).associate().events, [{ kind: 'accepted' }])
  t.match(first.events.at(-1), { kind: 'aborted' }, 'the one that was quiet longest')
  t.match(second.events.at(-1), { kind: 'accepted' })
})

t.test('node: an association that is in the middle of something is not pushed out', async (t) => {
  const { node, clock, hold } = van({ associationsPerPeerMax: 1 })
  hold()
  const busy = new FakeModality(node).associate()
  busy.store('1.2', image('1.2'))
  await clock.advance(120_000)
  t.match(new FakeModality(node).associate().events, [{ kind: 'rejected' }])
  t.equal(busy.closed, false)
})

t.test('node: connections that ask for nothing make room', async (t) => {
  const { node, clock, codes } = van({ connectionsMax: 3 })
  const cart = new FakeModality(node).associate()
  const idle = [new FakeModality(node), new FakeModality(node)]
  const late = new FakeModality(node, '10.0.0.8')
  await clock.settle()
  t.strictSame(
    idle.map((one) => one.closed),
    [true, false],
  )
  t.match(late.associate().events, [{ kind: 'accepted' }])
  t.equal(cart.closed, false)
  t.ok(codes().includes('imaging-too-many-connections'))
  idle[1]?.associate()
  t.equal(new FakeModality(node).closed, true, 'nobody is left to be displaced')
})

t.test('node: a cut in the middle leaves nothing, and what came before stays', async (t) => {
  const { node, clock, files, images, codes, events } = van()
  const cart = new FakeModality(node).associate()
  cart.store('1.2', image('1.2'))
  await clock.settle()
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.3' }
  const [command, first] = [...cart.requestor.store(1, names, image('1.3', 500_000))]
  if (command !== undefined && first !== undefined) {
    cart.send(command)
    cart.send(first)
  }
  cart.runner?.lost()
  await clock.settle()
  t.strictSame([...files.contents.keys()], ['/in/dicom-n1.part'])
  t.equal(images.length, 1)
  t.ok(codes().includes('imaging-cut-in-transfer'))
  t.match(events.at(-1), { kind: 'closed', ending: 'lost', storedCount: 1, refusedCount: 0 })
})

t.test('node: stopping waits for what was begun, and not for those who never end', async (t) => {
  const { node, clock, hold, release } = van()
  hold()
  const busy = new FakeModality(node).associate()
  const idle = new FakeModality(node).associate()
  const deaf = new FakeModality(node)
  busy.store('1.2', image('1.2'))
  await clock.settle()
  let stopped = false
  const stopping = node.stop().then(() => (stopped = true))
  await clock.settle()
  t.match(idle.events.at(-1), { kind: 'aborted' })
  t.equal(deaf.closed, true)
  t.equal(new FakeModality(node).runner, null)
  release()
  await clock.settle()
  t.strictSame(busy.statuses, [0])
  t.match(busy.events.at(-1), { kind: 'aborted' })
  t.equal(stopped, false)
  await clock.advance(3_000)
  await stopping
  t.equal(stopped, true)
  t.equal(clock.running().length, 0)
})

t.test('node: a store that never ends does not keep it from stopping', async (t) => {
  const { node, clock, hold } = van()
  hold()
  const busy = new FakeModality(node).associate()
  busy.store('1.2', image('1.2'))
  await clock.settle()
  const stopping = node.stop()
  await clock.advance(5_000)
  await stopping
  t.equal(busy.closed, true)
})
