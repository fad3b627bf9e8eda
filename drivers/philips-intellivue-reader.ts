/** What the polls of an IntelliVue mean: numbers, the cuff, and samples of waves. */
import type { Observation, PollResult } from '../protocols/philips-intellivue/apdu.ts'
import {
  labelPhysioId,
  observedNumbers,
  observedSamples,
  observedTime,
  sampleLayout,
  samplePeriod,
  sampleScale,
  type ObservedNumber,
  type ObservedSamples,
  type SampleLayout,
  type SampleScale,
} from '../protocols/philips-intellivue/attributes.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import type { DeviceTime } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { termOfMdc, ucumOfMdc } from '../protocols/vocabulary/lookup.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { Once } from './once.ts'
import { waveOfPhysioId, type IntellivueWave } from './philips-intellivue-waves.ts'
import { ShownPressure } from './shown-pressure.ts'

type Saying = Generator<Said, void, undefined>

const partitionOfMeasurements = 2 * 65_536
const partitionOfUnits = 4 * 65_536
const firstOfPhilips = 0xf000

const cuffIds = { systolic: 0x4a05, diastolic: 0x4a06, mean: 0x4a07, pulse: 0xf0e5 } as const
const allCuffIds: readonly number[] = Object.values(cuffIds)

/** What the standard, or our vocabulary, names otherwise. */
const otherTerms: ReadonlyMap<number, Term> = new Map<number, Term>([
  [0x4822, terms.oximeterPulse],
  [0x4a15, terms.arterialSystolic],
  [0x4a16, terms.arterialDiastolic],
  [0x4a17, terms.arterialMean],
])

/** A jump of ten seconds is another beginning, in 1/8 ms. */
const forgetAfterTicks = 80_000

interface Known {
  readonly layout: SampleLayout
  readonly scale: SampleScale | null
  readonly period: number
}

export class IntellivueReader {
  readonly #live = new Live()
  readonly #results = new Once()
  readonly #shown = new ShownPressure()
  /** By physiological id: told once, and holds until it is told anew. */
  readonly #known = new Map<number, Known>()
  /** By physiological id: the time of the monitor at which the next samples begin, in 1/8 ms. */
  readonly #nextTicks = new Map<number, number>();

  *poll(poll: PollResult): Saying {
    const numbers = poll.observations.flatMap(({ attributes }) => observedNumbers(attributes))
    for (const number of numbers) yield* this.#number(number)
    yield* this.#cuff(poll.observations, numbers)
    for (const observation of poll.observations) this.#learn(observation)
    for (const { attributes } of poll.observations) {
      for (const samples of observedSamples(attributes)) {
        yield* this.#samples(samples, poll.relativeTime)
      }
    }
  }

  *#number(number: ObservedNumber): Saying {
    const { physioId, isSimulated } = number
    if (allCuffIds.includes(physioId)) return
    const term = termOfPhysioId(physioId)
    if (term === null) return
    const value = inUnitOf(term, number)
    // A unit that cannot be converted: better nothing than a wrong number.
    if (value === undefined) return
    for (const said of this.#live.say(String(physioId), [valueOf(term, value)])) {
      yield isSimulated ? { ...said, simulated: true } : said
    }
  }

  *#cuff(observations: readonly Observation[], numbers: readonly ObservedNumber[]): Saying {
    const found = (physioId: number): number | null =>
      numbers.find((one) => one.physioId === physioId)?.value ?? null
    const [systolicMmHg, diastolicMmHg] = [found(cuffIds.systolic), found(cuffIds.diastolic)]
    const [meanMmHg, pulsePerMinute] = [found(cuffIds.mean), found(cuffIds.pulse)]
    if (systolicMmHg === null && diastolicMmHg === null && meanMmHg === null) return
    const isSimulated = numbers.some((one) => allCuffIds.includes(one.physioId) && one.isSimulated)
    const deviceTime = cuffTime(observations)
    const pressures = { systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute }
    const key = [timeKey(deviceTime), systolicMmHg, diastolicMmHg, meanMmHg].join(' ')
    const all =
      deviceTime === null
        ? [...this.#shown.show({ ...pressures, deviceTime })]
        : this.#results.isNew(key)
          ? [cuffMeasured({ ...pressures, deviceTime })]
          : []
    for (const said of all) {
      const isValues = said.kind === 'measurement' || said.kind === 'numerics'
      yield isSimulated && isValues ? { ...said, simulated: true } : said
    }
  }

  #learn({ attributes }: Observation): void {
    const physioId = labelPhysioId(attributes) ?? observedSamples(attributes)[0]?.physioId
    if (physioId === undefined) return
    // When only the scale has changed, only the scale is told.
    const known = this.#known.get(physioId)
    const layout = sampleLayout(attributes) ?? known?.layout
    const period = samplePeriod(attributes) ?? known?.period
    if (layout === undefined || period === undefined) return
    const scale = sampleScale(attributes) ?? known?.scale ?? null
    this.#known.set(physioId, { layout, period, scale })
  }

  *#samples(observed: ObservedSamples, ticks: number): Saying {
    const { physioId, samples, count, isSimulated } = observed
    const wave = waveOfPhysioId(physioId)
    const known = this.#known.get(physioId)
    if (wave === null || known === undefined || known.period !== wave.periodTicks) return
    const blockTicks = count * known.period
    const early = ((this.#nextTicks.get(physioId) ?? ticks) - ticks) | 0
    // A network may bring a datagram twice, or late: what has been said is not said again.
    if (early >= blockTicks && early < forgetAfterTicks) return
    this.#nextTicks.set(physioId, (ticks + blockTicks) >>> 0)
    const isGap = -early >= blockTicks && -early < forgetAfterTicks
    for (let missing = isGap ? Math.round(-early / known.period) : 0; missing > 0; missing--) {
      yield { kind: 'samples', wave: wave.name, samples: null }
    }
    const mask = 2 ** known.layout.significantBits - 1
    for (let index = 0; index < count; index++) {
      const sample = samples?.[index]
      const step = sample === undefined ? null : stepOf(wave, known.scale, sample & mask)
      yield {
        kind: 'samples',
        wave: wave.name,
        samples: step === null ? null : [step],
        ...(isSimulated ? { simulated: true } : {}),
      }
    }
  }
}

/** In steps of the wave as it is declared; null without a scale where one is needed. */
function stepOf(wave: IntellivueWave, scale: SampleScale | null, sample: number): number | null {
  const { lsb, zero } = wave.lead
  if (lsb === null) return sample
  if (scale === null) return null
  const { lowAmplitude, highAmplitude, lowSample, highSample } = scale
  const slope = (highAmplitude - lowAmplitude) / (highSample - lowSample)
  return Math.round((lowAmplitude + (sample - lowSample) * slope) / lsb) + zero
}

function termOfPhysioId(physioId: number): Term | null {
  const other = otherTerms.get(physioId)
  if (other !== undefined) return other
  return physioId < firstOfPhilips ? termOfMdc(partitionOfMeasurements + physioId) : null
}

/** undefined when its unit is none that can be converted. */
function inUnitOf(term: Term, { value, unit }: ObservedNumber): number | null | undefined {
  const ucum = ucumOfMdc(partitionOfUnits + unit)
  if (ucum === term.unit || value === null) return value
  return ucum === null ? undefined : (converted(value, ucum, term.unit) ?? undefined)
}

function cuffTime(observations: readonly Observation[]): DeviceTime | null {
  const cuff = observations.find(({ attributes }) =>
    observedNumbers(attributes).some(({ physioId }) => physioId === cuffIds.systolic),
  )
  return cuff === undefined ? null : (observedTime(cuff.attributes) ?? null)
}
