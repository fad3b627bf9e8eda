/** The uplink and a landing, and between them a broker that lies. Time is simulated. */
import t, { type Test } from 'tap'
import { encodeLandingState, encodeReceipt } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { ClockFix } from '../../protocols/packet/record.ts'
import { downTopic, landingStateTopic, parseUpTopic } from '../../protocols/packet/topics.ts'
import type { Broker, BrokerConnection } from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { createLanding } from '../../upstream/landing/landing.ts'
import { LandingStore } from '../../upstream/landing/store.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { claimFromAnswer, TimeKeeper } from '../clock/time-keeper.ts'
import { makeBox } from '../sim/box.ts'
import { createSimBroker, noBrokerFaults } from '../sim/broker.ts'
import type { Log } from '../world.ts'
import { createUplink, uplinkDefaults } from './uplink.ts'
import { epoch, labelOf, MemoryJournal, van } from './uplink-testing.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const streams = ['bp-1/measurement', 'ecg-1/waveform', 'ecg-1/event'] as const
const classOf = { 'bp-1/measurement': 2, 'ecg-1/waveform': 5, 'ecg-1/event': 0 } as const

/** Keeps all it hears, and says each second what it has. */
class Landing {
  readonly has = new Map<string, RangeSet>()
  readonly #broker: Broker
  readonly #clock: Clock
  #connection: BrokerConnection | null = null
  #started = 0
  #isTelling = false

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker
    this.#clock = clock
    this.#connect()
  }

  /** Its process dies: what it had kept is kept, and it starts anew. */
  restart(): void {
    this.#started++
    this.#connection?.close('destroy')
  }

  #state(online: boolean): Uint8Array {
    return encodeLandingState({ online, landing: 'rsud', startedWallMs: this.#started })
  }

  #connect(): void {
    const connection = this.#broker.connect(
      {
        clientId: 'landing',
        keepaliveSeconds: 60,
        will: { topic: landingStateTopic, payload: this.#state(false), retain: true },
      },
      {
        opened: () => {
          connection.subscribe(['simpul/v1/+/up/#'], () => {})
          this.#isTelling = true
          connection.publish(landingStateTopic, this.#state(true), { retain: true }, () => {
            this.#isTelling = false
          })
          this.#tell(connection)
        },
        message: (topic, payload) => this.#keep(topic, payload),
        closed: () => {
          this.#connection = null
          this.#clock.after('landing', 500, () => this.#connect())
        },
      },
    )
    this.#connection = connection
  }

  #keep(topic: string, payload: Uint8Array): void {
    const stream = parseUpTopic(topic)?.stream ?? ''
    const known = this.has.get(stream) ?? new RangeSet()
    this.has.set(stream, known)
    known.add(Number(labelOf(payload).split(' ')[1]))
  }

  /** One receipt at a time; a broker that leaves one unanswered for long is given up. */
  #tell(connection: BrokerConnection, waited = 0): void {
    if (this.#connection !== connection) return
    if (waited > 20) return connection.close('destroy')
    const later = (count: number) => {
      this.#clock.after('landing receipts', 1_000, () => this.#tell(connection, count))
    }
    if (this.#isTelling) return later(waited + 1)
    this.#isTelling = true
    later(0)
    const receipts = [...this.has].map(([stream, set]) => ({ stream, ranges: set.ranges(64) }))
    const receipt = encodeReceipt({ epoch, receipts })
    connection.publish(downTopic(van, 'receipt'), receipt, { retain: false }, () => {
      this.#isTelling = false
    })
  }
}

for (let seed = 1; seed <= 12; seed++) {
  t.test(`uplink: with a broker that lies, seed ${seed}, all is received in the end`, async (t) => {
    const clock = fakeClock()
    const random = seededRandom(seed)
    const limits = {
      receiveMaximum: 1 + random.below(40),
      maximumPacketBytes: 5_000,
      latencyMs: 30,
    }
    const broker = createSimBroker(clock, random.fork('broker'), limits)
    const journal = new MemoryJournal()
    const world = { clock, random: random.fork('uplink'), broker, log: quiet }
    const uplink = createUplink(world, journal, {
      ...uplinkDefaults,
      van,
      software: 'test',
      stamp: () => ({ atMs: clock.monotonicMs(), utcMs: null, uncertaintyMs: null }),
    })
    uplink.start()
    const landing = new Landing(broker, clock)
    broker.setFaults({
      ...noBrokerFaults,
      refuseConnect: 100,
      forget: 20,
      duplicate: 20,
      delay: 50,
      delayMsMax: 3_000,
      acknowledgeNever: 5,
      closeAfterPublish: 4,
      halfOpenAfterPublish: 2,
      refusePublish: 3,
    })
    for (let second = 0; second < 400; second++) {
      for (let packet = random.below(4); packet > 0; packet--) {
        const stream = streams[random.below(3)] ?? 'ecg-1/event'
        journal.seal(stream, classOf[stream], 20 + random.below(2_000))
        uplink.nudge()
      }
      if (random.below(100) === 0) broker.crash()
      if (random.below(100) === 0) landing.restart()
      if (random.below(60) === 0) uplink.linkUp()
      await clock.advance(1_000)
    }
    broker.setFaults(noBrokerFaults)
    broker.cutAll()
    await clock.advance(1_300_000)
    t.strictSame(broker.violations, [])
    for (const stream of streams) {
      const all = [{ from: 0, to: journal.seal(stream).seq - 1 }]
      t.strictSame(landing.has.get(stream)?.ranges(), all, `${stream} at the landing`)
      t.strictSame(journal.receiptedBy.get(stream)?.ranges(), all, `${stream} receipted`)
    }
    t.match(uplink.status(), { state: 'online', unreceipted: 0 })
    const stopped = uplink.stop()
    await clock.advance(3_000)
    await stopped
  })
}

/** A box without NTP and with a wrong date, whose clock alone is looked at. */
async function boxWithoutTime(t: Test, seed: number) {
  const clock = fakeClock()
  const random = seededRandom(seed)
  const broker = createSimBroker(clock, random.fork('broker'), {
    receiveMaximum: 20,
    maximumPacketBytes: 5_000,
    latencyMs: [5, 80, 600][seed % 3] ?? 5,
    keepsSessions: seed % 2 === 0,
  })
  const store = new LandingStore({
    folder: t.testdir(),
    trust: new Map(),
    trustOnFirstUse: true,
  })
  const landingWorld = { clock, random: random.fork('landing'), broker, log: quiet }
  const landing = createLanding(landingWorld, store, { name: 'landing-1' })
  const box = makeBox(clock, random.fork('box'))
  box.setWallMs(8_000)
  const life = box.begin()
  const fixes: ClockFix[] = []
  const time = new TimeKeeper({
    clock: life.clock,
    log: quiet,
    synchronised: async () => null,
    says: (fix) => void fixes.push(fix),
  })
  await time.start()
  const now = () => time.utcOf(life.clock.monotonicMs())
  const world = { clock: life.clock, random: random.fork('uplink'), broker, log: quiet }
  const uplink = createUplink(world, new MemoryJournal(), {
    ...uplinkDefaults,
    van,
    software: 'test',
    stamp: () => {
      const utc = now()
      const atMs = life.clock.monotonicMs()
      return { atMs, utcMs: utc?.utcMs ?? null, uncertaintyMs: utc?.uncertaintyMs ?? null }
    },
    heardTime: ({ answer, asked }) => void time.hear(claimFromAnswer('broker', answer, asked)),
  })
  /** How far the time of the box is from the truth, beyond what it admits; null: it knows none. */
  const excessMs = () => {
    const utc = now()
    return utc === null ? null : Math.abs(utc.utcMs - clock.wallMs()) - utc.uncertaintyMs
  }
  /** The same of a clock record, for the whole boot. */
  const excessOf = ({ offsetMs, fixUncertaintyMs }: ClockFix) =>
    Math.abs(offsetMs - (clock.wallMs() - life.clock.monotonicMs())) - fixUncertaintyMs
  const stop = async () => {
    time.stop()
    const stopped = Promise.all([uplink.stop(), landing.stop()])
    await clock.advance(10_000)
    await stopped
  }
  return { clock, broker, random, uplink, landing, time, fixes, excessMs, excessOf, stop }
}

t.test('uplink: a box without NTP stamps UTC as soon as it is connected', async (t) => {
  const box = await boxWithoutTime(t, 1)
  await box.clock.advance(5_000)
  t.equal(box.excessMs(), null)
  box.uplink.start()
  // Connecting, subscribing, and one question, of two hops of 80 to 160 ms each way.
  await box.clock.advance(2_000)
  const excess = box.excessMs()
  t.ok(excess !== null && excess <= 1, `${excess} ms`)
  t.match(box.time.status(), { authority: 'broker', doubt: null })
  const { uncertaintyMs } = box.time.status().utc ?? { uncertaintyMs: Infinity }
  t.ok(uncertaintyMs >= 100 && uncertaintyMs <= 100 + 320 + 1, `± ${uncertaintyMs} ms`)
  t.match(box.fixes, [{ kind: 'clock', authority: 'broker', source: 'device' }])
  await box.clock.advance(3_610_000)
  t.equal(box.fixes.length, 1, 'agreement is no news')
  t.match(box.uplink.status().times, { heard: 7, ignored: 0 })
  t.match(box.landing.stats(), { timesTold: 7, timesRefused: 0 })
  await box.stop()
})

t.test('uplink: what time it is stays true over a broker that lies', async (t) => {
  let heard = 0
  let ignored = 0
  for (let seed = 1; seed <= 12; seed++) {
    const box = await boxWithoutTime(t, seed)
    box.broker.setFaults({
      ...noBrokerFaults,
      refuseConnect: 100,
      forget: 100,
      duplicate: 200,
      delay: 400,
      delayMsMax: 45_000,
      acknowledgeNever: 20,
      closeAfterPublish: 50,
      halfOpenAfterPublish: 20,
      refusePublish: 50,
    })
    box.uplink.start()
    let worstMs = 0
    for (let step = 0; step < 1_200; step++) {
      await box.clock.advance(1_000)
      if (box.random.below(200) === 0) box.broker.crash()
      if (box.random.below(60) === 0) box.broker.cutAll()
      worstMs = Math.max(worstMs, box.excessMs() ?? 0, ...box.fixes.map(box.excessOf))
    }
    // Offsets and stamps are whole milliseconds.
    t.ok(worstMs <= 1, `seed ${seed}: ${worstMs} ms beyond what it admits`)
    box.broker.setFaults(noBrokerFaults)
    box.broker.cutAll()
    await box.clock.advance(1_300_000)
    t.match(box.time.status(), { authority: 'broker', doubt: null })
    t.ok((box.excessMs() ?? Infinity) <= 1)
    t.strictSame(box.broker.violations, [])
    heard += box.uplink.status().times.heard
    ignored += box.uplink.status().times.ignored
    await box.stop()
  }
  t.ok(heard > 50 && ignored > 50, `${heard} heard, ${ignored} ignored`)
})
