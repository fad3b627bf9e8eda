/** Masimo oximeters with a serial port that sends a line every second. */
import {
  exceptions,
  masimoLineLimitBytes,
  scanMasimo,
  type MasimoKey,
  type MasimoLine,
} from '../protocols/masimo/line.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current, type Condition } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const

export const masimoAscii1 = streaming({
  id: 'masimo-ascii1',
  label: 'Masimo Rad-5/8/57/87, Radical oximeter (ASCII 1)',
  source:
    "Lines captured from two Rad-8 and a Radical-7; Rad-8 operator's manual; Masimo's description " +
    'of its trend files',
  evidence: 'captured',
  confidence: 'high',
  links: [{ kind: 'serial', lines: [line], usb: [], splits: 'bytes' }],
  asks: 'nothing',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 5_000,

  scan: scanMasimo,
  packetLimitBytes: masimoLineLimitBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => new Lines(),
})

/** Without one of these there are no values. The first that holds is told. */
const conditions: readonly (readonly [mask: number, condition: Condition])[] = [
  [exceptions.noSensor, { code: 'oximeter-sensor-off', level: 'info' }],
  [exceptions.defectiveSensor, { code: 'oximeter-sensor-defective', level: 'warning' }],
  [exceptions.unknownSensor, { code: 'oximeter-sensor-unknown', level: 'warning' }],
  [exceptions.sensorOff, { code: 'oximeter-no-finger', level: 'info' }],
  [exceptions.pulseSearch, { code: 'oximeter-searching', level: 'info' }],
  [exceptions.interference, { code: 'oximeter-interference', level: 'info' }],
  [exceptions.ambientLight, { code: 'oximeter-ambient-light', level: 'info' }],
]

const termsOfKeys = [
  ['SPO2', terms.saturation],
  ['BPM', terms.oximeterPulse],
  ['PI', terms.perfusionIndex],
] as const satisfies readonly (readonly [MasimoKey, Term])[]

/** The line has their keys also in a model that cannot measure them. */
const termsOfSome = [
  ['SPCO', terms.carboxyhaemoglobin],
  ['SPMET', terms.methaemoglobin],
  ['PVI', terms.plethVariability],
] as const satisfies readonly (readonly [MasimoKey, Term])[]

class Lines implements Reader<MasimoLine> {
  readonly #condition = new Current()
  readonly #live = new Live()
  #serialNumber: string | null = null;

  *packet(line: MasimoLine): Generator<Said, void, undefined> {
    const { serialNumber } = line
    if (serialNumber !== null && serialNumber !== this.#serialNumber) {
      this.#serialNumber = serialNumber
      yield { kind: 'identity', model: null, serialNumber, firmware: null }
    }
    const condition = conditions.find(([mask]) => (line.exceptions & mask) !== 0)?.[1] ?? null
    yield* this.#condition.become(condition)
    const isOk = condition === null
    const values = [
      ...termsOfKeys.map(([key, term]) => valueOf(term, isOk ? (line.numbers[key] ?? null) : null)),
      ...termsOfSome.flatMap(([key, term]): Value[] => {
        const value = line.numbers[key] ?? null
        return isOk && value !== null ? [valueOf(term, value)] : []
      }),
    ]
    yield* this.#live.say('oximeter', values, isOk ? qualifiersOf(line) : {})
  }
}

/** The unit of SpHb and SpOC is a setting of the device, which it does not say. */
function qualifiersOf(line: MasimoLine): Words {
  const { SPHB, SPOC } = line.numbers
  const isLow = (line.exceptions & exceptions.lowSignal) !== 0
  const isWeak = (line.exceptions & exceptions.lowPerfusion) !== 0
  return {
    ...(isLow ? { signal: 'low-quality' } : isWeak ? { signal: 'low-perfusion' } : {}),
    ...(typeof SPHB === 'number' ? { spHb: String(SPHB) } : {}),
    ...(typeof SPOC === 'number' ? { spOc: String(SPOC) } : {}),
  }
}
