/** Scales of Health o meter Professional and Rice Lake, with or without a height rod. */
import {
  healthometerLimitBytes,
  scanHealthometer,
  type HealthometerPacket,
} from '../protocols/healthometer/packet.ts'
import type { Words } from '../protocols/packet/record.ts'
import { centimetresOfInches, kilogramsOfPounds } from '../protocols/vocabulary/body-units.ts'
import { BodyResults } from './body-result.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const printedTwiceMs = 10_000

export const healthometer = streaming({
  id: 'healthometer',
  label: 'Health o meter Professional / Rice Lake 140, 160, 350 scale',
  source: 'Manuals of Health o meter ProPlus and 1100KL, Rice Lake 160-10-7N, 350-10 and 140-10-7N',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // It could be asked for its reading, but who steps on presses PRINT or has it printed by itself.
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanHealthometer,
  packetLimitBytes: 2 * healthometerLimitBytes,
  pausedAfterMs: 3_000,
  opening: null,
  read: () => new Readings(),
})

class Readings implements Reader<HealthometerPacket> {
  readonly #results = new BodyResults(printedTwiceMs);

  *packet(packet: HealthometerPacket, atMs: number): Generator<Said, void, undefined> {
    const { weight, height, tare, bodyMassIndex, isOutOfRange, load } = packet
    if (isOutOfRange) yield measurementFailed('weight-out-of-range')
    const isMetric = packet.units === 'metric'
    const kilograms = (value: number) => (isMetric ? value : kilogramsOfPounds(value))
    const hasRod = packet.format === 'escape'
    const qualifiers: Words = {
      ...(load === 'net' ? { load } : {}),
      ...(tare === null ? {} : { tareKg: String(kilograms(tare)) }),
      ...(isMetric || weight === null ? {} : { shownPounds: String(weight) }),
      ...(isMetric || height === null ? {} : { shownInches: String(height) }),
    }
    const heightCm = height === null || isMetric ? height : centimetresOfInches(height)
    yield* this.#results.say(
      {
        weightKg: weight === null ? null : kilograms(weight),
        ...(hasRod ? { heightCm, bodyMassIndex } : {}),
        deviceTime: null,
        qualifiers,
      },
      atMs,
    )
  }
}
