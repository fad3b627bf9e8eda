/** Tanita scales, with body composition where they measure it. */
import { scanTanita, tanitaLimitBytes, type TanitaResult } from '../protocols/tanita/line.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { BodyResults } from './body-result.ts'
import type { Said } from './driver.ts'
import { valueOf } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

/** The scale says its line again when a person looks at the result again. */
const repeatedWithinMs = 60_000

export const tanita = streaming({
  id: 'tanita',
  label: 'Tanita scale (SC-240, SC-330, WB-3000, BD-815, HD-351, KP-601)',
  source: 'Manuals of the SC-240 with a sample line, WB-3000, BD-815 and KP-601',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['0403:6001', '067b:2303'],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanTanita,
  packetLimitBytes: 2 * tanitaLimitBytes,
  pausedAfterMs: 2_000,
  opening: null,
  read: () => new Lines(),
})

class Lines implements Reader<TanitaResult> {
  readonly #results = new BodyResults(repeatedWithinMs)
  #identity = '';

  *packet(result: TanitaResult, atMs: number): Generator<Said, void, undefined> {
    const { model, serialNumber, weightKg, bodyMassIndex } = result
    const identity = `${model} ${serialNumber}`
    if (identity !== this.#identity) {
      this.#identity = identity
      yield { kind: 'identity', model, serialNumber, firmware: null }
    }
    yield* this.#results.say(
      {
        weightKg,
        ...(bodyMassIndex === null ? {} : { bodyMassIndex }),
        deviceTime: null,
        qualifiers: qualifiersOf(result),
        moreValues: compositionOf(result),
      },
      atMs,
    )
  }
}

/** Only what was measured: most of these scales have no electrodes. */
function compositionOf(result: TanitaResult): readonly Value[] {
  const measured: readonly (readonly [Term, number | null])[] = [
    [terms.bodyFat, result.fatPercent],
    [terms.fatFreeMass, result.fatFreeMassKg],
    [terms.bodyWater, result.waterMassKg],
  ]
  return measured.flatMap(([term, value]) => (value === null ? [] : [valueOf(term, value)]))
}

/** What the scale computes by rules of its own, and what was typed into it. */
function qualifiersOf(result: TanitaResult): Words {
  const { enteredHeightCm, presetTareKg, shownPounds, fatMassKg, muscleMassKg } = result
  const { boneMassKg, waterPercent, visceralFatRating, basalKilojoules, impedanceOhm } = result
  const numbers = {
    enteredHeightCm,
    presetTareKg,
    shownPounds,
    fatMassKg,
    muscleMassKg,
    boneMassKg,
    waterPercent,
    visceralFatRating,
    basalKilojoules,
    impedanceOhm,
  }
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)]],
    ),
  )
}
