/** `simpul record`: what goes over a device's line, both ways, as a capture. */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { driverOf, drivers } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { systemClock } from '../clock/system-clock.ts'
import { captureText } from '../devices/capture-text.ts'
import type { RecordedPiece } from '../devices/flight-recorder.ts'
import { DeviceSession } from '../devices/session.ts'
import { jsonLog } from '../health/log.ts'
import { hostLinks } from '../links/links.ts'
import type { Links } from '../world.ts'
import { factoryLine } from './simulated-devices.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

/** Half an hour of the fastest serial device. */
const recordedBytesMax = 33_554_432

export const record: Verb = {
  name: 'record',
  summary: "write what goes over a device's line into a capture",
  help: `simpul record FILE.cap --driver ID --port PATH [--baud N] [--seconds N]

Opens PATH as the driver would, lets the driver ask what it asks, and writes everything that goes over
the line, both ways and with its times, into FILE.cap when it is interrupted or N seconds are over.
Prints what the device said as JSON lines meanwhile. Stop the gateway first: a port has one owner.

  --baud N     another speed than the driver's first
  --seconds N  default: until it is interrupted, or ${recordedBytesMax >> 20} MiB are recorded`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      driver: { type: 'string' },
      port: { type: 'string' },
      baud: { type: 'string' },
      seconds: { type: 'string' },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE.cap')
    const driver = driverOf(values.driver ?? '')
    const factory = factoryLine(values.driver ?? '')
    if (driver === null || factory === null) {
      const serial = drivers.filter((one) => linkOf(one, 'serial') !== null).map((one) => one.id)
      throw new UsageError(`--driver wants one of ${serial.join(', ')}`)
    }
    if (values.port === undefined) throw new UsageError('--port PATH is needed')
    const range = { min: 300, max: 4_000_000, otherwise: factory.baud }
    const line = { ...factory, baud: wholeNumber(values.baud, 'baud', range) }
    const seconds = wholeNumber(values.seconds, 'seconds', { min: 1, max: 86_400, otherwise: 0 })

    const clock = systemClock()
    const tape = new Tape(() => clock.monotonicMs())
    const session = new DeviceSession(
      {
        id: 'recorded',
        driver,
        address: { kind: 'serial', path: values.port, line },
        simulated: false,
      },
      {
        world: { clock, links: tape.listenTo(hostLinks()), log: jsonLog() },
        time: { utcOf: () => null },
        sink: { record: async () => {}, document: async () => {} },
        hears: {
          record: (_device, said) => {
            if (said.kind !== 'waveform') process.stdout.write(`${JSON.stringify(said)}\n`)
          },
          changed: () => {},
          identified: (_device, identity) =>
            void process.stdout.write(`${JSON.stringify(identity)}\n`),
        },
      },
    )
    const beganUtc = new Date().toISOString()
    session.start()
    await Promise.race([stopSignal(), tape.full, ...(seconds > 0 ? [sleep(seconds * 1_000)] : [])])
    await session.stop()
    const head = { device: driver.label, driver: driver.id, where: values.port, beganUtc }
    const text = captureText(head, tape.pieces)
    if (text === null) {
      process.stderr.write('Nothing went over the line. Is the device on, and the cable right?\n')
      return exitCodes.incomplete
    }
    writeFileSync(file, text)
    process.stderr.write(`${file}: ${tape.bytes} bytes in ${tape.pieces.length} pieces\n`)
    return exitCodes.ok
  },
}

/** Keeps all that passes through a link. */
class Tape {
  readonly pieces: RecordedPiece[] = []
  bytes = 0
  /** Resolves when no more is kept. */
  readonly full: Promise<void>
  readonly #nowMs: () => RecordedPiece['atMs']
  #isFull = () => {}

  constructor(nowMs: () => RecordedPiece['atMs']) {
    this.#nowMs = nowMs
    this.full = new Promise((resolve) => {
      this.#isFull = resolve
    })
  }

  listenTo(links: Links): Links {
    return {
      open: async (address, splits, hears) => {
        const link = await links.open(address, splits, {
          ...hears,
          bytes: (bytes, ageMs) => {
            if (splits === 'bytes') this.#keep('heard', bytes)
            hears.bytes(bytes, ageMs)
          },
          raw: (bytes) => {
            this.#keep('heard', bytes)
            hears.raw?.(bytes)
          },
          noise: (reason, bytes) => hears.noise?.(reason, bytes),
          closed: (trouble) => hears.closed(trouble),
        })
        return {
          write: async (bytes, as) => {
            this.#keep('sent', bytes)
            await link.write(bytes, as)
          },
          close: () => link.close(),
        }
      },
      listen: (port, splits, hears) => links.listen(port, splits, hears),
    }
  }

  #keep(direction: RecordedPiece['direction'], bytes: Uint8Array): void {
    if (this.bytes >= recordedBytesMax) return
    this.pieces.push({ direction, atMs: this.#nowMs(), bytes: bytes.slice() })
    this.bytes += bytes.length
    if (this.bytes >= recordedBytesMax) this.#isFull()
  }
}
