/** The uplink against real brokers and with the real clock, for what a script cannot show. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import t from 'tap'
import { encodeLandingState, encodeReceipt } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { downTopic, landingStateTopic, parseUpTopic } from '../../protocols/packet/topics.ts'
import { startMosquitto } from '../sim/mosquitto.ts'
import { dial, door, realUplink, type Dialled } from './mqtt-testing.ts'
import { epoch, labelOf, MemoryJournal, van } from './uplink-testing.ts'

const bp = 'bp-1/measurement'

function until(what: string, done: () => boolean, withinMs = 100_000): Promise<void> {
  const deadline = performance.now() + withinMs
  return new Promise((resolve, reject) => {
    const look = () => {
      if (done()) resolve()
      else if (performance.now() > deadline) reject(new Error(`too late: ${what}`))
      else setTimeout(look, 5)
    }
    look()
  })
}

/** A landing in a few lines: keeps what it hears, and says so. Lives through the broker's deaths. */
class Landing {
  readonly seqs = new RangeSet()
  heard = 0
  #now: Dialled | null = null
  #stopping = false
  readonly #port: number

  constructor(port: number) {
    this.#port = port
    void this.#live()
  }

  async #live(): Promise<void> {
    while (!this.#stopping) {
      const now = dial(door(this.#port), { clientId: 'landing' })
      this.#now = now
      try {
        await now.opened
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      await now.subscribe(`simpul/v1/+/up/#`)
      const state = encodeLandingState({ online: true, landing: 'rsud', startedWallMs: 1 })
      await now.publish(landingStateTopic, state, true)
      const telling = setInterval(() => this.#tell(now), 50)
      await now.closed
      clearInterval(telling)
    }
  }

  #tell({ connection, messages }: Dialled): void {
    for (const { topic, payload } of messages.splice(0)) {
      if (parseUpTopic(topic)?.stream !== bp) continue
      this.heard++
      this.seqs.add(Number(labelOf(payload).split(' ')[1]))
    }
    const ranges = this.seqs.ranges(64)
    if (ranges.length === 0) return
    const receipt = encodeReceipt({ epoch, receipts: [{ stream: bp, ranges }] })
    connection.publish(downTopic(van, 'receipt'), receipt, { retain: false }, () => {})
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#now?.connection.close('destroy')
    await this.#now?.closed
  }
}

t.test('uplink: nothing is lost over the deaths of a broker that keeps nothing', async (t) => {
  const mosquitto = await startMosquitto({ folder: t.testdir() })
  t.teardown(() => mosquitto.kill())
  const landing = new Landing(mosquitto.port)
  t.teardown(() => landing.stop())
  const journal = new MemoryJournal()
  const times = { receiptTimeoutMs: 500, receiptTimeoutMaxMs: 2_000 }
  const uplink = realUplink(mosquitto.port, journal, times)
  t.teardown(() => uplink.stop())
  uplink.start()
  await until('online', () => uplink.status().state === 'online')
  t.equal(uplink.status().window?.countLimit, 20, "mosquitto's default is respected")
  let made = 0
  const making = setInterval(() => {
    for (let packet = 0; packet < 20 && made < 6_000; packet++, made++) journal.seal(bp)
    uplink.nudge()
  }, 5)
  t.teardown(() => clearInterval(making))
  for (let death = 0; death < 2; death++) {
    const before = landing.heard
    await until('some packets', () => landing.heard > before + 100)
    await mosquitto.kill()
    await mosquitto.start()
  }
  await until('all receipts', () => made === 6_000 && journal.receiptedBy.get(bp)?.count === 6_000)
  t.strictSame(landing.seqs.ranges(), [{ from: 0, to: 5_999 }])
  t.match(uplink.status(), { state: 'online', unreceipted: 0 })
})

t.test('uplink: aedes, which speaks only 3.1.1, with sockets that are cut', async (t) => {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    void aedes.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    aedes.close()
    server.close()
  })
  const arrived: string[] = []
  await new Promise<void>((resolve) => {
    aedes.subscribe(
      'simpul/v1/+/up/#',
      ({ payload }, done) => {
        arrived.push(labelOf(payload as Buffer))
        // In the middle of it, with a window of packets unanswered.
        if (arrived.length === 1_000) for (const socket of sockets) socket.resetAndDestroy()
        done()
      },
      resolve,
    )
  })
  const journal = new MemoryJournal()
  for (let packet = 0; packet < 2_000; packet++) journal.seal(bp)
  const uplink = realUplink((server.address() as AddressInfo).port, journal)
  t.teardown(() => uplink.stop())
  uplink.start()
  await until('all', () => new Set(arrived).size === 2_000)
  t.match(uplink.status(), { protocol: '3.1.1', window: { countLimit: 20 } })
  t.ok(arrived.length - 2_000 <= 20, `${arrived.length - 2_000} doubled: at most one window`)
})
