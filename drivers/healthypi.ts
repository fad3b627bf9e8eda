/** ProtoCentral HealthyPi: an open board for learning and development, not for diagnosis. */
import {
  healthyPi4Length,
  healthyPi5LimitBytes,
  scanHealthyPi4,
  scanHealthyPi5,
  type HealthyPiInstant,
} from '../protocols/healthypi/frame.ts'
import type { Value } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import { Current } from './condition.ts'
import type { Said, Wave } from './driver.ts'
import { Agreed, Live } from './live.ts'
import { hasValue, valueOf } from './measured.ts'
import { streaming } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

/** No gain is on the wire, and which lead it is depends on the wires. */
function wave(name: string, samples: number, code: string): Wave {
  return {
    name,
    rate: { samples, perMs: 1_000 },
    leads: [{ code, unit: null, lsb: null, zero: 0 }],
  }
}

const shared = {
  evidence: 'documented',
  confidence: 'high',
  asks: 'nothing',
  streams: ['numerics', 'waveform', 'event'],
  silentAfterMs: 5_000,
  pausedAfterMs: 500,
  opening: null,
} as const

export const healthyPi4 = streaming({
  ...shared,
  id: 'healthypi-4',
  label: 'ProtoCentral HealthyPi v3/v4',
  source: 'Firmware and decoder of the maker: protocentral_healthypi_v4, OpenView',
  links: [
    {
      kind: 'serial',
      // The slower one is the board on a Raspberry Pi.
      lines: [
        { baud: 115_200, ...eight },
        { baud: 57_600, ...eight },
      ],
      usb: ['10c4:ea60', '0403:6001'],
      splits: 'bytes',
    },
  ],
  waves: [
    wave('ecg', 125, ecgLeads.unknown.code),
    wave('respiration', 125, otherWaves.respiration.code),
    wave('pleth', 125, otherWaves.pleth.code),
  ],
  scan: scanHealthyPi4,
  packetLimitBytes: healthyPi4Length,
  read: () => {
    const reader = new InstantReader()
    return { packet: (packet, atMs) => reader.instant(packet, atMs) }
  },
})

export const healthyPi5 = streaming({
  ...shared,
  id: 'healthypi-5',
  label: 'ProtoCentral HealthyPi 5',
  source: 'Firmware and decoder of the maker: protocentral_healthypi_5, OpenView',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 115_200, ...eight }],
      usb: [],
      splits: 'bytes',
    },
  ],
  waves: [
    wave('ecg', 128, ecgLeads.unknown.code),
    wave('respiration', 64, otherWaves.respiration.code),
    wave('pleth', 128, otherWaves.pleth.code),
  ],
  scan: scanHealthyPi5,
  packetLimitBytes: healthyPi5LimitBytes,
  read: () => {
    const reader = new InstantReader()
    return {
      *packet(packet, atMs) {
        if (packet.kind === 'instant') yield* reader.instant(packet, atMs)
      },
    }
  },
})

class InstantReader {
  readonly #leads = new Current()
  readonly #agreed = new Agreed()
  readonly #live = new Live();

  *instant(now: HealthyPiInstant, atMs: number): Generator<Said, void, undefined> {
    const isOff = now.areLeadsOff
    yield { kind: 'samples', wave: 'ecg', samples: isOff ? null : [now.ecg] }
    if (now.respiration !== null) {
      // It is measured between the electrodes of the ECG.
      yield { kind: 'samples', wave: 'respiration', samples: isOff ? null : [now.respiration] }
    }
    yield { kind: 'samples', wave: 'pleth', samples: [now.infrared] }
    const values = valuesOf(now)
    const key = [isOff, ...values.map(({ value }) => value)].join(' ')
    const isDue = this.#agreed.isDue(key, hasValue(values), atMs)
    if (!this.#agreed.isBelieved) return
    yield* this.#leads.become(isOff ? { code: 'lead-off', level: 'info' } : null)
    if (isDue) yield* this.#live.say('all', values, { use: 'not-diagnostic' })
  }
}

function valuesOf(now: HealthyPiInstant): readonly Value[] {
  const isOff = now.areLeadsOff
  return [
    valueOf(terms.heartRate, isOff ? null : now.heartPerMinute),
    valueOf(terms.respiration, isOff ? null : now.breathsPerMinute),
    valueOf(terms.saturation, now.saturationPercent),
    valueOf(terms.skinTemperature, now.temperatureCelsius),
  ]
}
