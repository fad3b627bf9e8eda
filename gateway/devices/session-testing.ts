/** A van with one device on fake wires, for tests of what runs drivers. */
import type { Driver, Session, Wave } from '../../drivers/driver.ts'
import type { Event, Record } from '../../protocols/packet/record.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import { memoryLog, type MemoryLog } from '../health/log.ts'
import type { LinkAddress } from '../world.ts'
import { fakeLinks, type FakePlug } from './fake-links.ts'
import { KnownResults } from './known-results.ts'
import type { DeviceSink } from './outbox.ts'
import { DeviceSession, type Identity } from './session.ts'

export const testAddress: LinkAddress = {
  kind: 'serial',
  path: '/dev/ttyUSB0',
  line: { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 },
}

export const testWave: Wave = {
  name: 'ecg',
  rate: { samples: 100, perMs: 1_000 },
  leads: [{ code: 'MDC_ECG_ELEC_POTL_II', unit: null, lsb: null, zero: 0 }],
}

export interface DriverOptions {
  readonly silentAfterMs?: number | null
  readonly splits?: 'bytes' | 'lines'
}

/** A driver with a session of the test's own. */
export function testDriver(session: () => Session, options: DriverOptions = {}): Driver {
  const { silentAfterMs = 3_000, splits = 'bytes' } = options
  const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const
  return {
    id: 'test',
    label: 'Test device',
    source: 'made for tests',
    evidence: 'documented',
    confidence: 'high',
    links: [{ kind: 'serial', lines: [line], usb: [], splits }],
    asks: 'nothing',
    waves: [testWave],
    streams: ['measurement', 'numerics', 'waveform', 'event'],
    silentAfterMs,
    session,
  }
}

/**
 * Understands single letters: p a packet that says nothing, m a measurement, n numerics, e an
 * event, s a sample, o a missing one, i an identity, # a broken packet, ! throws, x ends. Anything
 * else is noise.
 */
export function* letters(): Session {
  for (;;) {
    const heard = yield { kind: 'listen', ms: 1_000 }
    if (heard?.kind !== 'bytes') continue
    for (const byte of heard.bytes) {
      const letter = String.fromCharCode(byte)
      if ('pmnesoi'.includes(letter)) yield { kind: 'packet', atMs: heard.atMs }
      if (letter === 'm') {
        const value = { code: 'MDC_PULS_RATE', value: 72, unit: '/min' }
        yield { kind: 'measurement', values: [value] }
      } else if (letter === 'n') {
        const value = { code: 'MDC_TEMP', value: 36.5, unit: 'Cel' }
        yield { kind: 'numerics', values: [value], qualifiers: { probe: '1' } }
      } else if (letter === 'e') {
        yield { kind: 'event', code: 'lead-off', level: 'info', active: true }
      } else if (letter === 's') yield { kind: 'samples', wave: 'ecg', samples: [5] }
      else if (letter === 'o') yield { kind: 'samples', wave: 'ecg', samples: null }
      else if (letter === 'i') {
        yield { kind: 'identity', model: 'T-1', serialNumber: '42', firmware: null }
      } else if (letter === '!') throw new Error('mistake')
      else if (letter === 'x') return
      else if (letter === '#') {
        yield { kind: 'noise', reason: 'wrong check byte', bytes: new Uint8Array(20) }
      } else if (letter !== 'p') {
        yield { kind: 'noise', reason: 'no letter', bytes: Uint8Array.of(byte) }
      }
    }
  }
}

export interface TestVan {
  readonly clock: FakeClock
  readonly plug: FakePlug
  readonly memory: MemoryLog
  readonly session: DeviceSession
  /** What was stored, the oldest first. */
  readonly stored: Record[]
  readonly identities: Identity[]
  /** How often the status was said to be different. */
  changes(): number
  say(text: string): void
  /** `connected`, `disconnected` and so on, in order. */
  eventCodes(): readonly string[]
  events(code: string): readonly Event[]
}

export interface VanOptions {
  readonly driver?: Driver
  readonly sink?: Partial<DeviceSink>
  readonly time?: UtcSource
  readonly known?: KnownResults
  readonly simulated?: boolean
  readonly address?: LinkAddress
}

export function testVan(options: VanOptions = {}): TestVan {
  const clock = fakeClock()
  const links = fakeLinks(clock)
  const address = options.address ?? testAddress
  const plug = links.plug(address)
  const memory = memoryLog()
  const stored: Record[] = []
  const identities: Identity[] = []
  let changes = 0
  const session = new DeviceSession(
    {
      id: 'test-1',
      driver: options.driver ?? testDriver(letters),
      address,
      simulated: options.simulated ?? false,
    },
    {
      world: { clock, links, log: memory.log },
      known: options.known ?? KnownResults.forgetful(memory.log),
      time: options.time ?? { utcOf: () => null },
      sink: {
        record: async (_device, record) => {
          stored.push(record)
        },
        document: async () => {},
        ...options.sink,
      },
      hears: {
        record: () => {},
        changed: () => {
          changes++
        },
        identified: (_device, identity) => identities.push(identity),
      },
    },
  )
  const events = (): readonly Event[] => stored.filter((record) => record.kind === 'event')
  return {
    clock,
    plug,
    memory,
    session,
    stored,
    identities,
    changes: () => changes,
    say: (text) => void plug.say(Buffer.from(text, 'latin1')),
    eventCodes: () => events().map((event) => event.code),
    events: (code) => events().filter((event) => event.code === code),
  }
}

/** A van whose session has its port. */
export async function started(options: Parameters<typeof testVan>[0] = {}) {
  const van = testVan(options)
  van.session.start()
  await van.clock.advance(10)
  return van
}
