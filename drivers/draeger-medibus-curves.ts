/** The curves of a Draeger ventilator: which of them we want, and their samples in our units. */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import {
  medibusRecordLimitBytes,
  medibusSample,
  scanMedibusRecord,
  type MedibusCurve,
  type MedibusRecord,
} from '../protocols/medibus/realtime.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Want, Wave } from './driver.ts'

/** Curves that come at another rate are left out: a wave has one rate. */
const intervalUs = 16_000
/** So small that a step of the ventilator is not lost in one of ours. */
const lsb = 0.01

function wave(
  name: string,
  { code, unit }: { readonly code: string; readonly unit: string },
): Wave {
  const lead = { code, unit, lsb, zero: 0 }
  return { name, rate: { samples: 125, perMs: 2_000 }, leads: [lead] }
}

export const medibusWaves: readonly Wave[] = [
  wave('airway-pressure', otherWaves.airwayPressure),
  wave('co2', otherWaves.co2),
]

interface Known {
  readonly wave: string
  readonly inOurUnit: (value: number) => number | null
}

const known: ReadonlyMap<number, Known> = new Map<number, Known>([
  [0x00, { wave: 'airway-pressure', inOurUnit: (value) => converted(value, 'mbar', 'cm[H2O]') }],
  [0x06, { wave: 'co2', inOurUnit: (value) => value }],
])

export class MedibusCurves {
  #framer = new Framer(scanMedibusRecord, medibusRecordLimitBytes)
  #chosen: readonly MedibusCurve[] = []

  /** Those of the ventilator that can be said; empty when there are none. */
  choose(all: readonly MedibusCurve[]): readonly MedibusCurve[] {
    this.#framer = new Framer(scanMedibusRecord, medibusRecordLimitBytes)
    this.#chosen = all.filter((curve) => known.has(curve.code) && curve.intervalUs === intervalUs)
    return this.#chosen
  }

  *feed(bytes: Uint8Array, atMs: number): Generator<Want, void, undefined> {
    if (this.#chosen.length > 0) yield* this.#tell(this.#framer.feed(bytes, atMs))
    else yield { kind: 'noise', reason: 'real-time data', bytes }
  }

  *pause(): Generator<Want, void, undefined> {
    yield* this.#tell(this.#framer.pause())
  }

  *#tell(framed: Iterable<Framed<MedibusRecord>>): Generator<Want, void, undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') {
        yield one
        continue
      }
      yield { kind: 'packet', atMs: one.atMs }
      for (const [index, step] of one.packet.samples) {
        const curve = this.#chosen[index]
        const as = curve === undefined ? undefined : known.get(curve.code)
        if (curve === undefined || as === undefined) continue
        const value = as.inOurUnit(medibusSample(curve, step))
        const samples = value === null || step > curve.steps ? null : [Math.round(value / lsb)]
        yield { kind: 'samples', wave: as.wave, samples }
      }
    }
  }
}
