/** From what a station says of its pumps to readings of each, as long as it is there. */
import type { BccValue } from '../protocols/bbraun/bcc.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Alarms, type DeviceAlarm } from './alarms.ts'
import { Current } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

type Pump = ReadonlyMap<string, string | null>

const numbers: readonly (readonly [parameter: string, term: Term])[] = [
  ['INRT', terms.infusionRate],
  ['INVI', terms.infusedVolume],
  ['INVTBI', terms.volumeToInfuse],
  ['INVOLACT', terms.syringeVolumeLeft],
  ['INRMT', terms.infusionTimeLeft],
  ['INBOVAL', terms.bolusVolume],
]

/** What a pump says when there is no time left to tell. */
const noTimeLeft = 65_535

const alarmKinds: readonly (readonly [parameter: string, kind: string, isAlarm: boolean])[] = [
  ['INA1', 'battery-empty', true],
  ['INA2', 'syringe-empty', true],
  ['INA3', 'pressure', true],
  ['INA5', 'standby-over', true],
  ['INA7', 'volume-over', true],
  ['INA8', 'time-over', true],
  ['INA9', 'syringe', true],
  ['INA11', 'battery-soon-empty', false],
  ['INA12', 'syringe-soon-empty', false],
  ['INA13', 'door', true],
  ['INA14', 'drop', true],
  ['INA15', 'air', true],
  ['INA16', 'keep-open-over', true],
]

/** More than a station has places for. */
const pumpsMax = 64
/** The station itself. */
const stationAddress = '50100'

export class PumpStation {
  readonly #live = new Live()
  readonly #alarms = new Alarms()
  readonly #gone = new Map<string, Current>();

  /** All that one answer said: a pump that is not in it was switched off or taken away. */
  *say(values: readonly BccValue[]): Generator<Said, void, undefined> {
    const pumps = pumpsOf(values)
    yield* this.#alarms.become(alarmsOf(pumps))
    for (const address of new Set([...this.#gone.keys(), ...pumps.keys()])) {
      const pump = pumps.get(address)
      const gone = this.#gone.get(address) ?? new Current()
      this.#gone.set(address, gone)
      const detail = { kind: placeOf(address) }
      yield* gone.become(
        pump === undefined ? { code: 'pump-not-reporting', level: 'warning', detail } : null,
      )
      yield* this.#live.say(address, readingsOf(pump ?? new Map()), wordsOf(address, pump))
    }
  }
}

function pumpsOf(values: readonly BccValue[]): ReadonlyMap<string, Pump> {
  const pumps = new Map<string, Map<string, string | null>>()
  for (const { address, parameter, value } of values) {
    if (address === stationAddress || !address.startsWith('501')) continue
    const pump = pumps.get(address) ?? new Map<string, string | null>()
    if (pumps.size >= pumpsMax && !pumps.has(address)) continue
    pumps.set(address, pump.set(parameter, value))
  }
  return pumps
}

function readingsOf(pump: Pump): readonly Value[] {
  return numbers.map(([parameter, term]) => {
    const value = numberOf(pump.get(parameter) ?? null)
    const isNone = parameter === 'INRMT' && value === noTimeLeft
    return valueOf(term, isNone ? null : value)
  })
}

function numberOf(text: string | null): number | null {
  return text !== null && /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : null
}

/** Pillar and slot. */
function placeOf(address: string): string {
  return address.slice(-2)
}

function wordsOf(address: string, pump: Pump | undefined): Words {
  const text = (parameter: string): string | null => pump?.get(parameter) ?? null
  const isPumping = text('INM3')
  const mains = text('INM8')
  const words: { readonly [name: string]: string | null } = {
    pump: placeOf(address),
    status: isPumping === null ? null : isPumping === '1' ? 'infusing' : 'not-infusing',
    keepsOpen: text('INM10') === '1' ? 'yes' : null,
    power: mains === null ? null : mains === '1' ? 'mains' : 'battery',
    type: text('GNNEW'),
    serialNumber: text('INSERNUM'),
    drug: text('INSOLSN') ?? text('INSOL'),
  }
  return Object.fromEntries(
    Object.entries(words).flatMap(([name, word]) => (word === null ? [] : [[name, word] as const])),
  )
}

function alarmsOf(pumps: ReadonlyMap<string, Pump>): readonly DeviceAlarm[] {
  return [...pumps].flatMap(([address, pump]) =>
    alarmKinds.flatMap(([parameter, kind, isAlarm]): DeviceAlarm[] => {
      if (pump.get(parameter) !== '1') return []
      const place = placeOf(address)
      const level = isAlarm ? 'alarm' : 'warning'
      return [{ key: `${place} ${kind}`, level, detail: { kind, pump: place } }]
    }),
  )
}
