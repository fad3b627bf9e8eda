import t from 'tap'
import { decodeVanState } from '../../protocols/packet/messages.ts'
import { landingStateTopic } from '../../protocols/packet/topics.ts'
import { onlineStage, stage, van, type Stage } from './uplink-testing.ts'

function online(payload: Uint8Array | undefined): boolean | null {
  const state = payload === undefined ? null : decodeVanState(payload)
  return state?.ok === true ? state.value.online : null
}

async function fail(made: Stage, retriable = true): Promise<number> {
  made.broker.last.end('no route', retriable, retriable ? 'unreachable' : 'credentials')
  await made.clock.settle()
  return made.uplink.status().nextAttemptMs ?? -1
}

/** Fails until the pause is a long one, and stays in it. */
async function failForLong(made: Stage): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const pause = await fail(made)
    if (pause >= 10_000) return
    await made.clock.advance(pause)
  }
}

t.test('uplink: connects with a will that says it is gone', async (t) => {
  const { uplink, broker } = stage()
  t.match(uplink.status(), { state: 'stopped', doing: 'stopped', protocol: null, window: null })
  uplink.start()
  uplink.start()
  t.equal(broker.connections.length, 1)
  t.match(uplink.status(), { state: 'connecting', doing: 'connecting', nextAttemptMs: null })
  const { clientId, keepaliveSeconds, will } = broker.last.options
  t.equal(clientId, van)
  t.equal(keepaliveSeconds, 60)
  t.match(will, { topic: 'simpul/v1/van-02/state', retain: true })
  t.equal(online(will?.payload), false)
})

t.test('uplink: subscribes and says that it is there before anything else', async (t) => {
  const { uplink, broker, journal, clock } = stage()
  journal.seal('bp-1/measurement')
  uplink.start()
  broker.last.open({ protocol: '3.1.1', receiveMaximum: 7 })
  await clock.settle()
  const { subscribed, published } = broker.last
  t.strictSame(subscribed, [
    'simpul/v1/van-02/down/receipt',
    'simpul/v1/van-02/down/backfill',
    'simpul/v1/van-02/down/watch',
    'simpul/v1/van-02/down/time',
    landingStateTopic,
  ])
  t.equal(published[0]?.topic, 'simpul/v1/van-02/state')
  t.equal(published[0]?.retain, true)
  t.equal(online(published[0]?.payload), true)
  t.equal(published[1]?.topic, 'simpul/v1/van-02/up/bp-1/measurement')
  t.equal(published[1]?.retain, false)
  t.match(uplink.status(), {
    state: 'online',
    doing: 'sending',
    protocol: '3.1.1',
    window: { count: 2, countLimit: 7 },
    landing: { online: null, name: null },
    words: { en: 'Connected. Sending.', id: 'Terhubung. Sedang mengirim.' },
  })
  broker.last.answerAll()
  await clock.settle()
  t.match(uplink.status(), { doing: 'nothing-to-send', sent: 1, acknowledged: 1, unreceipted: 1 })
})

t.test('uplink: tries again with growing jittered pauses, and without limit', async (t) => {
  const made = stage()
  const { uplink, clock, broker } = made
  uplink.start()
  const pauses: number[] = []
  for (let attempt = 0; attempt < 40; attempt++) {
    const pause = await fail(made)
    pauses.push(pause)
    t.equal(uplink.status().state, 'offline')
    await clock.advance(pause - 1)
    t.equal(broker.connections.length, attempt + 1, 'not earlier')
    await clock.advance(1)
    t.equal(broker.connections.length, attempt + 2)
  }
  t.ok(Math.min(...pauses) >= 1_000)
  t.ok(Math.max(...pauses) <= 60_000)
  t.ok(Math.max(...pauses) > 30_000)
  t.ok((pauses[0] ?? 0) <= 3_000)
  t.ok(new Set(pauses.slice(-10)).size > 3, 'not in step with other vans')
})

t.test('uplink: waits long when only a person can help, and says what is wrong', async (t) => {
  const made = stage()
  const { uplink, broker } = made
  uplink.start()
  t.ok((await fail(made, false)) >= 20_000)
  const [noted] = uplink.status().troubles
  t.equal(noted?.trouble.code, 'uplink-credentials')
  t.match(noted?.trouble.words('id').what, /Broker menolak mobil ini: no route/)
  t.match(made.said, [/uplink trouble: uplink-credentials/, /uplink closed/])
  made.uplink.linkUp()
  await made.clock.advance(3_000)
  broker.last.open()
  t.strictSame(made.troubles(), [])
})

t.test('uplink: begins with short pauses again after a connection that was good', async (t) => {
  const made = stage()
  const { uplink, clock, broker, journal } = made
  uplink.start()
  await failForLong(made)
  await clock.advance(60_000)
  // Opening alone proves little: some brokers accept, and hang up.
  broker.last.open()
  const pauses: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    pauses.push(await fail(made))
    await clock.advance(60_000)
  }
  t.ok(Math.max(...pauses) > 9_000, 'three short ones would stay below 9 s')

  journal.seal('bp-1/measurement')
  broker.last.open()
  await clock.settle()
  broker.last.answerAll()
  t.ok((await fail(made)) <= 3_000, 'a packet got through')

  await clock.advance(60_000)
  await failForLong(made)
  await clock.advance(60_000)
  broker.last.open()
  await clock.settle()
  broker.last.published[0]?.answer()
  await clock.advance(30_000)
  t.ok((await fail(made)) <= 3_000, 'it stood for half a minute')
})

t.test('uplink: does not fight with a twin of the same name', async (t) => {
  const made = await onlineStage()
  made.journal.seal('bp-1/measurement')
  made.uplink.nudge()
  await made.clock.settle()
  made.broker.last.answerAll()
  made.broker.last.end('another connection took over', true, 'taken-over')
  t.ok((made.uplink.status().nextAttemptMs ?? 0) >= 20_000)
  t.strictSame(made.troubles(), ['uplink-taken-over'])
  await made.clock.advance(60_000)
  made.broker.last.open()
  await made.clock.settle()
  t.strictSame(made.troubles(), ['uplink-taken-over'], 'the twin may still be there')
  made.broker.last.answerAll()
  await made.clock.advance(35_000)
  t.strictSame(made.troubles(), [])
})

t.test('uplink: goes at once when the network comes', async (t) => {
  const made = stage()
  const { uplink, clock, broker } = made
  uplink.start()
  await failForLong(made)
  await clock.advance(3_000)
  const before = broker.connections.length
  uplink.linkUp()
  t.equal(uplink.status().nextAttemptMs, 0)
  await clock.advance(0)
  t.equal(broker.connections.length, before + 1)

  // News about the network in a row do not become attempts in a row.
  await fail(made)
  for (let news = 0; news < 20; news++) uplink.linkUp()
  await clock.advance(2_999)
  t.equal(broker.connections.length, before + 1)
  await clock.advance(1)
  t.equal(broker.connections.length, before + 2)

  // An attempt that left by the old way is given up.
  await clock.advance(4_000)
  uplink.linkUp()
  t.equal(broker.last.closedHow, 'destroy')
  await clock.advance(0)
  t.equal(broker.connections.length, before + 3)
})

t.test('uplink: ends an attempt that never ends', async (t) => {
  const made = stage()
  made.uplink.start()
  await made.clock.advance(89_999)
  t.equal(made.broker.last.closedHow, null)
  await made.clock.advance(1)
  t.equal(made.broker.connections[0]?.closedHow, 'destroy')
  t.strictSame(made.troubles(), ['uplink-timeout'])
  t.equal(made.uplink.status().state, 'offline')
})

t.test('uplink: gives up a connection on which nothing is answered', async (t) => {
  const made = await onlineStage()
  const { clock, broker, journal, uplink } = made
  const first = broker.last
  await clock.advance(600_000)
  t.equal(first.closedHow, null, 'silence is normal while nothing waits')
  journal.seal('bp-1/measurement')
  uplink.nudge()
  await clock.advance(9_000)
  t.equal(first.closedHow, null)
  await clock.advance(3_000)
  t.equal(first.closedHow, 'destroy')
  t.strictSame(made.troubles(), ['uplink-silent'])
  const [noted] = uplink.status().troubles
  t.match(noted?.trouble.words('en').what, /has not answered for 1\d s/)

  // The way may just be slow: each time the patience grows, so that something passes in the end.
  await clock.advance(5_000)
  const second = broker.last
  second.open()
  await clock.settle()
  second.published[0]?.answer()
  await clock.advance(15_000)
  t.equal(second.closedHow, null)
  await clock.advance(10_000)
  t.equal(second.closedHow, 'destroy')
})

t.test('uplink: any sign of life counts, and so does a way that is slow', async (t) => {
  const made = await onlineStage()
  const { clock, broker, journal, uplink } = made
  for (let packet = 0; packet < 3; packet++) {
    journal.seal('bp-1/measurement')
    uplink.nudge()
    await clock.advance(8_000)
    broker.last.landing(true)
    await clock.advance(4_000)
    broker.last.answerAll()
  }
  // Round trips of 12 s: eight of them are normal by now.
  t.ok((uplink.status().roundTripMs ?? 0) > 3_000)
  journal.seal('bp-1/measurement')
  uplink.nudge()
  await clock.advance(20_000)
  t.equal(broker.last.closedHow, null)
})

t.test('uplink: says goodbye', async (t) => {
  const made = await onlineStage({}, { receiveMaximum: 2 })
  const { broker, journal, uplink, clock } = made
  for (let packet = 0; packet < 5; packet++) journal.seal('bp-1/measurement')
  uplink.nudge()
  await clock.settle()
  t.equal(broker.last.unanswered.length, 2)
  const stopped = uplink.stop()
  void uplink.stop()
  await clock.settle()
  t.equal(broker.last.unansweredMost, 2, 'not above what the broker allows')
  broker.last.unanswered[0]?.answer()
  const goodbye = broker.last.published.at(-1)
  t.equal(goodbye?.retain, true)
  t.equal(online(goodbye?.payload), false)
  goodbye?.answer()
  await stopped
  t.equal(broker.last.closedHow, 'farewell')
  t.equal(uplink.status().state, 'stopped')
  await clock.advance(600_000)
  t.equal(broker.connections.length, 1)
  t.strictSame(clock.running(), [])
  uplink.start()
  t.equal(broker.connections.length, 2, 'and can be started again')
})

t.test('uplink: leaves the goodbye to the broker when it does not answer', async (t) => {
  const made = await onlineStage()
  const stopped = made.uplink.stop()
  await made.clock.advance(2_000)
  await stopped
  t.equal(made.broker.last.closedHow, 'destroy', 'so that the will is sent')
})

t.test('uplink: stops while it waits or connects', async (t) => {
  const waiting = stage()
  waiting.uplink.start()
  await fail(waiting)
  await waiting.uplink.stop()
  t.strictSame(waiting.clock.running(), [])
  t.equal(waiting.uplink.status().state, 'stopped')
  const connecting = stage()
  connecting.uplink.start()
  await connecting.uplink.stop()
  t.equal(connecting.broker.last.closedHow, 'destroy')
  await connecting.uplink.stop()
  t.strictSame(connecting.clock.running(), [])
})

t.test('uplink: sends on when it may not hear, says so, and asks again', async (t) => {
  const made = stage()
  made.uplink.start()
  made.broker.last.subscribeRefused = 'not authorised (0x87)'
  made.journal.seal('bp-1/measurement')
  made.broker.last.open()
  await made.clock.settle()
  t.strictSame(made.troubles(), ['uplink-deaf'])
  t.equal(made.broker.last.packets.length, 1)
  made.broker.last.answerAll()
  made.broker.last.subscribeRefused = null
  const { length } = made.broker.last.subscribed
  await made.clock.advance(65_000)
  t.equal(made.broker.last.subscribed.length, 2 * length)
  t.strictSame(made.troubles(), [])
})

t.test('uplink: refuses a name that cannot stand in a topic', async (t) => {
  t.throws(() => stage({ van: 'Van 2' }))
})
