/** Dinamap PRO 1000 in its native mode: one ECG lead, respiration and the heart rate. */
import { joinBytes } from '../protocols/bytes/bytes.ts'
import {
  blocksWoven,
  dinamapBlockBytes,
  heartRateIn,
  recordBlocks,
  scanDinamapBlock,
  sequences,
  unwovenEcg,
  type DinamapBlock,
} from '../protocols/dinamap/native.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const serial = { dataBits: 8, parity: 'none', stopBits: 1 } as const
const uncalibrated = { unit: null, lsb: null, zero: 512 } as const
const samplesWoven = 16

export const dinamapPro1000 = streaming({
  id: 'dinamap-pro1000',
  label: 'GE / Critikon Dinamap PRO 1000 monitor (native stream)',
  source:
    'Analysis of a published capture of 1,152 blocks; no manual. The mode has to be switched on ' +
    'at the monitor. Pressure, saturation and temperature are not understood',
  evidence: 'inferred',
  confidence: 'medium',
  links: [
    {
      kind: 'serial',
      lines: [
        { baud: 9_600, ...serial },
        { baud: 19_200, ...serial },
      ],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [
    {
      name: 'ecg',
      rate: { samples: 200, perMs: 1_000 },
      // Which lead it is, is chosen at the monitor and not said.
      leads: [{ code: ecgLeads.unknown.code, ...uncalibrated }],
    },
    {
      name: 'respiration',
      rate: { samples: 50, perMs: 1_000 },
      leads: [{ code: otherWaves.respiration.code, ...uncalibrated }],
    },
  ],
  streams: ['numerics', 'waveform'],
  silentAfterMs: 5_000,

  scan: scanDinamapBlock,
  packetLimitBytes: 4 * dinamapBlockBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => new Blocks(),
})

class Blocks implements Reader<DinamapBlock> {
  readonly #live = new Live()
  #next: number | null = null
  /** Neighbours since the last sequence of 0 mod 4, and of 0 mod 50. */
  #woven: DinamapBlock[] = []
  #record: DinamapBlock[] = [];

  *packet(block: DinamapBlock): Generator<Said, void, undefined> {
    if (this.#next !== null)
      yield* this.#missing((block.sequence - this.#next + sequences) % sequences)
    this.#next = (block.sequence + 1) % sequences
    yield { kind: 'samples', wave: 'respiration', samples: [block.respiration] }
    yield* this.#weave(block)
    yield* this.#collect(block)
  }

  /** A longer gap than a pause cannot be counted in sequences. */
  pause(): readonly [] {
    this.#next = null
    this.#woven = []
    this.#record = []
    return []
  }

  *#missing(blocks: number): Generator<Said, void, undefined> {
    for (let missing = 0; missing < blocks; missing++) {
      yield { kind: 'samples', wave: 'respiration', samples: null }
      const sequence = ((this.#next ?? 0) + missing) % sequences
      if (sequence % blocksWoven === blocksWoven - 1) yield* noEcg()
    }
    if (blocks === 0) return
    this.#woven = []
    this.#record = []
  }

  *#weave(block: DinamapBlock): Generator<Said, void, undefined> {
    if (block.sequence % blocksWoven === 0) this.#woven = []
    this.#woven.push(block)
    if (block.sequence % blocksWoven !== blocksWoven - 1) return
    // With one of the four missing, none of the sixteen has its place.
    if (this.#woven.length !== blocksWoven) {
      yield* noEcg()
      return
    }
    for (const sample of unwovenEcg(this.#woven)) {
      yield { kind: 'samples', wave: 'ecg', samples: sample === null ? null : [sample] }
    }
  }

  *#collect(block: DinamapBlock): Generator<Said, void, undefined> {
    if (block.sequence % recordBlocks === 0) this.#record = []
    this.#record.push(block)
    if (block.sequence % recordBlocks !== recordBlocks - 1) return
    if (this.#record.length !== recordBlocks) return
    const rate = heartRateIn(joinBytes(...this.#record.map(({ record }) => record)))
    yield* this.#live.say('heart', [valueOf(terms.heartRate, rate)])
  }
}

function* noEcg(): Generator<Said, void, undefined> {
  for (let sample = 0; sample < samplesWoven; sample++) {
    yield { kind: 'samples', wave: 'ecg', samples: null }
  }
}
