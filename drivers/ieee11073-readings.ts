/**
 * From the observations of one report to measurements: what one person had at one time is one act
 * of measuring, and an object that only says something about it becomes its qualifier.
 */
import { unitNumberOf } from '../protocols/ieee11073/configuration.ts'
import { numberOf } from '../protocols/ieee11073/mder.ts'
import { metricSpecBits, statusBits } from '../protocols/ieee11073/nomenclature.ts'
import { valueOfNumber } from '../protocols/ieee11073/numbers.ts'
import type { Observation, ObservedNumber } from '../protocols/ieee11073/observation.ts'
import { timeText, type AgentTime } from '../protocols/ieee11073/times.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { converted, mgPerDlOf } from '../protocols/vocabulary/convert.ts'
import { termOfMdc, ucumOfMdc } from '../protocols/vocabulary/lookup.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { aboutName, mergedWords, statusWords, unknownName, valueName } from './ieee11073-words.ts'
import { valueOf } from './measured.ts'

export interface Reading {
  readonly values: readonly Value[]
  /** What the device said about the values, and what it said that nobody knows. */
  readonly words: Words
  readonly time: AgentTime | null
  /** Repeated for as long as the device monitors. */
  readonly isRepeated: boolean
  /** The device says that it only demonstrates, or tests itself. */
  readonly isSimulated: boolean
  /** The device's number of the person: it tells readings apart, and goes no further. */
  readonly person: number | null
}

/** MDC_MODALITY_SPOT: one value of a device that else repeats them. */
const spotCheck = 150_588
/** What is left of the standard's 65,535 when a device does not know who it is. */
const unknownPerson = 0xffff

/** In the order in which they came. */
export function readingsOf(observations: readonly Observation[]): readonly Reading[] {
  const groups: Group[] = []
  for (const observation of observations) {
    // Waves are handed over whole, elsewhere.
    if (observation.samples !== null) continue
    const part = partOf(observation)
    const key = keyOf(observation)
    const group = groups.find((one) => one.key === key && one.takes(part))
    if (group === undefined) groups.push(new Group(key, observation, part))
    else group.add(part)
  }
  return withUntimed(groups).map((group) => group.reading())
}

interface Part {
  readonly handle: number
  readonly values: readonly Value[]
  readonly words: Words
  readonly isSimulated: boolean
}

class Group {
  readonly key: string
  readonly first: Observation
  readonly parts: Part[]

  constructor(key: string, first: Observation, part: Part) {
    this.key = key
    this.first = first
    this.parts = [part]
  }

  /** Another value of the same quantity is another act of measuring; the same one twice is not. */
  takes(part: Part): boolean {
    const codes = new Set(this.parts.flatMap(({ values }) => values.map(({ code }) => code)))
    return this.#has(part) || !part.values.some(({ code }) => codes.has(code))
  }

  add(part: Part): void {
    if (!this.#has(part)) this.parts.push(part)
  }

  #has(part: Part): boolean {
    return this.parts.some((one) => JSON.stringify(one) === JSON.stringify(part))
  }

  reading(): Reading {
    const { time, person } = this.first
    return {
      values: this.parts.flatMap(({ values }) => values),
      words: mergedWords(this.parts.map(({ words }) => words)),
      time,
      isRepeated: isRepeated(this.first),
      isSimulated: this.parts.some((one) => one.isSimulated),
      person: person === unknownPerson ? null : person,
    }
  }
}

function keyOf(observation: Observation): string {
  const { person, time } = observation
  const when = time === null ? 'untimed' : timeText(time)
  return `${person} ${when} ${isRepeated(observation)}`
}

/** A context without a time of its own belongs to the only measurement of its person. */
function withUntimed(groups: readonly Group[]): readonly Group[] {
  const isContext = (group: Group): boolean =>
    group.first.time === null && group.parts.every(({ values }) => values.length === 0)
  const measurements = groups.filter((group) => !isContext(group))
  const [only, more] = measurements
  const left: Group[] = []
  for (const group of groups) {
    if (!isContext(group)) continue
    if (only === undefined || more !== undefined || only.first.person !== group.first.person) {
      left.push(group)
    } else {
      for (const part of group.parts) only.add(part)
    }
  }
  return groups.filter((group) => !isContext(group) || left.includes(group))
}

function isRepeated({ metric, time }: Observation): boolean {
  if (time !== null || metric.metricSpec === null) return false
  const isSpot = metric.supplemental.some((type) => numberOf(type) === spotCheck)
  return (metric.metricSpec & metricSpecBits.intermittent) === 0 && !isSpot
}

function partOf(observation: Observation): Part {
  const { metric, numbers, codes, bits, status, time } = observation
  const read = numbers.map((number) => readNumber(number, observation))
  const about = aboutName(metric.type) ?? unknownName(metric.type)
  const states = statusWords(status)
  return {
    handle: metric.handle,
    values: read.flatMap(({ value }) => (value === null ? [] : [value])),
    words: mergedWords([
      ...read.map(({ words }) => words),
      ...codes.map((code) => ({ [about]: valueName(code) })),
      ...(bits === null || bits.bits === 0
        ? []
        : [{ [about]: bits.bits.toString(16).padStart(bits.width / 4, '0') }]),
      ...states.map((state) => ({ status: state })),
      observation.hasBrokenTime ? { deviceClock: 'invalid' } : {},
      observation.relativeTicks === null
        ? {}
        : { relativeTicks: String(observation.relativeTicks) },
      time === null || time.offsetMinutes === null
        ? {}
        : { utcOffsetMinutes: String(time.offsetMinutes) },
    ]),
    isSimulated: (status & (statusBits.test | statusBits.demo)) !== 0,
  }
}

interface ReadNumber {
  /** null for what is said about a value, or by a number that is in no table. */
  readonly value: Value | null
  readonly words: Words
}

function readNumber(observed: ObservedNumber, { metric, status }: Observation): ReadNumber {
  const { type, unit, number } = observed
  const isAbsent = (status & (statusBits.invalid | statusBits.notAvailable)) !== 0
  const plain = isAbsent ? null : valueOfNumber(number)
  const ucum = unit === null ? null : ucumOfMdc(unitNumberOf(unit))
  const shown = `${plain} ${ucum ?? (unit === null ? '' : `mdc-${unitNumberOf(unit)}`)}`.trim()
  const about = aboutName(metric.type)
  if (about !== null) return { value: null, words: plain === null ? {} : { [about]: shown } }
  const term = termOfMdc(numberOf(type))
  const inTerm = term === null || ucum === null ? undefined : inUnitOf(term, plain, ucum)
  if (term === null || inTerm === undefined) {
    return { value: null, words: plain === null ? {} : { [unknownName(type)]: shown } }
  }
  const beyond = !isAbsent && (number.kind === 'above' || number.kind === 'below')
  return {
    value: valueOf(term, inTerm),
    words: {
      ...(beyond ? { beyond: number.kind } : {}),
      ...(inTerm === null || ucum === term.unit ? {} : { asShown: shown }),
    },
  }
}

/** undefined when a number in that unit cannot be the quantity. */
function inUnitOf(
  term: Term,
  value: number | null,
  ucum: NonNullable<ReturnType<typeof ucumOfMdc>>,
): number | null | undefined {
  if (ucum === term.unit || value === null) return value
  if (ucum === 'mmol/L' && term.unit === 'mg/dL' && /_GLU_/.test(term.code)) {
    return mgPerDlOf(value, 'glucose')
  }
  return converted(value, ucum, term.unit) ?? undefined
}
