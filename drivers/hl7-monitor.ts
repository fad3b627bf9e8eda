/**
 * What a monitor or a pump says in ORU^R01: numbers that it repeats, and blood pressures, each of
 * which it repeats until the next and which is said once.
 */
import { componentsOf, firstPart, type Hl7Message, type Segment } from '../protocols/hl7/er7.ts'
import { headOf, hl7Time } from '../protocols/hl7/header.ts'
import { observationOf, type Observation } from '../protocols/hl7/observation.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import { valuesMax } from '../protocols/packet/limits.ts'
import type { DeviceTime, Value, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { outOfOrder } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { isDemo, valueOfObservation } from './hl7-values.ts'
import { textWord } from './laboratory.ts'
import { Live } from './live.ts'
import { hasValue, measured } from './measured.ts'
import { Once } from './once.ts'
import type { Received } from './receiving.ts'

export interface MonitorRules {
  /** null when the device says nothing of itself. */
  readonly identity: (message: Hl7Message) => Said | null
  readonly valueOf: (observation: Observation) => Value | null
  /** Tells apart what has the same code, such as two temperature probes. */
  readonly wordsOf: (observation: Observation) => Words
}

/** By the name and the EUI-64 in MSH-3, as IHE PCD has it. */
function pcdIdentity(message: Hl7Message): Said {
  const [model = '', serialNumber = ''] = headOf(message).application
  return {
    kind: 'identity',
    model: model || null,
    serialNumber: serialNumber || null,
    firmware: null,
  }
}

export const pcdRules: MonitorRules = {
  identity: pcdIdentity,
  valueOf: valueOfObservation,
  wordsOf: () => ({}),
}

interface Found {
  readonly observation: Observation
  readonly value: Value
  /** OBX-14, or the time of the OBR above. */
  readonly time: DeviceTime | null
  readonly words: Words
}

const cuffCodes: readonly string[] = [
  terms.systolic.code,
  terms.diastolic.code,
  terms.meanPressure.code,
  terms.cuffPulse.code,
]

export class Monitor {
  readonly #rules: MonitorRules
  readonly #live = new Live()
  readonly #once = new Once()
  #identity = ''
  /** What was last measured without a time, by place. */
  readonly #undated = new Map<string, string>()

  constructor(rules: MonitorRules) {
    this.#rules = rules
  }

  read(message: Hl7Message, isSound: boolean): Received {
    const { type, trigger } = headOf(message)
    if (type !== 'ORU' || !['R01', ''].includes(trigger)) {
      return { ok: false, reason: 'another type of message' }
    }
    const found = this.#found(message)
    const isSimulated = isSimulation(message) || found.some((one) => isDemo(one.observation))
    const common = isSound ? {} : { characters: 'doubtful' }
    const said = [
      ...this.#measurements(message, found.filter(isSpot), common),
      ...this.#numerics(
        found.filter((one) => !isSpot(one)),
        common,
      ),
    ]
    return {
      ok: true,
      said: [...this.#who(message), ...said.map((one) => (isSimulated ? marked(one) : one))],
    }
  }

  #who(message: Hl7Message): readonly Said[] {
    const who = this.#rules.identity(message)
    const isKnown = JSON.stringify(who) === this.#identity
    this.#identity = JSON.stringify(who)
    return isKnown || who === null ? [] : [who]
  }

  #found(message: Hl7Message): readonly Found[] {
    const found: Found[] = []
    let requested: DeviceTime | null = null
    const codes = new Set<string>()
    for (const segment of message.segments) {
      if (segment.name === 'OBR') requested = timeAt(message, segment, 7)
      if (segment.name !== 'OBX') continue
      const observation = observationOf(message, segment)
      const value = this.#rules.valueOf(observation)
      const words = this.#rules.wordsOf(observation)
      // Of two values of one code at one place the first counts.
      const key = `${value?.code} ${channelOf(observation)} ${JSON.stringify(words)}`
      if (value === null || codes.has(key)) continue
      codes.add(key)
      found.push({ observation, value, time: observation.observed ?? requested, words })
    }
    return found
  }

  #measurements(message: Hl7Message, found: readonly Found[], common: Words): readonly Said[] {
    const groups = groupBy(found, (one) => `${channelOf(one.observation)} ${timeKey(one.time)}`)
    return groups.flatMap(([place, group]) => {
      const values = group.map(({ value }) => value)
      const time = group[0]?.time ?? null
      if (!hasValue(values) || !this.#isNew(place, time, values)) return []
      const identifiers = textWord('patientId', patientIdOf(message))
      const implausible = outOfOrder(pressuresOf(values))
      return [measured(values, { deviceTime: time, qualifiers: common, identifiers, implausible })]
    })
  }

  #isNew(place: string, time: DeviceTime | null, values: readonly Value[]): boolean {
    const key = JSON.stringify(values)
    if (time !== null) return this.#once.isNew(`${place} ${key}`)
    const isSame = this.#undated.get(place) === key
    this.#undated.set(place, key)
    return !isSame
  }

  #numerics(found: readonly Found[], common: Words): readonly Said[] {
    const codes = found.map(({ value, words }) => `${value.code} ${JSON.stringify(words)}`)
    // Two channels of a pump have the same codes; then each says which it is.
    const isMany = new Set(codes).size < codes.length
    const groups = groupBy(found, ({ observation, words }) =>
      JSON.stringify([isMany ? channelOf(observation) : '', words]),
    )
    return groups.flatMap(([name, group]) => {
      const channel = isMany ? channelOf(group[0]?.observation) : ''
      const words = { ...common, ...group[0]?.words, ...textWord('channel', channel) }
      const values = group.slice(0, valuesMax).map(({ value }) => value)
      return [...this.#live.say(name, values, words)]
    })
  }
}

/** Measured in one act: IHE PCD says so by the method, and a cuff always does. */
function isSpot({ observation, value }: Found): boolean {
  return observation.method.includes('APERIODIC') || cuffCodes.includes(value.code)
}

/** `1.3.1.150456` is of the channel 1.3.1. */
function channelOf(observation: Observation | undefined): string {
  const place = observation?.place ?? ''
  return place.split('.').slice(0, 3).join('.')
}

function isSimulation(message: Hl7Message): boolean {
  return ['T', 'D'].includes(headOf(message).processing)
}

function marked(said: Said): Said {
  return said.kind === 'measurement' || said.kind === 'numerics'
    ? { ...said, simulated: true }
    : said
}

function timeAt(message: Hl7Message, segment: Segment, number: number): DeviceTime | null {
  return hl7Time(firstPart(message, segment, number))
}

/** PID-3, the first; some older devices fill PID-2 only. */
function patientIdOf(message: Hl7Message): string {
  const patient = message.segments.find(({ name }) => name === 'PID')
  if (patient === undefined) return ''
  return (componentsOf(message, patient, 3)[0] || componentsOf(message, patient, 2)[0] || '').trim()
}

function pressuresOf(values: readonly Value[]) {
  const of = (code: string) => values.find((one) => one.code === code)?.value ?? null
  return {
    systolicMmHg: of(terms.systolic.code),
    diastolicMmHg: of(terms.diastolic.code),
    meanMmHg: of(terms.meanPressure.code),
  }
}

/** In the order in which each name comes first. */
function groupBy<T>(
  all: readonly T[],
  name: (one: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(name(one), [...(groups.get(name(one)) ?? []), one])
  return [...groups]
}
