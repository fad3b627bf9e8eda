/** Nellcor oximeters with a data port that sends a row every two seconds. */
import {
  nellcorLineLimitBytes,
  scanNellcor,
  type NellcorLine,
  type NellcorRow,
} from '../protocols/nellcor/line.ts'
import type { Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current, type Condition } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

export const nellcorAscii = streaming({
  id: 'nellcor-ascii',
  label: 'Nellcor N-560/595/600, NPB-190/195/290/295 oximeter',
  source:
    'Rows captured from an N-560; manuals of NPB-290/295; independent clients of N-595 and N-600x',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [
        { baud: 9_600, ...eight },
        { baud: 19_200, ...eight },
      ],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 10_000,

  scan: scanNellcor,
  packetLimitBytes: nellcorLineLimitBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => new Lines(),
})

/** Without one of these there are no values. The first that holds is told. */
const conditions: readonly (readonly [status: string, condition: Condition])[] = [
  ['SD', { code: 'oximeter-sensor-off', level: 'info' }],
  ['SO', { code: 'oximeter-no-finger', level: 'info' }],
  ['PS', { code: 'oximeter-searching', level: 'info' }],
  ['LP', { code: 'oximeter-pulse-lost', level: 'warning' }],
  ['LM', { code: 'oximeter-pulse-lost', level: 'warning', detail: { kind: 'interference' } }],
]

class Lines implements Reader<NellcorLine> {
  readonly #condition = new Current()
  readonly #battery = new Current()
  readonly #live = new Live()
  #instrument: string | null = null;

  *packet(line: NellcorLine): Generator<Said, void, undefined> {
    if (line.kind === 'row') yield* this.#row(line)
    if (line.kind !== 'instrument') return
    const { model, firmware } = line
    if (this.#instrument === `${model} ${firmware}`) return
    this.#instrument = `${model} ${firmware}`
    yield { kind: 'identity', model, serialNumber: null, firmware }
  }

  *#row(row: NellcorRow): Generator<Said, void, undefined> {
    const isLow = row.statuses.includes('LB')
    yield* this.#battery.become(isLow ? { code: 'battery-low', level: 'warning' } : null)
    const condition = conditions.find(([status]) => row.statuses.includes(status))?.[1] ?? null
    yield* this.#condition.become(condition)
    const isOk = condition === null
    const values = [
      valueOf(terms.saturation, isOk ? row.saturationPercent : null),
      valueOf(terms.oximeterPulse, isOk ? row.pulsePerMinute : null),
    ]
    yield* this.#live.say('oximeter', values, isOk ? qualifiersOf(row) : {})
  }
}

function qualifiersOf(row: NellcorRow): Words {
  const { pulseAmplitude } = row
  return {
    ...(pulseAmplitude === null ? {} : { pulseAmplitude: String(pulseAmplitude) }),
    ...(row.statuses.includes('MO') ? { signal: 'artifact' } : {}),
  }
}
