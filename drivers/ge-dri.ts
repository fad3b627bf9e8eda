/** Monitors by GE and Datex-Ohmeda with the S/5 Computer Interface on a serial port. */
import { driPacketLimitBytes, scanDri } from '../protocols/ge-dri/frame.ts'
import { encodeNumbersRequest, encodeWavesRequest } from '../protocols/ge-dri/request.ts'
import { waveTypes } from '../protocols/ge-dri/wave.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Lead } from '../protocols/packet/record.ts'
import type { Wave } from './driver.ts'
import { DriReader, ecgWaves } from './ge-dri-reader.ts'
import { streaming } from './streaming.ts'

function wave(name: string, samples: number, lead: Lead): Wave {
  return { name, rate: { samples, perMs: 1_000 }, leads: [lead] }
}

const { I, II, III, aVR, aVL, aVF, V, unknown } = ecgLeads

/** One microvolt a step. inferred: two independent clients; no recording has an ECG. */
const ecg = ecgWaves.map((name, index) => {
  const { code } = [unknown, I, II, III, aVR, aVL, aVF, V][index] ?? unknown
  return wave(name, 300, { code, unit: 'mV', lsb: 0.001, zero: 0 })
})

const waves: readonly Wave[] = [
  ...ecg,
  wave('pleth', 100, { code: otherWaves.pleth.code, unit: '%', lsb: 0.01, zero: 0 }),
  wave('co2', 25, { code: otherWaves.co2.code, unit: '%', lsb: 0.01, zero: 0 }),
  wave('respiration', 25, {
    code: otherWaves.respiration.code,
    unit: 'Ohm',
    lsb: 0.01,
    zero: 0,
  }),
  wave('pressure-1', 100, {
    code: otherWaves.invasivePressure.code,
    unit: 'mm[Hg]',
    lsb: 0.01,
    zero: 0,
  }),
]

/** 550 samples a second; the monitor has no more than 600. */
const wanted = [
  waveTypes.ecg1,
  waveTypes.pleth,
  waveTypes.respiration,
  waveTypes.co2,
  waveTypes.pressure1,
]

/** A monitor answers only requests of its own level: 2009, 2005, 2015, then older ones. */
const levels = [0x0a, 0x09, 0x0b, 0x08, 0x07, 0x06, 0x05]
/** The least that is documented. */
const numbersEverySeconds = 5

export const geDri = streaming({
  id: 'ge-dri',
  label: 'GE B20/B30/B40/B650/B850, Datex-Ohmeda S/5 monitor',
  source:
    'Recordings of a CARESCAPE monitor by pycollect (Datex-Ohmeda Record Interface, level 2009); ' +
    'independent clients for waves that it does not hold',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 19_200, dataBits: 8, parity: 'even', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves,
  streams: ['measurement', 'numerics', 'waveform'],
  silentAfterMs: 60_000,

  scan: scanDri,
  packetLimitBytes: driPacketLimitBytes,
  pausedAfterMs: 3_000,
  opening: {
    commands: levels.flatMap((level) => [
      {
        bytes: encodeNumbersRequest(level, numbersEverySeconds),
        why: `numbers of level ${level}`,
      },
      { bytes: encodeWavesRequest(level, wanted), why: `waves of level ${level}` },
    ]),
    spacingMs: 100,
    againAfterMs: 15_000,
  },
  read: () => new DriReader(),
})
