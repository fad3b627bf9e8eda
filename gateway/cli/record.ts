/** `simpul record`: what goes over a device's line, both ways, as a capture. */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { driverOf, drivers } from '../../drivers/index.ts'
import type { Driver } from '../../drivers/driver.ts'
import { linkOf } from '../../drivers/link.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { DeviceLink } from '../config/device-links.ts'
import { addressOf, linkKindsOf } from '../devices/address.ts'
import { captureText } from '../devices/capture-text.ts'
import type { RecordedPiece } from '../devices/flight-recorder.ts'
import { KnownResults } from '../devices/known-results.ts'
import { placeOf } from '../devices/place.ts'
import { DeviceSession } from '../devices/session.ts'
import { jsonLog } from '../health/log.ts'
import { hostLinks } from '../links/links.ts'
import type { Link, LinkAddress, LinkHears, Links, Splits } from '../world.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

/** Half an hour of the fastest serial device. */
const recordedBytesMax = 33_554_432

export const record: Verb = {
  name: 'record',
  summary: "write what goes over a device's line into a capture",
  help: `simpul record FILE.cap --driver ID WHERE [--seconds N]

Opens the device as the gateway would, lets the driver ask what it asks, and writes everything that
goes over the line, both ways and with its times, into FILE.cap when it is interrupted or N seconds
are over. Prints what the device said as JSON lines meanwhile. Stop the gateway first: a port has one
owner. WHERE is one of

  --port PATH [--baud N]   a serial port, at another speed than the driver's first
  --usb any|SOCKET         a USB device without a port, such as 1-1.2 in /sys/bus/usb/devices
  --call HOST:PORT         a device or serial device server that is called
  --listen PORT            one that calls

  --seconds N  default: until it is interrupted, or ${recordedBytesMax >> 20} MiB are recorded`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      driver: { type: 'string' },
      port: { type: 'string' },
      baud: { type: 'string' },
      usb: { type: 'string' },
      call: { type: 'string' },
      listen: { type: 'string' },
      seconds: { type: 'string' },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE.cap')
    const driver = driverOf(values.driver ?? '')
    if (driver === null) {
      throw new UsageError(`--driver wants one of ${drivers.map((one) => one.id).join(', ')}`)
    }
    const address = recordedAddress(driver, values)
    const seconds = wholeNumber(values.seconds, 'seconds', { min: 1, max: 86_400, otherwise: 0 })

    const clock = systemClock()
    const log = jsonLog()
    const tape = new Tape(() => clock.monotonicMs())
    const session = new DeviceSession(
      { id: 'recorded', driver, address, simulated: false },
      {
        world: { clock, links: tape.listenTo(hostLinks()), log },
        known: KnownResults.forgetful(log),
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
    const head = { device: driver.label, driver: driver.id, where: placeOf(address), beganUtc }
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

interface Where {
  readonly port?: string | undefined
  readonly baud?: string | undefined
  readonly usb?: string | undefined
  readonly call?: string | undefined
  readonly listen?: string | undefined
}

function recordedAddress(driver: Driver, where: Where): LinkAddress {
  const links = linksMeant(driver, where)
  const [link] = links
  if (link === undefined || links.length > 1) {
    throw new UsageError('exactly one of --port, --usb, --call and --listen is needed')
  }
  const address = addressOf(link, driver)
  if (address !== null) return address
  throw new UsageError(`${driver.id} is reached by ${linkKindsOf(driver).join(', ')}`)
}

function linksMeant(
  driver: Driver,
  { port, baud, usb, call, listen }: Where,
): readonly DeviceLink[] {
  const links: DeviceLink[] = []
  if (port !== undefined) {
    const factory = linkOf(driver, 'serial')?.lines[0]
    const range = { min: 300, max: 4_000_000, otherwise: factory?.baud ?? 9_600 }
    const speed = wholeNumber(baud, 'baud', range)
    const line = factory === undefined ? {} : { line: { ...factory, baud: speed } }
    links.push({ kind: 'serial', path: port, ...line })
  }
  if (usb !== undefined) {
    const kind = linkOf(driver, 'hid') === null ? 'usb' : 'hid'
    links.push({ kind, ...(usb === 'any' ? {} : { socket: usb }) })
  }
  if (call !== undefined) {
    const [, host, number] = /^(.+):(\d+)$/.exec(call) ?? []
    if (host === undefined) throw new UsageError(`--call wants HOST:PORT, found ${call}`)
    const kinds = linkKindsOf(driver)
    const kind = kinds.includes('udp') && !kinds.includes('tcp-client') ? 'udp' : 'tcp-client'
    links.push({ kind, host, port: wholeNumber(number, 'call', tcpPorts) })
  }
  if (listen !== undefined) {
    links.push({ kind: 'tcp-server', port: wholeNumber(listen, 'listen', tcpPorts) })
  }
  return links
}

const tcpPorts = { min: 1, max: 65_535, otherwise: 0 }

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
      open: async (address, splits, hears) =>
        this.#taped(await links.open(address, splits, this.#taping(splits, hears))),
      listen: async (port, splits, hears) =>
        await links.listen(port, splits, {
          ...hears,
          called: (accept) =>
            hears.called((ears) => this.#taped(accept(this.#taping(splits, ears)))),
        }),
    }
  }

  #taping(splits: Splits, hears: LinkHears): LinkHears {
    return {
      ...hears,
      bytes: (bytes, ageMs) => {
        if (splits !== 'lines') this.#keep('heard', bytes)
        hears.bytes(bytes, ageMs)
      },
      raw: (bytes) => {
        this.#keep('heard', bytes)
        hears.raw?.(bytes)
      },
    }
  }

  #taped(link: Link): Link {
    return {
      write: async (bytes, as) => {
        this.#keep('sent', bytes)
        await link.write(bytes, as)
      },
      close: () => link.close(),
    }
  }

  #keep(direction: RecordedPiece['direction'], bytes: Uint8Array): void {
    if (this.bytes >= recordedBytesMax) return
    this.pieces.push({ direction, atMs: this.#nowMs(), bytes: bytes.slice() })
    this.bytes += bytes.length
    if (this.bytes >= recordedBytesMax) this.#isFull()
  }
}
