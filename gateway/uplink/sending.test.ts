import t from 'tap'
import {
  noMatchingSubscribers,
  notAuthorised,
  payloadFormatInvalid,
  quotaExceeded,
} from '../../protocols/world/broker.ts'
import { packetLimitBytes } from '../../protocols/packet/limits.ts'
import { onlineStage, type Stage } from './uplink-testing.ts'

const bp = 'bp-1/measurement'
const ecg = 'ecg-1/waveform'

async function sealAll(made: Stage, stream: string, count: number, packetClass: 2 | 5 = 2) {
  for (let packet = 0; packet < count; packet++) made.journal.seal(stream, packetClass)
  made.uplink.nudge()
  await made.clock.settle()
}

const labels = (stream: string, from: number, count: number) =>
  Array.from({ length: count }, (_none, index) => `${stream} ${from + index}`)

/** The broker answers `ms` after each message. */
function answerAfter(made: Stage, ms: number): void {
  made.broker.answering = (published) => {
    made.clock.after('broker', ms, () => published.answer())
  }
}

t.test('sending: never more on the way than the broker and we allow', async (t) => {
  for (const [receiveMaximum, windowMax, expected] of [
    [20, 512, 20],
    [65_535, 512, 512],
    [65_535, 7, 7],
    [1, 512, 1],
  ] as const) {
    const made = await onlineStage({ windowMax }, { receiveMaximum })
    answerAfter(made, 50)
    await sealAll(made, bp, 3_000)
    await made.clock.advance(200_000)
    t.equal(made.broker.last.unansweredMost, expected, `${receiveMaximum} and ${windowMax}`)
    t.strictSame(made.broker.labels, labels(bp, 0, 3_000), 'in order, each once')
    t.match(made.uplink.status(), { sent: 3_000, acknowledged: 3_000, unreceipted: 3_000 })
  }
})

t.test('sending: asks the journal one question at a time, and reads ahead a little', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 10 })
  await sealAll(made, bp, 5_000)
  t.equal(made.broker.last.packets.length, 10)
  const read = made.journal.queries.length
  t.ok(read <= 4, `${read} questions`)
  t.equal(made.journal.runningMost, 1)
  for (const { limitCount, limitBytes } of made.journal.queries) {
    t.ok(limitCount <= 512)
    t.ok(limitBytes <= 1024 * 1024)
  }
  answerAfter(made, 1)
  made.broker.last.answerAll()
  await made.clock.advance(5_000)
  t.equal(made.journal.runningMost, 1)
  t.strictSame(made.broker.labels, labels(bp, 0, 5_000))
})

t.test('sending: an emergency overtakes what waits', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 5 })
  await sealAll(made, 'xray-1/object', 2_000, 5)
  await sealAll(made, bp, 10, 2)
  made.journal.seal('ecg-1/event', 0)
  made.uplink.nudge()
  await made.clock.settle()
  made.broker.last.answerAll()
  t.strictSame(made.broker.labels.slice(5, 10), ['ecg-1/event 0', ...labels(bp, 0, 4)])
})

t.test('sending: backlog gets its eighth while live data never ends', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 20 })
  answerAfter(made, 10)
  for (let packet = 0; packet < 300; packet++) made.journal.seal('xray-1/object', 4, 1_000)
  for (let second = 0; second < 30; second++) {
    for (let packet = 0; packet < 100; packet++) made.journal.seal(bp, 2, 1_000)
    made.uplink.nudge()
    await made.clock.advance(50)
  }
  const sent = made.broker.labels
  const share = sent.filter((label) => label.startsWith('xray')).length / sent.length
  t.ok(share > 0.08 && share < 0.14, `share ${share}`)
  t.equal(sent.filter((label) => label.startsWith('xray'))[0], 'xray-1/object 0')
})

t.test('sending: few bytes on the way at first, more when the link allows it', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 65_535 })
  for (let packet = 0; packet < 3_000; packet++) made.journal.seal(bp, 2, 10_000)
  made.uplink.nudge()
  await made.clock.settle()
  t.ok((made.uplink.status().window?.bytes ?? 0) <= 64 * 1024)
  answerAfter(made, 600)
  const published = made.broker.last.unanswered
  for (const one of published) made.clock.after('broker', 600, () => one.answer())
  const bytes: number[] = []
  for (let trip = 0; trip < 12; trip++) {
    bytes.push(made.uplink.status().window?.bytes ?? 0)
    await made.clock.advance(600)
  }
  // 512 packets of 10 kB would be 5 MB: the limit of 4 MiB is reached first, in few round trips.
  t.ok(Math.max(...bytes) > 4_000_000, `${bytes.join(' ')} bytes`)
  t.ok(Math.max(...bytes) <= 4 * 1024 * 1024)
})

t.test(
  'sending: on a slow link an emergency waits for a second of backlog, not for all',
  async (t) => {
    const made = await onlineStage({}, { receiveMaximum: 65_535 })
    const { clock, broker, journal, uplink } = made
    // 25 bytes in a millisecond: 200 kbit/s, with an answer 100 ms after the last byte.
    let freeAtMs = clock.monotonicMs() as number
    const took: number[] = []
    broker.answering = (published) => {
      const sentMs = clock.monotonicMs()
      freeAtMs = Math.max(freeAtMs, sentMs) + published.payload.length / 25
      clock.after('broker', freeAtMs + 100 - sentMs, () => {
        if (published.topic.endsWith('/event')) took.push(clock.monotonicMs() - sentMs)
        published.answer()
      })
    }
    for (let packet = 0; packet < 3_000; packet++) journal.seal(ecg, 5, 2_000)
    for (let event = 0; event < 20; event++) {
      journal.seal('ecg-1/event', 0, 300)
      uplink.nudge()
      await clock.advance(5_000)
    }
    t.equal(took.length, 20)
    t.ok(Math.max(...took) < 3_000, `${Math.max(...took)} ms`)
    const carried = broker.labels.length * 2_000
    t.ok(carried > 0.9 * 100_000 * 25, `the link was used: ${carried} bytes`)
  },
)

t.test('sending: what was on its way goes again, and only that', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 10 })
  const { broker, clock } = made
  await sealAll(made, bp, 100)
  const first = broker.last
  for (const published of first.packets.slice(0, 4)) published.answer()
  t.strictSame(first.labels, labels(bp, 0, 14))
  first.end('reset')
  t.match(made.uplink.status(), { window: null, roundTripMs: null })
  await clock.advance(5_000)
  broker.last.open()
  await clock.settle()
  // The last that was said on the old connection comes too late, and means nothing.
  for (const published of first.packets) published.answer()
  broker.last.answerAll()
  await clock.settle()
  t.strictSame(broker.last.labels.slice(0, 10), labels(bp, 4, 10))
  answerAfter(made, 1)
  broker.last.answerAll()
  await clock.advance(5_000)
  t.strictSame(broker.last.labels, labels(bp, 4, 96))
  t.equal(made.uplink.deliveryOf(made.journal.epoch, bp, 99), 'acknowledged')
})

t.test('sending: nothing is lost over a hundred broken connections', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 16 })
  const { broker, clock, journal } = made
  const acknowledged = new Set<string>()
  answerAfter(made, 20)
  const arrived = new Map<string, number>()
  const { answering } = broker
  broker.answering = (published) => {
    if (published.topic.includes('/up/')) {
      const label = new TextDecoder().decode(published.payload).replace(/\0+$/, '')
      arrived.set(label, (arrived.get(label) ?? 0) + 1)
      acknowledged.add(label)
    }
    answering?.(published)
  }
  broker.opening = { receiveMaximum: 16 }
  const streams = [bp, ecg, 'ecg-1/event'] as const
  for (let round = 0; round < 100; round++) {
    for (let packet = 0; packet < 30; packet++) {
      journal.seal(streams[packet % 3] ?? bp, ([2, 5, 0] as const)[packet % 3])
    }
    made.uplink.nudge()
    await clock.advance(30)
    broker.last.end('reset', true, 'lost')
    await clock.advance(3_000)
  }
  await clock.advance(60_000)
  t.equal(arrived.size, 3_000)
  const doubled = [...arrived.values()].reduce((sum, times) => sum + times - 1, 0)
  t.ok(doubled <= 100 * 16, `${doubled} doubled: at most a window for each broken connection`)
  t.ok(broker.connections.every((one) => one.unansweredMost <= 16))
})

t.test('sending: a packet larger than the broker takes is told, and never tried', async (t) => {
  const made = await onlineStage({}, { maximumPacketBytes: 5_000 })
  const { broker, journal, uplink, clock } = made
  journal.seal(bp, 2, 1_000)
  journal.seal(bp, 2, 6_000)
  journal.seal(bp, 2, 1_000)
  answerAfter(made, 1)
  uplink.nudge()
  await clock.advance(120_000)
  t.strictSame(broker.labels, [`${bp} 0`, `${bp} 2`])
  t.strictSame(made.troubles(), ['uplink-packet-too-large'])
  t.match(uplink.status().troubles[0]?.trouble.words('en').what, /has 6\d+ bytes.* at most 5000/)
  t.equal(uplink.deliveryOf(journal.epoch, bp, 1), 'stored')
  // The whole packet counts, with its topic.
  const exact = 13 + 'simpul/v1/van-02/up/bp-1/measurement'.length
  journal.seal(bp, 2, 5_000 - exact)
  journal.seal(bp, 2, 5_001 - exact)
  uplink.nudge()
  await clock.advance(1_000)
  t.strictSame(broker.labels.slice(2), [`${bp} 3`])

  broker.last.end('restart')
  await clock.advance(5_000)
  broker.last.open({ maximumPacketBytes: packetLimitBytes + 1_000 })
  await clock.advance(1_000)
  t.strictSame(broker.last.labels, [`${bp} 1`, `${bp} 4`])
  t.strictSame(made.troubles(), [])
})

t.test('sending: a quota makes us wait, then try one by one', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 10 })
  const { broker, clock, uplink } = made
  await sealAll(made, bp, 40)
  broker.last.answerAll('quota exceeded (0x97)', quotaExceeded)
  await clock.settle()
  t.equal(broker.last.packets.length, 10)
  t.strictSame(made.troubles(), ['uplink-quota'])
  t.equal(uplink.status().doing, 'held-back')
  const tries: number[] = []
  for (let second = 0; second < 300; second++) {
    const before = broker.last.packets.length
    await clock.advance(1_000)
    const after = broker.last.packets.length
    t.ok(after - before <= 1)
    if (after > before) tries.push(second)
    broker.last.answerAll('quota exceeded (0x97)', quotaExceeded)
  }
  t.ok(tries.length > 4 && tries.length < 60, `${tries.length} tries in 5 minutes`)
  broker.answering = (published) => published.answer()
  await clock.advance(61_000)
  t.strictSame(broker.labels.slice(-40), labels(bp, 0, 40), 'all of them in order')
  t.strictSame(made.troubles(), [])
  t.equal(uplink.status().doing, 'nothing-to-send')
})

t.test('sending: when nobody listens, hardly anything is sent until somebody does', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 10 })
  const { broker, clock, uplink, journal } = made
  broker.answering = (published) => published.answer(null, noMatchingSubscribers)
  await sealAll(made, bp, 40)
  t.equal(uplink.status().doing, 'nobody-listens')
  t.match(uplink.status().words.id, /belum ada yang menerima/)
  t.strictSame(made.troubles(), ['uplink-nobody-listens'])
  const before = broker.labels.length
  await clock.advance(600_000)
  t.ok(broker.labels.length - before < 80, `${broker.labels.length - before} in ten minutes`)
  t.equal(uplink.status().acknowledged, 0, 'nobody has them')
  t.equal(uplink.deliveryOf(journal.epoch, bp, 0), 'sent')
  const mark = broker.labels.length
  broker.answering = (published) => published.answer()
  broker.last.landing(true)
  await clock.settle()
  t.strictSame(broker.labels.slice(mark), labels(bp, 0, 40), 'at once when the landing comes')
  t.strictSame(made.troubles(), [])
})

t.test('sending: a stream that is refused does not stop the others', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 10 })
  const { broker, clock, uplink } = made
  let allowed = false
  broker.answering = (published) => {
    const refused = published.topic.includes('/bp-1/') && !allowed
    if (refused) published.answer('not authorised (0x87)', notAuthorised)
    else published.answer()
  }
  await sealAll(made, bp, 20)
  await sealAll(made, ecg, 20, 5)
  t.strictSame(
    broker.labels.filter((label) => label.startsWith(ecg)),
    labels(ecg, 0, 20),
  )
  t.strictSame(made.troubles(), ['uplink-not-authorised'])
  const refusedFirst = broker.labels.length - 20
  t.ok(refusedFirst <= 10)
  await clock.advance(600_000)
  t.ok(broker.labels.length - 20 - refusedFirst <= 70, 'tried now and then, with longer pauses')
  allowed = true
  await clock.advance(700_000)
  for (let seq = 0; seq < 20; seq++) {
    t.equal(uplink.deliveryOf(made.journal.epoch, bp, seq), 'acknowledged')
  }
  t.strictSame(made.troubles(), [])
})

t.test('sending: a packet whose form is refused stands aside', async (t) => {
  const made = await onlineStage()
  const { broker, clock } = made
  broker.answering = (published) => {
    const bad = published.payload.length === 777
    if (bad) published.answer('payload format invalid (0x99)', payloadFormatInvalid)
    else published.answer()
  }
  made.journal.seal(bp, 2, 777)
  await sealAll(made, bp, 5)
  t.strictSame(broker.labels, labels(bp, 0, 6))
  t.strictSame(made.troubles(), ['uplink-packet-aside'])
  await clock.advance(600_000)
  const tries = broker.labels.filter((label) => label === `${bp} 0`).length
  t.ok(tries >= 3 && tries <= 8, `${tries} tries in ten minutes`)
})

t.test('sending: a packet that breaks each connection stands aside', async (t) => {
  const made = await onlineStage({}, { protocol: '3.1.1' })
  const { broker, clock, journal } = made
  broker.opening = { protocol: '3.1.1' }
  broker.answering = (published) => {
    const { last } = broker
    if (published.payload.length === 100_000) {
      clock.after('broker', 1, () => last.end('closed', true, 'lost'))
    } else published.answer()
  }
  journal.seal(bp, 2, 100_000)
  await sealAll(made, bp, 5)
  await clock.advance(120_000)
  for (const label of labels(bp, 1, 5)) t.ok(broker.labels.includes(label), label)
  t.ok(made.troubles().includes('uplink-packet-aside'))
  t.ok(broker.connections.length < 30, `${broker.connections.length} connections`)
})

t.test('sending: a journal that fails is asked again', async (t) => {
  const made = await onlineStage()
  const { journal, uplink, clock, broker } = made
  journal.failing = new Error('disk I/O error')
  journal.seal(bp)
  uplink.nudge()
  await clock.advance(10_000)
  t.strictSame(made.troubles(), ['uplink-journal'])
  t.ok(journal.queries.length < 12)
  journal.failing = null
  await clock.advance(2_000)
  t.strictSame(broker.labels, [`${bp} 0`])
  t.strictSame(made.troubles(), [])
})

t.test('sending: finds what nobody has told it about', async (t) => {
  const made = await onlineStage()
  made.journal.seal(bp)
  await made.clock.advance(5_000)
  t.strictSame(made.broker.labels, [`${bp} 0`])
})
