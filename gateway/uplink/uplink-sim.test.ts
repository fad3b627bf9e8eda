/** The uplink and a small landing, and between them a broker that lies. Time is simulated. */
import t from 'tap'
import { encodeLandingState, encodeReceipt } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { downTopic, landingStateTopic, parseUpTopic } from '../../protocols/packet/topics.ts'
import type { Broker, BrokerConnection } from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
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
