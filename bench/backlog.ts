/**
 * A backlog drains: packets that the van made while the broker was away arrive after it returns,
 * over links with a long way. Beside it, in the same run, the npm package mqtt with its own queue.
 *
 *   node bench/backlog.ts --packets 200000 --rtt 50,200,600 --window 512 --stock-seconds 20
 *
 * The broker is a real mosquitto, the journal the real one, filled in advance. Between van and
 * broker stands a proxy that delays each direction by half the round trip. What arrives is counted,
 * packet by packet, at a subscriber that is connected to the broker directly. The stock client gets
 * packets of the same size; its rate is measured for some seconds, and from that and from what its
 * queue has kept follows what it would need.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import mqtt from 'mqtt'
import { mqttDefaults } from '../protocols/mqtt/broker.ts'
import { systemRandom } from '../gateway/clock/random.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import type { Journal } from '../gateway/journal/journal.ts'
import { openJournal } from '../gateway/journal/remote-journal.ts'
import { startMosquitto, type Mosquitto } from '../gateway/sim/mosquitto.ts'
import { openMqttBroker } from '../gateway/uplink/mqtt.ts'
import { createUplink, uplinkDefaults } from '../gateway/uplink/uplink.ts'
import type { Log } from '../gateway/world.ts'
import { fill, fillingWaves } from './fill.ts'

interface Settings {
  readonly packets: number
  readonly rttsMs: readonly number[]
  readonly window: number
  readonly stockSeconds: number
}

interface Counted {
  readonly received: number
  readonly distinct: number
}

/** When nothing new came for so long, it is over. */
const stalledMs = 30_000
const lookMs = 50

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const clock = systemClock()

// ---- roles of child processes ----------------------------------------------------------------

/** Passes bytes on after half the round trip, in order, on one port that opens when it is told. */
function proxy(brokerPort: number, delayMs: number): void {
  const server = createServer((van) => {
    const broker = connect(brokerPort, '127.0.0.1')
    pass(van, broker, delayMs)
    pass(broker, van, delayMs)
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    server.close(() => process.send?.({ port }))
    process.on('message', () => server.listen(port, '127.0.0.1', () => process.send?.('open')))
  })
}

function pass(from: Socket, to: Socket, delayMs: number): void {
  const waiting: { readonly bytes: Buffer; readonly dueMs: number }[] = []
  const send = () => {
    const nowMs = performance.now()
    while (waiting[0] !== undefined && waiting[0].dueMs <= nowMs) {
      to.write(waiting.shift()?.bytes ?? '')
    }
    if (waiting[0] !== undefined) setTimeout(send, waiting[0].dueMs - nowMs)
  }
  from.setNoDelay(true)
  from.on('data', (bytes) => {
    waiting.push({ bytes, dueMs: performance.now() + delayMs })
    if (waiting.length === 1) setTimeout(send, delayMs)
  })
  from.on('error', () => {})
  from.on('close', () => to.destroy())
}

/** Counts what arrives at the broker, by the hash of the whole packet. */
function subscriber(port: number): void {
  const seen = new Set<string>()
  let received = 0
  const client = mqtt.connect({ host: '127.0.0.1', port, protocolVersion: 5, clientId: 'direct' })
  client.on('connect', () => {
    client.subscribe('+/#', { qos: 1 }, () => process.send?.('ready'))
  })
  client.on('message', (topic, payload) => {
    if (topic.endsWith('/state')) return
    received++
    seen.add(createHash('sha1').update(payload).digest('base64'))
  })
  process.on('message', () => process.send?.({ received, distinct: seen.size }))
}

/** Opens the journal, sends what is in it, and reports the memory that it took. */
async function van(port: number, window: number, folder: string): Promise<void> {
  const journal = await openBenchJournal(folder)
  const broker = openMqttBroker(clock, { ...mqttDefaults, url: `mqtt://127.0.0.1:${port}` })
  const world = { clock, random: systemRandom(), broker, log: quiet }
  const uplink = createUplink(world, journal, {
    ...uplinkDefaults,
    van: 'van-02',
    software: 'bench',
    windowMax: window,
    stamp: () => ({ atMs: clock.monotonicMs(), utcMs: null, uncertaintyMs: null }),
  })
  uplink.start()
  process.send?.('started')
  let rssMost = 0
  setInterval(() => (rssMost = Math.max(rssMost, process.memoryUsage.rss())), lookMs)
  process.on('message', (message) => {
    if (message === 'link up') uplink.linkUp()
    else process.send?.({ rssMost })
  })
}

function openBenchJournal(folder: string): Promise<Journal> {
  const options = {
    folder,
    limitBytes: 2 ** 40,
    reserveBytes: 0,
    van: 'van-02',
    waves: fillingWaves,
  }
  return openJournal({ ...options, bootId: randomUUID() }, { log: quiet, failed: giveUp })
}

function giveUp(error: Error): never {
  throw error
}

// ---- the run -----------------------------------------------------------------------------------

function start(role: string, ...args: readonly (string | number)[]): ChildProcess {
  return fork(import.meta.filename, ['--role', [role, ...args].join(',')], {
    // As `simpul run` is started.
    execArgv: role === 'van' ? ['--optimize-for-size'] : [],
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  })
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (answer) => resolve(answer as T)))
}

/** A broker with a subscriber, behind a proxy that is still closed. */
class Stage {
  readonly #mosquitto: Mosquitto
  readonly #proxy: ChildProcess
  readonly #subscriber: ChildProcess
  readonly port: number

  private constructor(
    mosquitto: Mosquitto,
    proxy: ChildProcess,
    subscriber: ChildProcess,
    port: number,
  ) {
    this.#mosquitto = mosquitto
    this.#proxy = proxy
    this.#subscriber = subscriber
    this.port = port
  }

  static async build(folder: string, rttMs: number, window: number): Promise<Stage> {
    const mosquitto = await startMosquitto({
      folder,
      lines: [
        `max_inflight_messages ${window}`,
        'max_queued_messages 0',
        'set_tcp_nodelay true',
        'persistence false',
      ],
    })
    const subscriber = start('subscriber', mosquitto.port)
    await answerOf(subscriber)
    const proxy = start('proxy', mosquitto.port, rttMs / 2)
    const { port } = await answerOf<{ port: number }>(proxy)
    return new Stage(mosquitto, proxy, subscriber, port)
  }

  async brokerReturns(): Promise<void> {
    this.#proxy.send('open')
    await answerOf(this.#proxy)
  }

  count(): Promise<Counted> {
    this.#subscriber.send('count')
    return answerOf<Counted>(this.#subscriber)
  }

  async strike(): Promise<void> {
    this.#proxy.kill()
    this.#subscriber.kill()
    await this.#mosquitto.kill()
  }
}

async function onStage<T>(stage: Stage, play: (stage: Stage) => Promise<T>): Promise<T> {
  try {
    return await play(stage)
  } finally {
    await stage.strike()
  }
}

interface Drained extends Counted {
  /** From the first packet that arrived to the last. */
  readonly ms: number
}

/** Until `goal` have arrived, `withinMs` have passed since the first, or nothing new comes. */
async function watchArrivals(stage: Stage, goal: number, withinMs: number): Promise<Drained> {
  let firstMs: number | null = null
  let newestMs = performance.now()
  let newest = 0
  for (;;) {
    await clock.sleep(lookMs)
    const counted = await stage.count()
    const nowMs = performance.now()
    if (counted.distinct > newest) newestMs = nowMs
    if (counted.distinct > 0) firstMs ??= nowMs
    newest = counted.distinct
    const ms = nowMs - (firstMs ?? nowMs)
    if (newest >= goal || ms >= withinMs || nowMs - newestMs > stalledMs) return { ...counted, ms }
  }
}

interface Row extends Drained {
  readonly rttMs: number
  readonly rssMiB: number
}

async function ours(stage: Stage, folder: string, rttMs: number, settings: Settings): Promise<Row> {
  const child = start('van', stage.port, settings.window, folder)
  try {
    await answerOf(child)
    await clock.sleep(500)
    await stage.brokerReturns()
    child.send('link up')
    const drained = await watchArrivals(stage, settings.packets, Infinity)
    // What was sent twice may still be on its way.
    await clock.sleep(2 * rttMs)
    const counted = await stage.count()
    child.send('memory')
    const { rssMost } = await answerOf<{ rssMost: number }>(child)
    return { ...drained, ...counted, rttMs, rssMiB: rssMost / 2 ** 20 }
  } finally {
    child.kill()
  }
}

interface StockRow {
  readonly perSecond: number
  /** What its queue still held when the broker returned. */
  readonly kept: number
}

async function stock(stage: Stage, bytes: number, settings: Settings): Promise<StockRow> {
  const client = mqtt.connect({ host: '127.0.0.1', port: stage.port, clientId: 'stock' })
  client.on('error', () => {})
  for (let packet = 0; packet < settings.packets; packet++) {
    const payload = Buffer.alloc(bytes)
    payload.writeUInt32BE(packet)
    client.publish('simpul/v1/van-02/up/bp-1/measurement', payload, { qos: 1 })
  }
  let kept = 0
  for await (const packet of client.outgoingStore.createStream()) if (packet !== null) kept++
  await stage.brokerReturns()
  const { distinct, ms } = await watchArrivals(stage, kept, settings.stockSeconds * 1_000)
  client.end(true)
  // The first had arrived when the time began.
  return { perSecond: ((distinct - 1) / ms) * 1_000, kept }
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  return seconds < 7_200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3_600).toFixed(1)} h`
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  for (const row of rows) {
    console.log(row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
  }
}

async function run(settings: Settings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'simpul-backlog-'))
  const journalFolder = join(folder, 'journal')
  let lost = 0
  try {
    const journal = await openBenchJournal(journalFolder)
    await fill(journal, settings.packets)
    const { unreceiptedPackets, unreceiptedBytes } = await journal.status()
    await journal.close()
    const bytes = Math.round(unreceiptedBytes / unreceiptedPackets)
    console.log(`${unreceiptedPackets} packets of ${bytes} bytes, window ${settings.window}`)
    const rows = [
      [
        'rtt',
        'packets/s',
        'all in',
        'lost',
        'doubled',
        'MiB',
        'stock/s',
        'stock keeps',
        'and needs',
      ],
    ]
    rows[0]?.push('ratio')
    for (const rttMs of settings.rttsMs) {
      const build = () => Stage.build(folder, rttMs, settings.window)
      const our = await onStage(await build(), (stage) =>
        ours(stage, journalFolder, rttMs, settings),
      )
      const their = await onStage(await build(), (stage) => stock(stage, bytes, settings))
      const perSecond = (our.distinct / our.ms) * 1_000
      lost += settings.packets - our.distinct
      rows.push([
        `${rttMs} ms`,
        perSecond.toFixed(0),
        duration(our.ms / 1_000),
        `${settings.packets - our.distinct}`,
        `${our.received - our.distinct}`,
        our.rssMiB.toFixed(0),
        their.perSecond.toFixed(1),
        `${their.kept}`,
        duration(their.kept / their.perSecond),
        (perSecond / their.perSecond).toFixed(0),
      ])
    }
    print(rows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exitCode = lost === 0 ? 0 : 1
}

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '200000' },
    rtt: { type: 'string', default: '50,200,600' },
    window: { type: 'string', default: '512' },
    'stock-seconds': { type: 'string', default: '20' },
    role: { type: 'string' },
  },
})
const [role, first, second, folder = ''] = values.role?.split(',') ?? []
if (role === 'proxy') proxy(Number(first), Number(second))
else if (role === 'subscriber') subscriber(Number(first))
else if (role === 'van') await van(Number(first), Number(second), folder)
else {
  await run({
    packets: Number(values.packets),
    rttsMs: values.rtt.split(',').map(Number),
    window: Number(values.window),
    stockSeconds: Number(values['stock-seconds']),
  })
}
