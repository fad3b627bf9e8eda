/**
 * How many small packets a second the landing takes on one core: stored, proven and receipted, with
 * every commit on the disk. First the store alone, then the whole landing behind a real mosquitto.
 *
 *   node bench/landing.ts --packets 30000
 *
 * A packet holds one pulse rate. `signed` says how many of them carry a signature: one in 120, as
 * of a stream that is sealed four times a second, or each, as of spot measurements. What counts is
 * CPU time, because publisher, broker and landing share the cores of one machine.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import mqtt from 'mqtt'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { mqttDefaults } from '../protocols/mqtt/broker.ts'
import type { LandingStats } from '../upstream/landing/landing.ts'
import { runLanding } from '../upstream/run-landing.ts'
import { arrivals, openStore } from '../upstream/testing/landing.ts'
import { quiet } from '../upstream/testing/scene.ts'
import { pulse, TestVan, type TestPacket } from '../upstream/testing/van.ts'

interface Row {
  readonly what: string
  readonly signed: string
  readonly 'packets/s': number
  readonly 'packets/s of CPU': number
  readonly 'RSS MB': number
}

interface ChildOrder {
  readonly url: string
  readonly folder: string
  readonly packets: number
}

/** So far. */
interface ChildProgress {
  readonly connected: boolean
  readonly stored: number
}

interface ChildReport {
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly rssMb: number
}

const batch = 200
const window = 200
const aheadMost = 5_000

function seal(van: TestVan, count: number, signEvery: number): TestPacket[] {
  return Array.from({ length: count }, (_, index) =>
    van.records(`oxi-${1 + (index % 6)}/measurement`, [pulse(index * 100, 60 + (index % 40))], {
      signed: index < 6 || index % signEvery === 0,
    }),
  )
}

function storeAlone(folder: string, van: TestVan, packets: readonly TestPacket[]): ChildReport {
  const store = openStore(folder, van)
  const all = arrivals(packets)
  const started = performance.now()
  const before = process.cpuUsage()
  for (let at = 0; at < all.length; at += batch) store.commit(all.slice(at, at + batch))
  const cpu = process.cpuUsage(before)
  const elapsedMs = performance.now() - started
  store.close()
  const rssMb = process.memoryUsage.rss() / 2 ** 20
  return { elapsedMs, cpuMs: (cpu.user + cpu.system) / 1000, rssMb }
}

/** The landing, in a process of its own so that its CPU time can be told apart. */
async function child(order: ChildOrder): Promise<void> {
  const stop = new AbortController()
  let started: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | null = null
  const look = (stats: LandingStats) => {
    if (stats.stored > 0) started ??= { at: performance.now(), cpu: process.cpuUsage() }
    const progress: ChildProgress = { connected: stats.connected, stored: stats.stored }
    process.send?.(progress)
    if (stats.stored < order.packets || started === null) return
    const cpu = process.cpuUsage(started.cpu)
    const report: ChildReport = {
      elapsedMs: performance.now() - started.at,
      cpuMs: (cpu.user + cpu.system) / 1000,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
    }
    process.send?.(report)
    stop.abort()
  }
  const broker = { ...mqttDefaults, url: order.url, sessionExpirySeconds: 0 }
  const options = { name: 'landing-1', folder: order.folder, broker, log: quiet, stats: look }
  await runLanding(
    { ...options, trust: null, trustOnFirstUse: true, statsEveryMs: 20 },
    stop.signal,
  )
  process.disconnect()
}

async function behindMosquitto(
  folder: string,
  van: TestVan,
  packets: readonly TestPacket[],
): Promise<ChildReport> {
  // Its queue for a slow reader would drop what it has acknowledged; here nothing is sent twice.
  const lines = ['max_queued_messages 0', 'max_inflight_messages 0']
  const broker = await startMosquitto({ folder, lines })
  const url = `mqtt://127.0.0.1:${broker.port}`
  const order: ChildOrder = { url, folder: join(folder, 'landing'), packets: packets.length }
  const landing = fork(import.meta.filename, ['--child', JSON.stringify(order)])
  const heard = Promise.withResolvers<ChildReport>()
  const ready = Promise.withResolvers<void>()
  let stored = 0
  landing.on('message', (message: ChildReport | ChildProgress) => {
    if ('cpuMs' in message) return heard.resolve(message)
    if (message.connected) ready.resolve()
    stored = message.stored
  })
  landing.once('exit', () => heard.reject(new Error('the landing has ended')))
  await ready.promise
  const isAhead = (sent: number) => sent - stored > aheadMost
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: van.van })
  const state = van.state(true)
  await client.publishAsync(state.topic, Buffer.from(state.payload), { qos: 1, retain: true })
  for (let at = 0; at < packets.length; at += window) {
    // As a van with its window of receipts: what the landing has no room for it would drop.
    while (isAhead(at)) await new Promise((resolve) => setTimeout(resolve, 10))
    const part = packets.slice(at, at + window)
    await Promise.all(
      part.map(({ topic, bytes }) => client.publishAsync(topic, Buffer.from(bytes), { qos: 1 })),
    )
  }
  const report = await heard.promise
  await client.endAsync()
  await broker.kill()
  return report
}

async function main(count: number): Promise<void> {
  const rows: Row[] = []
  for (const [signed, signEvery] of [
    ['1 in 120', 120],
    ['each', 1],
  ] as const) {
    for (const [what, run] of [
      ['store alone', storeAlone],
      ['behind mosquitto', behindMosquitto],
    ] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'simpul-bench-'))
      const van = new TestVan('van-02')
      const { elapsedMs, cpuMs, rssMb } = await run(folder, van, seal(van, count, signEvery))
      rmSync(folder, { recursive: true })
      rows.push({
        what,
        signed,
        'packets/s': Math.round((count / elapsedMs) * 1000),
        'packets/s of CPU': Math.round((count / cpuMs) * 1000),
        'RSS MB': Math.round(rssMb),
      })
    }
  }
  console.table(rows)
}

const { values } = parseArgs({
  options: { packets: { type: 'string', default: '30000' }, child: { type: 'string' } },
})
if (values.child === undefined) await main(Number(values.packets))
else await child(JSON.parse(values.child) as ChildOrder)
