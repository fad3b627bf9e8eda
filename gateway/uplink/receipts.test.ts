import t from 'tap'
import {
  encodeBackfill,
  encodeReceipt,
  encodeWatch,
  type SeqRange,
} from '../../protocols/packet/messages.ts'
import { downTopic, landingStateTopic } from '../../protocols/packet/topics.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { epoch, onlineStage, van, type Stage } from './uplink-testing.ts'

const bp = 'bp-1/measurement'
const ecg = 'ecg-1/waveform'
const otherEpoch = '01890000-0000-7000-8000-0000000000ff'

const labels = (stream: string, from: number, count: number) =>
  Array.from({ length: count }, (_none, index) => `${stream} ${from + index}`)

/** Online with `count` packets that the broker has acknowledged. */
async function acknowledgedStage(count: number): Promise<Stage> {
  const made = await onlineStage({}, { receiveMaximum: 500 })
  made.broker.answering = (published) => published.answer()
  for (let packet = 0; packet < count; packet++) made.journal.seal(bp)
  made.uplink.nudge()
  await made.clock.settle()
  return made
}

/** What was sent since the last time. */
function since(made: Stage): () => readonly string[] {
  let mark = made.broker.labels.length
  return () => {
    const fresh = made.broker.labels.slice(mark)
    mark += fresh.length
    return fresh
  }
}

t.test('receipts: four states of a packet', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 2 })
  const { broker, clock, journal, uplink } = made
  const state = (seq: number) => uplink.deliveryOf(epoch, bp, seq)
  for (let packet = 0; packet < 3; packet++) journal.seal(bp)
  t.equal(state(0), 'stored')
  uplink.nudge()
  await clock.settle()
  t.strictSame([state(0), state(1), state(2)], ['sent', 'sent', 'stored'])
  broker.last.unanswered[0]?.answer()
  await clock.settle()
  t.strictSame([state(0), state(1), state(2)], ['acknowledged', 'sent', 'sent'])
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 1 }] })
  await clock.settle()
  t.strictSame([state(0), state(1), state(2)], ['receipted', 'receipted', 'sent'])
  t.ok(journal.isReceipted(bp, 0))
  // The acknowledgement that the receipt has overtaken changes nothing.
  broker.last.answerAll()
  t.equal(state(1), 'receipted')
  t.match(uplink.status(), { sent: 3, acknowledged: 3, receipted: 2, unreceipted: 1 })
  t.equal(uplink.status().lastReceiptMs, clock.monotonicMs())
  t.equal(uplink.deliveryOf(otherEpoch, bp, 0), 'stored')
})

t.test('receipts: many streams and ranges in one message', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 500 })
  const { broker, clock, journal, uplink } = made
  broker.answering = (published) => published.answer()
  for (const stream of [bp, ecg]) for (let seq = 0; seq < 10; seq++) journal.seal(stream)
  uplink.nudge()
  await clock.settle()
  const apart = [
    { from: 0, to: 2 },
    { from: 5, to: 9 },
  ]
  broker.last.receipt({ stream: bp, ranges: apart }, { stream: ecg, ranges: [{ from: 0, to: 9 }] })
  await clock.settle()
  t.match(uplink.status(), { receipted: 18, unreceipted: 2 })
  t.equal(uplink.deliveryOf(epoch, bp, 3), 'acknowledged')
  t.equal(uplink.deliveryOf(epoch, bp, 5), 'receipted')
})

t.test('receipts: what the broker took and nobody receipts goes again', async (t) => {
  const made = await acknowledgedStage(10)
  const { broker, clock, uplink } = made
  broker.last.landing(true)
  await clock.settle()
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 5 }] })
  const fresh = since(made)
  await clock.advance(29_000)
  t.strictSame(fresh(), [])
  await clock.advance(6_000)
  t.strictSame(fresh(), labels(bp, 6, 4), 'only what has no receipt')
  t.strictSame(made.troubles(), ['uplink-no-receipts'])
  t.match(uplink.status().troubles[0]?.trouble.words('en').what, /not confirmed 4 packets/)
  // Twice as long, again and again.
  await clock.advance(54_000)
  t.strictSame(fresh(), [])
  await clock.advance(16_000)
  t.strictSame(fresh(), labels(bp, 6, 4))
  await clock.advance(3_600_000)
  const repeated = fresh().length / 4
  t.ok(repeated >= 6 && repeated <= 11, `${repeated} times in an hour`)
  // Progress brings the short time back.
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 7 }] })
  await clock.settle()
  t.strictSame(made.troubles(), [])
  await clock.advance(36_000)
  t.strictSame(fresh(), labels(bp, 8, 2))
})

t.test('receipts: the last packet of a stream is not forgotten while others go well', async (t) => {
  const made = await acknowledgedStage(3)
  const { broker, clock, journal, uplink } = made
  broker.last.landing(true)
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 1 }] })
  const lost = since(made)
  for (let second = 0; second < 40; second++) {
    const { seq } = journal.seal(ecg, 5)
    uplink.nudge()
    await clock.advance(1_000)
    broker.last.receipt({ stream: ecg, ranges: [{ from: 0, to: seq }] })
    await clock.settle()
  }
  t.ok(lost().includes(`${bp} 2`))
})

t.test('receipts: while the landing is away nothing is repeated', async (t) => {
  const made = await acknowledgedStage(10)
  const { broker, clock, uplink } = made
  const fresh = since(made)
  await clock.advance(3_600_000)
  t.strictSame(fresh(), [], 'nobody has said that there is a landing')
  broker.last.landing(false)
  await clock.advance(3_600_000)
  t.strictSame(fresh(), [])
  t.match(uplink.status().landing, { online: false, name: 'rsud' })
  broker.last.landing(true)
  await clock.settle()
  t.strictSame(fresh(), labels(bp, 0, 10), 'once, when it comes')
  broker.last.landing(true)
  await clock.advance(25_000)
  t.strictSame(fresh(), [])
  t.equal(uplink.status().landing.online, true)
})

t.test('receipts: a landing that has started anew gets everything unreceipted once', async (t) => {
  const made = await acknowledgedStage(10)
  const { broker, clock } = made
  broker.last.landing(true, 1_000)
  await clock.settle()
  const fresh = since(made)
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 3 }] })
  await clock.settle()
  broker.last.landing(true, 2_000)
  await clock.settle()
  t.strictSame(fresh(), labels(bp, 4, 6))
  broker.last.landing(true, 2_000)
  await clock.settle()
  t.strictSame(fresh(), [])
})

t.test('receipts: a rewind does not send twice what is on its way', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 4 })
  const { broker, clock, journal, uplink } = made
  for (let packet = 0; packet < 8; packet++) journal.seal(bp)
  uplink.nudge()
  await clock.settle()
  for (const one of broker.last.unanswered.slice(0, 2)) one.answer()
  broker.last.landing(true)
  await clock.settle()
  const waiting = broker.last.unanswered.length
  t.equal(waiting, 4)
  broker.answering = (published) => published.answer()
  broker.last.answerAll()
  await clock.settle()
  const times = new Map<string, number>()
  for (const label of broker.labels) times.set(label, (times.get(label) ?? 0) + 1)
  t.strictSame([...times.keys()].sort(), labels(bp, 0, 8))
  t.strictSame(
    [...times].filter(([, count]) => count > 1).map(([label]) => label),
    labels(bp, 0, 2),
    'only what was acknowledged before',
  )
})

t.test('receipts: what a new connection hears again is no news', async (t) => {
  const made = await acknowledgedStage(10)
  const { broker, clock } = made
  broker.last.landing(true)
  await clock.settle()
  const fresh = since(made)
  broker.opening = { receiveMaximum: 500 }
  broker.last.end('reset', true, 'lost')
  await clock.advance(3_100)
  broker.last.landing(true)
  await clock.advance(20_000)
  t.strictSame(fresh(), [], 'acknowledged is acknowledged, on any connection')
  await clock.advance(15_000)
  t.strictSame(fresh(), labels(bp, 0, 10), 'until the receipt is late')
})

t.test('receipts: a journal that cannot note them is no receipt', async (t) => {
  const made = await acknowledgedStage(3)
  const { broker, clock, journal, uplink } = made
  journal.failing = new Error('disk I/O error')
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 2 }] })
  await clock.settle()
  t.equal(uplink.deliveryOf(epoch, bp, 0), 'acknowledged')
  t.ok(made.troubles().includes('uplink-journal'))
  journal.failing = null
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 2 }] })
  await clock.settle()
  t.equal(uplink.deliveryOf(epoch, bp, 0), 'receipted')
})

t.test('receipts: numbers that were never given change nothing', async (t) => {
  const made = await acknowledgedStage(3)
  const { broker, clock, journal, uplink } = made
  broker.last.receipt({ stream: bp, ranges: [{ from: 2, to: 900_000_000 }] })
  broker.last.down(
    'receipt',
    encodeReceipt({
      epoch: otherEpoch,
      receipts: [{ stream: bp, ranges: [{ from: 0, to: 0 }] }],
    }),
  )
  await clock.settle()
  t.equal(uplink.deliveryOf(epoch, bp, 2), 'receipted')
  t.equal(uplink.deliveryOf(epoch, bp, 0), 'acknowledged')
  t.equal(uplink.status().badMessages, 2)
  t.strictSame(made.troubles(), ['uplink-bad-message'])
  journal.seal(bp)
  uplink.nudge()
  await clock.settle()
  t.equal(broker.labels.at(-1), `${bp} 3`, 'and what comes later is sent')
})

t.test('backfill: sends what is there, and declares once what is lost', async (t) => {
  const made = await acknowledgedStage(100)
  const { broker, clock, journal, uplink } = made
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 99 }] })
  await clock.settle()
  journal.gone = [{ from: 10, to: 14 }]
  const fresh = since(made)
  const request = (from: number, to: number) =>
    broker.last.down('backfill', encodeBackfill({ epoch, stream: bp, from, to }))
  request(5, 60)
  request(5, 60)
  await clock.settle()
  const expected = [...labels(bp, 5, 5), ...labels(bp, 15, 46)]
  t.strictSame(fresh(), expected)
  t.match(journal.stored, [
    {
      device: 'van',
      record: {
        kind: 'loss',
        epoch,
        stream: bp,
        fromSeq: 10,
        toSeq: 14,
        source: 'device',
        simulated: false,
        atMs: clock.monotonicMs(),
        utcMs: null,
      },
    },
  ])
  t.equal(journal.stored.length, 1)
  t.match(uplink.status(), { sentAgain: 51, declaredLost: 5 })

  request(12, 12)
  await clock.settle()
  t.strictSame(fresh(), [])
  t.equal(journal.stored.length, 1, 'it was declared before')
  journal.gone = [{ from: 12, to: 20 }]
  request(12, 16)
  await clock.settle()
  t.strictSame(
    journal.stored.slice(1).map(({ record }) => record.kind === 'loss' && record.fromSeq),
    [15],
  )
  t.equal(uplink.status().declaredLost, 11)
})

t.test('backfill: shares the window, and live data overtakes it', async (t) => {
  const made = await acknowledgedStage(200)
  const { broker, clock, journal, uplink } = made
  broker.answering = null
  broker.last.end('reset', true, 'lost')
  await clock.advance(5_000)
  broker.last.open({ receiveMaximum: 6 })
  await clock.settle()
  broker.last.answerAll()
  broker.last.down('backfill', encodeBackfill({ epoch, stream: bp, from: 0, to: 199 }))
  await clock.settle()
  t.equal(broker.last.unanswered.length, 6)
  journal.seal('ecg-1/event', 0)
  uplink.nudge()
  await clock.settle()
  broker.last.unanswered[0]?.answer()
  await clock.settle()
  t.equal(broker.labels.at(-1), 'ecg-1/event 0')
  t.equal(broker.last.unansweredMost, 6)
  broker.answering = (published) => published.answer()
  broker.last.answerAll()
  await clock.settle()
  t.strictSame(
    broker.last.labels.filter((label) => label.startsWith(bp)),
    labels(bp, 0, 200),
  )
})

t.test('backfill: unknown epochs and streams answer nothing', async (t) => {
  const made = await acknowledgedStage(3)
  const { broker, clock, journal } = made
  const fresh = since(made)
  const requests: readonly (SeqRange & { epoch: string; stream: string })[] = [
    { epoch: otherEpoch, stream: bp, from: 0, to: 2 },
    { epoch, stream: 'bp-9/measurement', from: 0, to: 2 },
    { epoch, stream: bp, from: 3, to: 2 ** 40 },
  ]
  for (const request of requests) broker.last.down('backfill', encodeBackfill(request))
  await clock.advance(10_000)
  t.strictSame(fresh(), [])
  t.strictSame(journal.stored, [])
})

t.test(
  'backfill: a journal that fails drops the request, and the hospital asks again',
  async (t) => {
    const made = await acknowledgedStage(3)
    const { broker, clock, journal } = made
    const fresh = since(made)
    const request = encodeBackfill({ epoch, stream: bp, from: 0, to: 1 })
    journal.failing = new Error('disk I/O error')
    broker.last.down('backfill', request)
    await clock.settle()
    t.ok(made.troubles().includes('uplink-journal'))
    journal.failing = null
    await clock.advance(60_000)
    t.strictSame(fresh(), [])
    broker.last.down('backfill', request)
    await clock.settle()
    t.strictSame(fresh(), labels(bp, 0, 2))
  },
)

t.test('backfill: more requests than anybody would send are dropped and counted', async (t) => {
  const made = await acknowledgedStage(3)
  const { broker, clock, uplink } = made
  for (let seq = 0; seq < 500; seq++) {
    broker.last.down('backfill', encodeBackfill({ epoch, stream: bp, from: 2 * seq, to: 2 * seq }))
  }
  t.ok(uplink.status().badMessages > 400)
  await clock.settle()
  t.strictSame(made.troubles(), ['uplink-bad-message'])
  await clock.advance(700_000)
  t.strictSame(made.troubles(), [])
})

t.test('watch: shortens the packets of a stream for a while', async (t) => {
  const made = await onlineStage()
  const { broker, clock, journal } = made
  broker.last.down('watch', encodeWatch({ stream: ecg, seconds: 300, packetMs: 250 }))
  await clock.settle()
  t.strictSame(journal.watched, [
    { stream: ecg, packetMs: 250, untilMonotonicMs: clock.monotonicMs() + 300_000 },
  ])
})

t.test('watch: no more streams at a time than anybody can look at', async (t) => {
  const made = await onlineStage()
  const { broker, clock, journal, uplink } = made
  const watch = (device: number, seconds: number) =>
    broker.last.down(
      'watch',
      encodeWatch({ stream: `ecg-${device}/waveform`, seconds, packetMs: 250 }),
    )
  for (let device = 0; device < 100; device++) {
    watch(device, 10)
    await clock.settle()
  }
  t.equal(journal.watched.length, 64)
  t.equal(uplink.status().badMessages, 36)
  watch(0, 300)
  await clock.advance(10_000)
  watch(99, 10)
  await clock.settle()
  t.equal(journal.watched.length, 66, 'a watch ends by itself and makes room')
})

t.test('down messages: rubbish is counted and told, and nothing else', async (t) => {
  const made = await acknowledgedStage(5)
  const { broker, clock, uplink, journal } = made
  const random = seededRandom('rubbish')
  const good = [
    encodeReceipt({ epoch, receipts: [{ stream: bp, ranges: [{ from: 0, to: 2 }] }] }),
    encodeBackfill({ epoch, stream: bp, from: 0, to: 2 }),
    encodeWatch({ stream: ecg, seconds: 10, packetMs: 250 }),
  ]
  const topics = [
    downTopic(van, 'receipt'),
    downTopic(van, 'backfill'),
    downTopic(van, 'watch'),
    landingStateTopic,
    'simpul/v1/van-02/down/command',
    'somewhere/else',
  ]
  for (let round = 0; round < 3_000; round++) {
    const bytes = (good[random.below(3)] ?? new Uint8Array()).slice()
    const kind = random.below(3)
    if (kind === 0) bytes[random.below(bytes.length)] = random.below(256)
    const payload =
      kind === 1
        ? random.bytes(random.below(80))
        : bytes.subarray(0, random.below(bytes.length + 1))
    broker.last.say(topics[random.below(topics.length)] ?? '', payload)
    if (round % 50 === 0) await clock.settle()
  }
  for (const nested of [0x9f, 0xbf, 0xc0, 0xd8]) {
    broker.last.down('receipt', new Uint8Array(500_000).fill(nested))
  }
  await clock.advance(1_000)
  t.ok(uplink.status().badMessages > 1_500)
  t.equal(uplink.status().state, 'online')
  journal.seal(ecg, 5)
  uplink.nudge()
  await clock.settle()
  t.ok(broker.labels.includes(`${ecg} 0`))
})
