/** Nonin oximeters. Which format one speaks is set by a strap, a menu or its model. */
import { noninLineLimitBytes, scanNoninLine } from '../protocols/nonin/line.ts'
import { scanNonin1, scanNonin8 } from '../protocols/nonin/second.ts'
import { noninSpotCheckLimitBytes, scanNoninSpotCheck } from '../protocols/nonin/spot-check.ts'
import { noninFrameBytes, scanNonin2, scanNonin7 } from '../protocols/nonin/stream.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Wave } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { NoninSecondReader, NoninSpotCheckReader, NoninStreamReader } from './nonin-reader.ts'
import { streaming, type Streaming } from './streaming.ts'

/** 75 samples a second, without a unit. */
const pleth: Wave = {
  name: 'pleth',
  rate: { samples: 75, perMs: 1_000 },
  leads: [{ code: otherWaves.pleth.code, unit: null, lsb: null, zero: 0 }],
}

/** The bridge is a common one: FTDI FT232. */
const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const

const shared = {
  evidence: 'documented',
  confidence: 'high',
  links: [{ kind: 'serial', lines: [line], usb: ['0403:6001'], splits: 'bytes' }],
  asks: 'nothing',
  silentAfterMs: 5_000,
  pausedAfterMs: 500,
  opening: null,
} as const satisfies Partial<Streaming<unknown>>

const streams = {
  ...shared,
  source:
    'Nonin OEM specification 6470-000-01, Nonin 9560 Bluetooth specification, and a frame of a ' +
    '3012LP that an independent client keeps as a fixture',
  waves: [pleth],
  streams: ['numerics', 'waveform', 'event'],
  packetLimitBytes: noninFrameBytes,
  read: () => new NoninStreamReader(),
} as const

export const noninDf2 = streaming({
  ...streams,
  id: 'nonin-df2',
  label: 'Nonin Xpod, 3012LP oximeter (format 2)',
  scan: scanNonin2,
})

export const noninDf7 = streaming({
  ...streams,
  id: 'nonin-df7',
  label: 'Nonin Xpod, 3150, 9560 oximeter (format 7)',
  scan: scanNonin7,
})

const seconds = {
  ...shared,
  waves: [],
  streams: ['numerics', 'event'],
  pausedAfterMs: 300,
  read: () => new NoninSecondReader(),
} as const

export const noninDf1 = streaming({
  ...seconds,
  id: 'nonin-df1',
  label: 'Nonin OEM III, Xpod oximeter (format 1)',
  source: 'Nonin OEM III manual, format 1',
  confidence: 'medium',
  scan: scanNonin1,
  packetLimitBytes: 3,
})

export const noninDf8 = streaming({
  ...seconds,
  id: 'nonin-df8',
  label: 'Nonin 3150, 9560 oximeter (format 8)',
  source: 'Nonin 9560 Bluetooth specification, format 8',
  scan: scanNonin8,
  packetLimitBytes: 4,
})

export const noninDf13 = streaming({
  ...shared,
  id: 'nonin-df13',
  label: 'Nonin 3150, 9560 oximeter, spot checks (format 13)',
  source: 'Nonin 9560 Bluetooth specification, format 13',
  waves: [],
  streams: ['measurement', 'event'],
  // It speaks when somebody has been measured.
  silentAfterMs: null,
  scan: scanNoninSpotCheck,
  packetLimitBytes: noninSpotCheckLimitBytes,
  read: () => new NoninSpotCheckReader(),
})

export const noninAscii = streaming({
  ...shared,
  id: 'nonin-ascii',
  label: 'Nonin 2500, 8500, 8600, 9847, Avant oximeter (text)',
  source: 'Operator manuals of Nonin 2500, 8600, 9847 and Avant 4000',
  waves: [],
  streams: ['numerics'],
  scan: scanNoninLine,
  packetLimitBytes: noninLineLimitBytes,
  read: () => {
    const live = new Live()
    return {
      *packet(line) {
        const values = [
          valueOf(terms.saturation, line.saturationPercent),
          valueOf(terms.oximeterPulse, line.pulsePerMinute),
        ]
        yield* live.say('oximeter', values)
      },
    }
  },
})
