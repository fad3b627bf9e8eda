/**
 * Puritan Bennett 840 and 980, and Respironics V200: everything that the ventilator shows, asked
 * once a second. The two reports have the same things in other places.
 */
import {
  encodePuritanBennettQuestion,
  fieldNumber,
  fieldText,
  puritanBennettLimitBytes,
  scanPuritanBennett,
  type PuritanBennettName,
  type PuritanBennettReport,
} from '../protocols/puritan-bennett/report.ts'
import type { Words } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Alarms, type DeviceAlarm } from './alarms.ts'
import { polling } from './asking.ts'
import type { Driver, SerialLine } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

interface Places {
  readonly numbers: readonly (readonly [field: number, term: Term])[]
  /** In litres. */
  readonly volumes: readonly (readonly [field: number, term: Term])[]
  /** What is set, in the unit of the ventilator. */
  readonly words: readonly (readonly [field: number, name: string])[]
  readonly alarms: readonly (readonly [field: number, kind: string])[]
}

const places: { readonly [name in PuritanBennettName]: Places } = {
  MISCF: {
    numbers: [
      [70, terms.ventilationRate],
      [72, terms.minuteVolumeExpired],
      [73, terms.airwayPressurePeak],
      [74, terms.airwayPressureMean],
      [69, terms.endInspiratoryPressure],
      [87, terms.endExpiratoryPressure],
      [79, terms.intrinsicPressure],
      [94, terms.airwayPressurePlateau],
      [77, terms.inspiredOxygen],
      [92, terms.complianceStatic],
      [96, terms.complianceDynamic],
      [93, terms.airwayResistance],
    ],
    volumes: [
      [71, terms.tidalVolume],
      [78, terms.tidalVolumeInspired],
    ],
    words: [
      [9, 'mode'],
      [10, 'mandatoryType'],
      [11, 'spontaneousType'],
      [13, 'setRate'],
      [14, 'setTidalVolumeL'],
      [15, 'setPeakFlow'],
      [16, 'setOxygenPercent'],
      [18, 'setPeepCmH2O'],
      [31, 'setSupportCmH2O'],
    ],
    alarms: [
      [106, 'apnoea'],
      [107, 'minute-volume-high'],
      [108, 'tidal-volume-high'],
      [109, 'oxygen-high'],
      [110, 'pressure-high'],
      [112, 'rate-high'],
      [113, 'mains-lost'],
      [115, 'battery-low'],
      [120, 'oxygen-low'],
      [121, 'air-supply'],
      [122, 'oxygen-supply'],
      [124, 'disconnected'],
      [125, 'occlusion'],
      [136, 'pressure-low'],
    ],
  },
  MISCA: {
    numbers: [
      [34, terms.ventilationRate],
      [36, terms.minuteVolumeExpired],
      [38, terms.airwayPressurePeak],
      [39, terms.airwayPressureMean],
      [40, terms.endInspiratoryPressure],
      [63, terms.complianceStatic],
      [64, terms.airwayResistance],
    ],
    volumes: [[35, terms.tidalVolume]],
    words: [
      [9, 'mode'],
      [10, 'setRate'],
      [11, 'setTidalVolumeL'],
      [12, 'setPeakFlow'],
      [13, 'setOxygenPercent'],
      [15, 'setPeepCmH2O'],
      [26, 'setSupportCmH2O'],
    ],
    alarms: [
      [48, 'pressure-high'],
      [57, 'apnoea'],
    ],
  },
}

/** How many fields the report of a model has. Another number would shift all places. */
const fieldsOf: { readonly [name in PuritanBennettName]: number } = { MISCF: 169, MISCA: 97 }

interface Memory {
  readonly live: Live
  readonly alarms: Alarms
  serialNumber: string | null
}

function ventilator(
  card: Pick<Driver, 'id' | 'label' | 'source' | 'confidence'> & {
    readonly line: SerialLine
    readonly report: PuritanBennettName
  },
): Driver {
  const { line, report: name, ...named } = card
  const question = { bytes: encodePuritanBennettQuestion(name), why: 'everything that it shows' }
  return polling({
    ...named,
    evidence: 'documented',
    links: [{ kind: 'serial', lines: [line], usb: [], splits: 'bytes' }],
    // Words of text, which could mean something to another device.
    asks: 'only-when-chosen',
    waves: [],
    streams: ['numerics', 'event'],
    silentAfterMs: 30_000,

    scan: scanPuritanBennett,
    packetLimitBytes: puritanBennettLimitBytes,
    answerWithinMs: 3_000,
    tries: 3,
    lateWithinMs: 500,
    againAfterMs: 1_000,
    remember: (): Memory => ({ live: new Live(), alarms: new Alarms(), serialNumber: null }),
    *talk(ask, memory) {
      const report = yield* ask(question, (one) => one.name === name)
      if (report === null || report.fields.length !== fieldsOf[name]) return
      const serialNumber = fieldText(report, 6)
      if (serialNumber !== null && serialNumber !== memory.serialNumber) {
        memory.serialNumber = serialNumber
        yield { kind: 'identity', model: null, serialNumber, firmware: null }
      }
      const { numbers, volumes, alarms } = places[name]
      for (const event of memory.alarms.become(alarmsOf(report, alarms))) yield event
      const values = [
        ...volumes.map(([field, term]) =>
          valueOf(term, converted(fieldNumber(report, field), 'L', 'mL')),
        ),
        ...numbers.map(([field, term]) => valueOf(term, fieldNumber(report, field))),
      ]
      const said = memory.live.say('ventilation', values, wordsOf(report, name))
      for (const one of said) yield one
    },
  })
}

function alarmsOf(report: PuritanBennettReport, alarms: Places['alarms']): readonly DeviceAlarm[] {
  return alarms.flatMap(([field, kind]) => {
    const isOn = fieldText(report, field)?.startsWith('ALARM') === true
    return isOn ? [{ key: kind, level: 'alarm', detail: { kind } } as const] : []
  })
}

function wordsOf(report: PuritanBennettReport, name: PuritanBennettName): Words {
  return Object.fromEntries(
    places[name].words.flatMap(([field, word]) => {
      const text = fieldText(report, field)
      return text === null ? [] : [[word, text] as const]
    }),
  )
}

export const pb840 = ventilator({
  id: 'pb840',
  label: 'Puritan Bennett 840, 980 ventilator (DCI, SNDF)',
  source: 'Field tables of OpenICE, used with real ventilators; test message of a 980 simulator',
  confidence: 'medium-high',
  line: { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 },
  report: 'MISCF',
})

export const respironicsV200 = ventilator({
  id: 'respironics-v200',
  label: 'Respironics V200 (Esprit) ventilator (SNDA)',
  source: "Operator's manual of the V200; field table of the same report in OpenICE",
  confidence: 'medium',
  line: { baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 },
  report: 'MISCA',
})
