/** Detecto solo: a scale with a height rod that prints when its key is pressed. */
import { detectoLimitBytes, scanDetecto, type DetectoLine } from '../protocols/detecto/line.ts'
import { centimetresOfInches, kilogramsOfPounds } from '../protocols/vocabulary/body-units.ts'
import { BodyResults, type BodyResult } from './body-result.ts'
import { streaming } from './streaming.ts'

const printedTwiceMs = 10_000

export const detectoSolo = streaming({
  id: 'detecto-solo',
  label: 'Detecto solo scale',
  source: 'Detecto solo manual 0044-0391-0M, whose example does not agree with itself',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanDetecto,
  packetLimitBytes: 2 * detectoLimitBytes,
  pausedAfterMs: 1_000,
  opening: null,
  read: () => {
    const results = new BodyResults(printedTwiceMs)
    return { packet: (line, atMs) => results.say(resultOf(line), atMs) }
  },
})

function resultOf({ deviceTime, bodyMassIndex, height, weight }: DetectoLine): BodyResult {
  return {
    weightKg: weight?.unit === 'lb' ? kilogramsOfPounds(weight.value) : (weight?.value ?? null),
    heightCm: height?.unit === 'in' ? centimetresOfInches(height.value) : (height?.value ?? null),
    bodyMassIndex,
    deviceTime,
    qualifiers: {
      ...(weight?.unit === 'lb' ? { shownPounds: String(weight.value) } : {}),
      ...(height?.unit === 'in' ? { shownInches: String(height.value) } : {}),
    },
  }
}
