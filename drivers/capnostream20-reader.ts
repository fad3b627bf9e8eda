/** What a Capnostream says: a sample of CO2 twenty times a second, and numbers every second. */
import {
  waveFlags,
  type CapnostreamPacket,
  type CapnostreamWave,
} from '../protocols/capnostream/frame.ts'
import type { CapnostreamNumbers } from '../protocols/capnostream/numbers.ts'
import type { Words } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current, type Condition } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import type { Reader } from './streaming.ts'

type Saying = Generator<Said, void, undefined>

/** A longer gap in the numbers of the messages is a restart; how long it was the clock tells. */
const lostSamplesMax = 20

export class CapnostreamReader implements Reader<CapnostreamPacket> {
  readonly #breath = new Current()
  readonly #sensor = new Current()
  readonly #battery = new Current()
  readonly #live = new Live()
  #waveNumber: number | null = null
  #breathsBefore: number | null = null;

  *packet(packet: CapnostreamPacket): Saying {
    if (packet.kind === 'wave') yield* this.#wave(packet)
    if (packet.kind === 'numbers') yield* this.#numbers(packet)
    if (packet.kind === 'identity') {
      const { serialNumber, version } = packet
      yield { kind: 'identity', model: 'Capnostream 20', serialNumber, firmware: version }
    }
  }

  *#wave({ number, co2Steps, status }: CapnostreamWave): Saying {
    const before = this.#waveNumber
    this.#waveNumber = number
    const lost = before === null ? 0 : (number - before - 1) & 0xff
    const isGap = lost <= lostSamplesMax
    for (let missing = isGap ? lost : 0; missing > 0; missing--) {
      yield { kind: 'samples', wave: 'co2', samples: null }
    }
    const isThere = (status & ~waveFlags.endOfBreath) === 0
    yield { kind: 'samples', wave: 'co2', samples: isThere ? [co2Steps] : null }
  }

  *#numbers(numbers: CapnostreamNumbers): Saying {
    const { breathsPerMinute, saturationPercent } = numbers
    const before = this.#breathsBefore
    this.#breathsBefore = breathsPerMinute
    // A fault of the unit: all numbers are shifted by one, and the check sum is right.
    if (saturationPercent !== null && saturationPercent === before) return
    yield* this.#breath.become(
      numbers.isBreathMissing ? { code: 'no-breath', level: 'alarm' } : null,
    )
    const sensor = sensorCondition(numbers)
    yield* this.#sensor.become(sensor)
    const isLow = numbers.isBatteryLow
    yield* this.#battery.become(isLow ? { code: 'battery-low', level: 'warning' } : null)
    yield* this.#live.say(
      'co2',
      [
        valueOf(terms.endTidalCo2, toMmHg(numbers.endTidalCo2, numbers.co2Unit)),
        valueOf(terms.inspiredCo2, toMmHg(numbers.inspiredCo2, numbers.co2Unit)),
        valueOf(terms.breathRespiration, breathsPerMinute),
      ],
      co2Words(numbers),
    )
    yield* this.#live.say('oximeter', [
      valueOf(terms.saturation, sensor === null ? saturationPercent : null),
      valueOf(terms.oximeterPulse, sensor === null ? numbers.pulsePerMinute : null),
    ])
  }
}

function sensorCondition(numbers: CapnostreamNumbers): Condition | null {
  if (numbers.isSensorUnplugged) return { code: 'oximeter-sensor-off', level: 'info' }
  if (numbers.isSensorOff) return { code: 'oximeter-no-finger', level: 'info' }
  return numbers.isPulseMissing ? { code: 'oximeter-pulse-lost', level: 'warning' } : null
}

/** null for a percentage: without the pressure of the air it is no pressure. */
function toMmHg(value: number | null, unit: CapnostreamNumbers['co2Unit']): number | null {
  if (unit === 'mm[Hg]') return value
  if (unit === '%' || value === null) return null
  const mmHg = converted(value, unit, 'mm[Hg]')
  return mmHg === null ? null : Math.round(mmHg * 10) / 10
}

/** The unit's own number when it is in another unit than ours. */
function co2Words({ co2Unit, endTidalCo2, inspiredCo2 }: CapnostreamNumbers): Words {
  if (co2Unit === 'mm[Hg]' || endTidalCo2 === null) return {}
  return { co2Unit, endTidalCo2: String(endTidalCo2), inspiredCo2: String(inspiredCo2) }
}
