/** The oximeters that can be simulated, by their drivers. */
import { encodeFiveBytes } from '../../protocols/contec/five-bytes.ts'
import { encodeContec, encodeContecCommand } from '../../protocols/contec/v7.ts'
import { encodeMasimo } from '../../protocols/masimo/line.ts'
import { encodeNellcor } from '../../protocols/nellcor/line.ts'
import { encodeNoninLine } from '../../protocols/nonin/line.ts'
import { encodeNonin1, encodeNonin8, type NoninSecond } from '../../protocols/nonin/second.ts'
import {
  encodeNonin2,
  encodeNonin7,
  noninFramesPerPacket,
  type NoninFrame,
} from '../../protocols/nonin/stream.ts'
import type { PulseInstant, SimulatedOximeter } from './oximeter.ts'

/** Neither of them has a clock that anybody has set. */
const deviceTime = { year: 2001, month: 1, day: 1, hour: 0, minute: 0, second: 0 }

export const oximeters: { readonly [driver: string]: SimulatedOximeter } = {
  'berry-bci': { framesPerSecond: 100, encode: fiveBytes, startedBy: null },
  'contec-cms50-legacy': { framesPerSecond: 60, encode: fiveBytes, startedBy: null },
  'contec-cms50-v7': {
    framesPerSecond: 60,
    encode: (now) =>
      encodeContec({
        kind: 'realtime',
        signal: 5,
        isSearching: false,
        isSearchingTooLong: false,
        isSaturationLow: false,
        isProbeError: false,
        isBeat: now.isBeat,
        pleth: Math.round(20 + 90 * now.pulseWave),
        bar: Math.round(15 * now.pulseWave),
        pulsePerMinute: now.pulsePerMinute,
        saturationPercent: now.saturationPercent,
        perfusionIndexPercent: now.perfusionPercent,
      }),
    startedBy: encodeContecCommand('start-realtime'),
  },
  'masimo-ascii1': {
    framesPerSecond: 1,
    encode: (now) =>
      encodeMasimo({
        deviceTime,
        serialNumber: '0000145000',
        numbers: {
          SPO2: now.saturationPercent,
          BPM: now.pulsePerMinute,
          PI: now.perfusionPercent,
        },
        exceptions: 0x800,
      }),
    startedBy: null,
  },
  'nellcor-ascii': {
    framesPerSecond: 0.5,
    encode: (now) =>
      encodeNellcor({
        kind: 'row',
        deviceTime,
        saturationPercent: now.saturationPercent,
        pulsePerMinute: now.pulsePerMinute,
        pulseAmplitude: 40,
        statuses: ['AO'],
      }),
    startedBy: null,
  },
  'nonin-ascii': {
    framesPerSecond: 1,
    encode: (now) => encodeNoninLine({ ...now, isFastAveraging: false }),
    startedBy: null,
  },
  'nonin-df1': { framesPerSecond: 1, encode: (now) => encodeNonin1(second(now)), startedBy: null },
  'nonin-df2': {
    framesPerSecond: 75,
    encode: (now) => encodeNonin2(noninFrame(now, 255)),
    startedBy: null,
  },
  'nonin-df7': {
    framesPerSecond: 75,
    encode: (now) => encodeNonin7(noninFrame(now, 65_535)),
    startedBy: null,
  },
  'nonin-df8': { framesPerSecond: 1, encode: (now) => encodeNonin8(second(now)), startedBy: null },
}

function fiveBytes(now: PulseInstant): Uint8Array {
  return encodeFiveBytes({
    signal: 5,
    isSignalMissing: false,
    isFallingOrUnplugged: false,
    isBeat: now.isBeat,
    pleth: Math.round(10 + 80 * now.pulseWave),
    bar: Math.round(15 * now.pulseWave),
    isProbeError: false,
    isSearching: false,
    pulsePerMinute: now.pulsePerMinute,
    saturationPercent: now.saturationPercent,
  })
}

function second(now: PulseInstant): NoninSecond {
  return {
    isUnplugged: false,
    isArtifact: false,
    isArtifactForLong: false,
    perfusion: 'good',
    pulsePerMinute: now.pulsePerMinute,
    saturationPercent: now.saturationPercent,
    isGoodForSpotCheck: true,
    isFingerOut: false,
    isBatteryLow: false,
  }
}

function noninFrame(now: PulseInstant, plethMax: number): NoninFrame {
  const number = (now.frame % noninFramesPerPacket) + 1
  return {
    isFirst: number === 1,
    isUnplugged: false,
    isArtifact: false,
    isArtifactForLong: false,
    isFingerOut: false,
    perfusion: now.isBeat ? 'good' : null,
    pleth: Math.round(plethMax * (0.2 + 0.7 * now.pulseWave)),
    float: noninFloat(number, now),
  }
}

/** What the frame of this number carries besides the pulse wave. */
function noninFloat(number: number, now: PulseInstant): number {
  const high = now.pulsePerMinute >> 7
  const low = now.pulsePerMinute & 0x7f
  if (number === 8) return 0x20
  if (number === 3 || number === 9) return now.saturationPercent
  if (number === 1 || number === 20) return high
  return number === 2 || number === 21 ? low : 0
}
