/**
 * BerryMed PM6750: a whole patient monitor on one serial line. It is silent until it is enabled.
 */
import {
  encodePm6750Command,
  pm6750PacketLimitBytes,
  scanPm6750,
} from '../protocols/berrymed/frame.ts'
import type { Pm6750Command } from '../protocols/berrymed/packet.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import { Pm6750Reader } from './berrymed-pm6750-reader.ts'
import type { Wave } from './driver.ts'
import { streaming } from './streaming.ts'

/**
 * The manual gives the gain but no millivolt a step, so no amplitude is claimed. documented: V3.2
 */
const uncalibrated = { unit: null, lsb: null, zero: 128 } as const

const leads = [
  ecgLeads.I,
  ecgLeads.II,
  ecgLeads.III,
  ecgLeads.aVR,
  ecgLeads.aVL,
  ecgLeads.aVF,
  ecgLeads.V,
]

/** captured: 250.7 and 50 in a second. The manual says 40 for the pulse wave. */
const ecgRate = { samples: 250, perMs: 1_000 } as const
const slowRate = { samples: 50, perMs: 1_000 } as const

const waves: readonly Wave[] = [
  {
    name: 'ecg',
    rate: ecgRate,
    leads: leads.map(({ code }) => ({ code, ...uncalibrated })),
  },
  /** Old firmware sends one lead and does not say which. */
  {
    name: 'ecg-single',
    rate: ecgRate,
    leads: [{ code: ecgLeads.unknown.code, ...uncalibrated }],
  },
  {
    name: 'pleth',
    rate: slowRate,
    leads: [{ code: otherWaves.pleth.code, unit: null, lsb: null, zero: 0 }],
  },
  {
    name: 'respiration',
    rate: slowRate,
    leads: [{ code: otherWaves.respiration.code, unit: null, lsb: null, zero: 0 }],
  },
]

/**
 * Configure, then enable, in the order of the recommended start. None of it reaches the patient.
 */
const commands: readonly (readonly [Pm6750Command, string])[] = [
  [{ kind: 'ecg-gain', gain: 1 }, 'ECG gain x1'],
  [{ kind: 'ecg-filter', filter: 'monitor' }, 'ECG filter for monitoring'],
  [{ kind: 'respiration-gain', gain: 1 }, 'respiration gain x1'],
  [{ kind: 'ecg', on: true }, 'ECG on'],
  [{ kind: 'oximeter', on: true }, 'SpO2 on'],
  [{ kind: 'temperature', on: true }, 'temperature on'],
  [{ kind: 'pleth-wave', on: true }, 'pulse wave on'],
  [{ kind: 'respiration-wave', on: true }, 'respiration wave on'],
]

export const berrymedPm6750 = streaming({
  id: 'berrymed-pm6750',
  label: 'BerryMed PM6750 patient monitor',
  source:
    "PM6750 Patient Monitor Protocol V3.2, the maker's web demo, and 30 s of traffic described " +
    'by an independent implementer',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 }],
      // inferred: the usual id of the microcontroller's own USB port
      usb: ['0483:5740'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves,
  streams: ['measurement', 'numerics', 'waveform', 'event'],
  silentAfterMs: 10_000,

  scan: scanPm6750,
  packetLimitBytes: pm6750PacketLimitBytes,
  pausedAfterMs: 500,
  opening: {
    commands: commands.map(([command, why]) => ({ bytes: encodePm6750Command(command), why })),
    spacingMs: 50,
    againAfterMs: 2_000,
  },
  read: () => new Pm6750Reader(),
})
