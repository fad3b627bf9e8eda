/** What becomes of all that a personal health device says in one session. */
import type { ManagerAction } from '../protocols/ieee11073/manager-actions.ts'
import { numberOf } from '../protocols/ieee11073/mder.ts'
import type { SystemInfo } from '../protocols/ieee11073/mds.ts'
import type { Observation } from '../protocols/ieee11073/observation.ts'
import { leadsOf, type RecordedLead } from '../protocols/ieee11073/recorder.ts'
import { unitNumberOf } from '../protocols/ieee11073/configuration.ts'
import { stepOf } from '../protocols/ieee11073/samples.ts'
import { deviceTimeOf, ticksPerMs, timeText, type AgentTime } from '../protocols/ieee11073/times.ts'
import type { Lead, Words } from '../protocols/packet/record.ts'
import { termOfMdc, ucumOfMdc } from '../protocols/vocabulary/lookup.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ecgLeads } from '../protocols/vocabulary/waves.ts'
import { outOfOrder } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { readingsOf, type Reading } from './ieee11073-readings.ts'
import { Live } from './live.ts'
import { measured } from './measured.ts'
import { Once } from './once.ts'

type Told = Exclude<ManagerAction, { kind: 'send' | 'commit' | 'close' }>

/**
 * A reading with a time of the device is said once in a session, however often the device sends it:
 * in two reports, after it was not told that we have it, or from its store again.
 */
export class PersonalHealthSaid {
  readonly #once = new Once()
  /** Said, and perhaps not stored. */
  readonly #fresh = new Set<string>()
  #live = new Live()
  #isTest = false;

  *tell(told: Told): Generator<Said, void, undefined> {
    switch (told.kind) {
      case 'associated':
        this.#isTest = told.isTest
        this.#live = new Live()
        break
      case 'system':
        yield* this.#system(told.info)
        break
      case 'observed':
        yield* this.#observed(told.observations)
        break
      case 'entries':
        for (const { index, observations } of told.entries) {
          const record = `${told.instance}/${index}`
          for (const reading of readingsOf(observations)) yield* this.#measured(reading, record)
        }
        break
      case 'recording': {
        const { start, leads } = told.recording
        yield* this.#recording(start, String(told.instance), leads)
        break
      }
      case 'note': {
        const detail = told.detail === '' ? {} : { detail: { detail: told.detail } }
        yield { kind: 'event', code: told.code, level: levelOf(told.code), active: null, ...detail }
      }
    }
  }

  /** Whether what was said since the last time is on the disk. If not, it is said again. */
  settle(isStored: boolean): void {
    if (isStored) for (const key of this.#fresh) this.#once.remember(key)
    this.#fresh.clear()
  }

  #isNew(what: readonly unknown[]): boolean {
    const key = JSON.stringify(what)
    if (this.#once.knows(key) || this.#fresh.has(key)) return false
    this.#fresh.add(key)
    return true
  }

  *#system(info: SystemInfo): Generator<Said, void, undefined> {
    const { manufacturer, model, serialNumber, firmware, clock, relativeTicks } = info
    const name = [manufacturer, model].filter((one) => one !== null).join(' ')
    if (name !== '' || serialNumber !== null || firmware !== null) {
      yield { kind: 'identity', model: name === '' ? null : name, serialNumber, firmware }
    }
    if (clock === null && relativeTicks === null) return
    // With the time at which it is stored, it tells how far the device's own clock is off.
    yield {
      kind: 'event',
      code: 'device-clock',
      level: 'info',
      active: null,
      detail: {
        ...(clock === null ? {} : { deviceTime: timeText(clock) }),
        ...(relativeTicks === null ? {} : { relativeTicks: String(relativeTicks) }),
        ...(info.relativeResolutionTicks === null
          ? {}
          : { resolutionTicks: String(info.relativeResolutionTicks) }),
      },
    }
  }

  *#observed(observations: readonly Observation[]): Generator<Said, void, undefined> {
    for (const reading of readingsOf(observations)) {
      if (reading.isRepeated) yield* this.#repeated(reading)
      else yield* this.#measured(reading, null)
    }
    const time = observations.find(({ samples }) => samples !== null)?.time ?? null
    for (const leads of leadsOf(observations)) yield* this.#recording(time, null, leads)
  }

  *#repeated({ values, words, isSimulated }: Reading): Generator<Said, void, undefined> {
    if (values.length === 0) return
    const name = values.map(({ code }) => code).join(' ')
    for (const said of this.#live.say(name, values, words)) {
      yield this.#isTest || isSimulated ? { ...said, simulated: true } : said
    }
  }

  *#measured(reading: Reading, record: string | null): Generator<Said, void, undefined> {
    const { values, words, time, isSimulated, person } = reading
    // A stored reading without a time is known by its place in the store.
    const place = time === null ? record : timeText(time)
    if (place !== null && !this.#isNew([person, place, values, words])) return
    const qualifiers: Words = { ...words, ...(record === null ? {} : { record }) }
    if (values.length === 0) {
      yield* aboutNothing(qualifiers, time)
      return
    }
    const said = measured(values, {
      deviceTime: time === null ? null : deviceTimeOf(time),
      qualifiers,
      implausible: pressuresOutOfOrder(reading),
    })
    yield this.#isTest || isSimulated ? { ...said, simulated: true } : said
  }

  *#recording(
    start: AgentTime | null,
    record: string | null,
    leads: readonly RecordedLead[],
  ): Generator<Said, void, undefined> {
    const [first] = leads
    if (first === undefined) return
    if (record !== null && !this.#isNew(recordingKey(start, record, leads))) return
    if (start !== null || record !== null) {
      yield {
        kind: 'event',
        code: 'recording',
        level: 'info',
        active: null,
        detail: {
          ...(start === null ? {} : { deviceTime: timeText(start) }),
          ...(record === null ? {} : { record }),
        },
      }
    }
    if (first.periodTicks === null) {
      yield { kind: 'event', code: 'wave-without-rate', level: 'warning', active: null }
      return
    }
    if (leads.some(({ isAsSpecified }) => !isAsSpecified)) {
      yield { kind: 'event', code: 'wave-not-as-announced', level: 'warning', active: null }
    }
    yield {
      kind: 'strip',
      wave: waveOf(first),
      rate: rateOf(first.periodTicks),
      leads: leads.map(leadOf),
      samples: leads.map(({ samples }) => samples),
      ...(this.#isTest ? { simulated: true } : {}),
    }
  }
}

function recordingKey(
  start: AgentTime | null,
  record: string,
  leads: readonly RecordedLead[],
): readonly unknown[] {
  const sums = leads.map(({ metric, samples }) => [
    metric.handle,
    samples.length,
    samples.reduce((sum, sample) => (Math.imul(sum, 31) + sample) | 0, 0),
  ])
  return ['recording', start === null ? null : timeText(start), record, sums]
}

/** A context that has no measurement in its report, such as a meal that is told later. */
function* aboutNothing(words: Words, time: AgentTime | null): Generator<Said, void, undefined> {
  const said = Object.entries(words).filter(([name]) => name !== 'status' && name !== 'record')
  if (said.length === 0) return
  const detail = { ...words, ...(time === null ? {} : { deviceTime: timeText(time) }) }
  yield { kind: 'event', code: 'context', level: 'info', active: null, detail }
}

function pressuresOutOfOrder({ values }: Reading): readonly string[] {
  const of = (code: string): number | null => values.find((one) => one.code === code)?.value ?? null
  return outOfOrder({
    systolicMmHg: of(terms.systolic.code),
    meanMmHg: of(terms.meanPressure.code),
    diastolicMmHg: of(terms.diastolic.code),
  })
}

const warnings = ['association-refused', 'configuration-refused', 'no-configuration', 'no-answer']

function levelOf(code: string): 'info' | 'warning' {
  const isLoss = code.startsWith('segment-') || code.endsWith('-missing')
  return isLoss || warnings.includes(code) || code === 'not-understood' ? 'warning' : 'info'
}

/** A wave and its rate; a period of 32 ticks is one sample every 4 ms. */
function rateOf(periodTicks: number): { readonly samples: number; readonly perMs: number } {
  let [samples, perMs] = [ticksPerMs, periodTicks]
  while (samples % 2 === 0 && perMs % 2 === 0) [samples, perMs] = [samples / 2, perMs / 2]
  return { samples, perMs }
}

const ecgCodes: ReadonlySet<string> = new Set(Object.values(ecgLeads).map(({ code }) => code))

function waveOf({ metric }: RecordedLead): string {
  const code = termOfMdc(numberOf(metric.type))?.code ?? ''
  if (ecgCodes.has(code)) return 'ecg'
  return code === 'MDC_PULS_OXIM_PLETH' ? 'pleth' : 'wave'
}

function leadOf({ metric, isAsSpecified }: RecordedLead): Lead {
  const type = metric.parts[0] ?? metric.type
  const code = termOfMdc(numberOf(type))?.code ?? `mdc-${numberOf(type)}`
  const scale = metric.sampling?.scale ?? null
  const unit = metric.unit === null ? null : ucumOfMdc(unitNumberOf(metric.unit))
  // Where the samples are not as many as announced, their scale is not believed either.
  if (scale === null || unit === null || !isAsSpecified) {
    return { code, unit: null, lsb: null, zero: 0 }
  }
  const { step, zero } = stepOf(scale)
  return { code, unit, lsb: step, zero }
}
