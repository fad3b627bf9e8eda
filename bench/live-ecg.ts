/**
 * What an ECG of 12 leads at 500 Hz, watched live, takes on the wire: bytes on the socket between
 * van and broker with everything in them: headers, signatures, MQTT, acknowledgements. The samples
 * go the whole way: device, driver, journal, packets, broker, landing and subscriber, where they
 * are compared with those that were played.
 *
 *     node bench/live-ecg.ts [--seconds 60] [--packet-ms 1000] [--recording PATH.i16]
 *
 * Beside it the same samples as the device's plain 16 bits. The exit code is 1 when a sample is
 * missing, doubled or another one, or when the stream takes more than 14 kbit/s.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText } from '../gateway/cli/demo/table.ts'
import { systemRandom } from '../gateway/clock/random.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { readConfig } from '../gateway/config/read.ts'
import { registryFile } from '../gateway/devices/registry-file.ts'
import { startGateway } from '../gateway/gateway.ts'
import { quietLog } from '../gateway/health/log.ts'
import { incomingFiles } from '../gateway/journal/incoming.ts'
import { openJournal } from '../gateway/journal/remote-journal.ts'
import { hostLinks } from '../gateway/links/links.ts'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { mqttDefaults } from '../protocols/mqtt/broker.ts'
import { openMqttBroker } from '../gateway/uplink/mqtt.ts'
import { realRandom } from '../upstream/real-world.ts'
import { runLanding } from '../upstream/run-landing.ts'
import type { Item } from '../upstream/subscriber/items.ts'
import { connect } from '../upstream/subscriber/subscriber.ts'
import { driverFor, play, readPlaying, type Playing } from './live-ecg-device.ts'

const van = 'van-bench'
const device = 'ecg-1'
const limitKbits = 14
/** Connected, watched, and through the first key packet. */
const settleMs = 10_000
const quietUpstream = { info() {}, warn() {}, error() {} }
const clock = systemClock()

interface Counted {
  readonly port: number
  readonly up: () => number
  readonly down: () => number
  stop(): void
}

/** Between van and broker: passes everything on, and counts it. */
async function counting(brokerPort: number): Promise<Counted> {
  let up = 0
  let down = 0
  const pass = (from: Socket, to: Socket, count: (bytes: number) => void): void => {
    from.on('data', (bytes) => {
      count(bytes.length)
      to.write(bytes)
    })
    from.on('error', () => {})
    from.on('close', () => to.destroy())
  }
  const server = createServer((socket) => {
    const broker = connectSocket(brokerPort, '127.0.0.1')
    pass(socket, broker, (bytes) => (up += bytes))
    pass(broker, socket, (bytes) => (down += bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, up: () => up, down: () => down, stop: () => void server.close() }
}

/** Compares what comes out with what was played. */
class Comparison {
  readonly #playing: Playing
  #next: number | null = null
  instants = 0
  wrong = 0

  constructor(playing: Playing) {
    this.#playing = playing
  }

  take(item: Item): void {
    if (item.kind !== 'waveform') {
      this.wrong++
      return
    }
    if (this.#next !== null && item.firstSample !== this.#next) this.wrong++
    const count = item.samples[0]?.length ?? 0
    for (let at = 0; at < count; at++) {
      const played = this.#playing.instant(item.firstSample + at)
      const isSame = item.samples.every((lead, index) => lead[at] === played[index])
      if (!isSame) this.wrong++
    }
    this.instants += count
    this.#next = item.firstSample + count
  }
}

async function startVan(folder: string, brokerPort: number, playing: Playing, devicePort: number) {
  const driver = driverFor(playing)
  const text = JSON.stringify({
    van,
    folder,
    devices: [
      {
        id: device,
        driver: driver.id,
        link: { kind: 'tcp-client', host: '127.0.0.1', port: devicePort },
        simulated: true,
      },
    ],
    imaging: { ports: [] },
    uplink: { url: `mqtt://127.0.0.1:${brokerPort}` },
  })
  const read = readConfig(text, [driver])
  if (!read.ok) throw new Error(JSON.stringify(read.findings))
  const { config } = read
  const bootId = '11111111-2222-4333-8444-555555555555'
  const failed = (error: Error): never => {
    throw error
  }
  const journal = await openJournal(
    {
      folder,
      van,
      bootId,
      limitBytes: config.journal.limitBytes,
      reserveBytes: 1,
      packetMs: config.journal.packetSeconds * 1_000,
    },
    { log: quietLog, failed },
  )
  const links = hostLinks()
  const broker = openMqttBroker(clock, { ...mqttDefaults, url: config.uplink.url })
  const world = { clock, random: systemRandom(), links, broker, log: quietLog, bootId }
  const gateway = await startGateway(world, config, {
    drivers: [driver],
    journal,
    incoming: incomingFiles(journal.incomingFolder),
    knownFile: null,
    registryFile: registryFile(join(folder, 'devices.json')),
    adoptedFile: registryFile(join(folder, 'adopted.json')),
    sendersFile: registryFile(join(folder, 'senders.json')),
    commitmentsFile: registryFile(join(folder, 'commitments.json')),
    synchronised: async () => ({ ageMs: 0 }),
    openImaging: null,
  })
  return async () => {
    await gateway.stop()
    await links.close()
  }
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'packet-ms': { type: 'string', default: '1000' },
    recording: {
      type: 'string',
      default: join(
        import.meta.dirname,
        '../drivers/captures/recordings/mortara_eli250_12l_500.i16',
      ),
    },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'simpul-live-'))
const ending = new AbortController()
const playing = readPlaying(values.recording)
const mosquitto = await startMosquitto({ folder })
const url = `mqtt://127.0.0.1:${mosquitto.port}`
const landing = runLanding(
  {
    name: 'rsud',
    folder: join(folder, 'landing'),
    broker: { ...mqttDefaults, url },
    trust: null,
    trustOnFirstUse: true,
    log: quietUpstream,
  },
  ending.signal,
)
const wire = await counting(mosquitto.port)
const player = await play(playing)
const stopVan = await startVan(join(folder, 'van'), wire.port, playing, player.port)
const broker = openMqttBroker(clock, { ...mqttDefaults, url })
const subscriber = connect({ clock, random: realRandom, broker, log: quietUpstream })
const comparison = new Comparison(playing)
const stopWatch = subscriber.watch(van, `${device}/waveform`, Number(values['packet-ms']))
void subscriber
  .stream(`${van}/${device}/waveform`, { from: 'beginning' })
  .each((item) => comparison.take(item))

await clock.sleep(settleMs)
const before = { up: wire.up(), down: wire.down(), instants: comparison.instants }
const beganMs = performance.now()
await clock.sleep(1_000 * Number(values.seconds))
const seconds = (performance.now() - beganMs) / 1_000
const kbits = (bytes: number): number => (bytes * 8) / 1_000 / seconds
const up = kbits(wire.up() - before.up)
const down = kbits(wire.down() - before.down)
const plain = (playing.names.length * playing.rate * 16) / 1_000
const heard = (comparison.instants - before.instants) / playing.rate / seconds
const head = [
  'leads',
  'rate',
  'packets',
  'van sends',
  'and hears',
  'plain 16 bits',
  'ratio',
  'heard',
]
const row = [
  String(playing.names.length),
  `${playing.rate} Hz`,
  `${values['packet-ms']} ms`,
  `${up.toFixed(2)} kbit/s`,
  `${down.toFixed(2)} kbit/s`,
  `${plain.toFixed(1)} kbit/s`,
  (plain / up).toFixed(2),
  `${(100 * heard).toFixed(1)} %`,
]
process.stdout.write(tableText(head, [row]))
process.stdout.write(`${comparison.instants} instants compared, ${comparison.wrong} wrong\n`)
stopWatch()
await subscriber.close()
await stopVan()
player.stop()
wire.stop()
ending.abort()
await landing
await mosquitto.kill()
rmSync(folder, { recursive: true, force: true })
process.exitCode = comparison.wrong === 0 && comparison.instants > 0 && up <= limitKbits ? 0 : 1
