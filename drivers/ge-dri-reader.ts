/** What the records of a GE monitor mean: groups of numbers, and waves of about a second. */
import type { DriBasic, DriGroup, DriGroupName } from '../protocols/ge-dri/basic.ts'
import { readBasic } from '../protocols/ge-dri/basic.ts'
import { physiological, waveform, type DriRecord } from '../protocols/ge-dri/frame.ts'
import { readWave, waveTypes, type DriWave } from '../protocols/ge-dri/wave.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { ShownPressure } from './shown-pressure.ts'
import type { Reader } from './streaming.ts'

type Saying = Generator<Said, void, undefined>

/** By the code of the lead in the label of the ECG. */
export const ecgWaves = [
  'ecg',
  'ecg-i',
  'ecg-ii',
  'ecg-iii',
  'ecg-avr',
  'ecg-avl',
  'ecg-avf',
  'ecg-v',
]

const waveNames: ReadonlyMap<number, string> = new Map([
  [waveTypes.pressure1, 'pressure-1'],
  [waveTypes.pleth, 'pleth'],
  [waveTypes.co2, 'co2'],
  [waveTypes.respiration, 'respiration'],
])

interface Site {
  readonly site: string
  readonly systolic?: Term
  readonly diastolic?: Term
  readonly mean: Term
}

const artery = {
  systolic: terms.arterialSystolic,
  diastolic: terms.arterialDiastolic,
  mean: terms.arterialMean,
}

/** Where a catheter lies, by the label; what is not here has no name but its channel. */
const sites: ReadonlyMap<number, Site> = new Map<number, Site>([
  [1, { site: 'ART', ...artery }],
  [2, { site: 'CVP', mean: terms.centralVenousMean }],
  [
    3,
    {
      site: 'PA',
      systolic: terms.pulmonarySystolic,
      diastolic: terms.pulmonaryDiastolic,
      mean: terms.pulmonaryMean,
    },
  ],
  [4, { site: 'RAP', mean: terms.rightAtrialMean }],
  [6, { site: 'LAP', mean: terms.leftAtrialMean }],
  [7, { site: 'ICP', mean: terms.intracranialMean }],
  [8, { site: 'ABP', ...artery }],
])

/** By the label of a temperature. The room's, which is 9, is nobody's. */
const temperatureTerms: ReadonlyMap<number, Term> = new Map<number, Term>([
  [1, terms.oesophagusTemperature],
  [2, terms.nasopharynxTemperature],
  [3, terms.tympanicTemperature],
  [4, terms.rectalTemperature],
  [5, terms.bladderTemperature],
  [6, terms.axillaryTemperature],
  [7, terms.skinTemperature],
  [8, terms.airwayTemperature],
  [15, terms.coreTemperature],
])
const roomTemperature = 9

export class DriReader implements Reader<DriRecord> {
  readonly #live = new Live()
  readonly #cuff = new ShownPressure()
  /** Of channel 1, as the last numbers told; 0 is not known. */
  #leadCode = 0;

  *packet(record: DriRecord): Saying {
    if (record.mainType === physiological) {
      for (const part of record.parts) {
        const basic = readBasic(part)
        if (basic?.kind === 'displayed') yield* this.#numbers(basic)
      }
    }
    if (record.mainType !== waveform) return
    for (const part of record.parts) {
      const wave = readWave(part)
      if (wave !== null) yield* this.#wave(wave)
    }
  }

  *#wave({ type, samples }: DriWave): Saying {
    const wave = type === waveTypes.ecg1 ? ecgWaves[this.#leadCode] : waveNames.get(type)
    if (wave === undefined) return
    for (const sample of samples) {
      yield { kind: 'samples', wave, samples: sample === null ? null : [sample] }
    }
  }

  *#numbers({ groups }: DriBasic): Saying {
    yield* this.#ecg(groups.ecg)
    yield* this.#oximeter(groups.oximeter)
    yield* this.#gases(groups)
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'] as const) {
      yield* this.#pressure(name, groups[name])
    }
    for (const name of ['t1', 't2', 't3', 't4'] as const) {
      yield* this.#temperature(name, groups[name])
    }
    yield* this.#cuffNumbers(groups.cuff)
  }

  *#ecg(group: DriGroup): Saying {
    this.#leadCode = (group.label >> 8) & 0x0f
    const source = (group.status >> 1) & 0x07
    const heart = group.values['heartPerMinute'] ?? null
    // It may come from a catheter or the finger when there is no ECG.
    const values = [valueOf(source <= 1 ? terms.heartRate : terms.pulse, heart)]
    const st = group.values['st1Mm'] ?? null
    const lead = ecgWaves[this.#leadCode]?.slice('ecg-'.length) ?? ''
    const qualifiers: Words = {
      ...(source <= 1 ? {} : { source: source === 6 ? 'oximeter' : `pressure-${source - 1}` }),
      ...(st === null || lead === '' ? {} : { stMm: st.toFixed(2), stLead: lead }),
    }
    yield* this.#live.say('ecg', values, heart === null ? {} : qualifiers)
    const breaths = group.values['breathsPerMinute'] ?? null
    yield* this.#live.say('impedance', [valueOf(terms.impedanceRespiration, breaths)])
  }

  *#oximeter(group: DriGroup): Saying {
    const isVenous = (group.label & 0x03) === 2
    const values = [
      valueOf(
        isVenous ? terms.venousSaturation : terms.saturation,
        group.values['saturationPercent'] ?? null,
      ),
      valueOf(terms.oximeterPulse, group.values['pulsePerMinute'] ?? null),
    ]
    yield* this.#live.say('oximeter', values)
  }

  *#gases(groups: DriBasic['groups']): Saying {
    const { co2, o2, n2o, agent } = groups
    const ambient = co2.values['ambientMmHg'] ?? null
    const expired = co2.values['expiredPercent'] ?? null
    const inspired = co2.values['inspiredPercent'] ?? null
    const isCountedInBreath = (co2.label & 0x07) === 1
    const values = [
      valueOf(terms.endTidalCo2, partialPressure(expired, ambient)),
      valueOf(terms.inspiredCo2, partialPressure(inspired, ambient)),
      ...(isCountedInBreath
        ? [valueOf(terms.breathRespiration, co2.values['breathsPerMinute'] ?? null)]
        : []),
    ]
    const qualifiers: Words =
      expired === null ? {} : { expiredPercent: String(expired), ambientMmHg: String(ambient) }
    yield* this.#live.say('co2', values, qualifiers)
    yield* this.#live.say('o2', gasValues(o2, terms.expiredOxygen, terms.inspiredOxygen))
    yield* this.#live.say(
      'n2o',
      gasValues(n2o, terms.expiredNitrousOxide, terms.inspiredNitrousOxide),
    )
    yield* this.#live.say('agent', gasValues(agent, terms.expiredAgent, terms.inspiredAgent))
  }

  *#pressure(channel: DriGroupName, group: DriGroup): Saying {
    const place: Site = sites.get(group.label) ?? {
      site: channel.toUpperCase(),
      systolic: terms.invasiveSystolic,
      diastolic: terms.invasiveDiastolic,
      mean: terms.invasiveMean,
    }
    const { systolicMmHg = null, diastolicMmHg = null, meanMmHg = null } = group.values
    const values: Value[] = [
      ...(place.systolic === undefined ? [] : [valueOf(place.systolic, systolicMmHg)]),
      ...(place.diastolic === undefined ? [] : [valueOf(place.diastolic, diastolicMmHg)]),
      valueOf(place.mean, meanMmHg),
    ]
    yield* this.#live.say(channel, values, { site: place.site })
  }

  *#temperature(channel: DriGroupName, group: DriGroup): Saying {
    if (group.label === roomTemperature) return
    const term = temperatureTerms.get(group.label) ?? terms.temperature
    const values = [valueOf(term, group.values['celsius'] ?? null)]
    yield* this.#live.say(channel, values, { probe: channel.slice(1) })
  }

  *#cuffNumbers(group: DriGroup): Saying {
    const { systolicMmHg = null, diastolicMmHg = null, meanMmHg = null } = group.values
    const pulsePerMinute = group.values['pulsePerMinute'] ?? null
    const cuff = ['unknown', 'infant', 'unknown', 'adult'][group.label & 0x07] ?? 'unknown'
    yield* this.#cuff.show(
      { systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute, deviceTime: null },
      { isMeasuring: (group.label & 0x20) !== 0, qualifiers: { cuff } },
    )
  }
}

function gasValues(group: DriGroup, expired: Term, inspired: Term): readonly Value[] {
  return [
    valueOf(expired, group.values['expiredPercent'] ?? null),
    valueOf(inspired, group.values['inspiredPercent'] ?? null),
  ]
}

/** To a tenth of a mmHg: both factors are not known better. */
function partialPressure(percent: number | null, ambientMmHg: number | null): number | null {
  if (percent === null || ambientMmHg === null) return null
  return Math.round((percent * ambientMmHg) / 10) / 10
}
