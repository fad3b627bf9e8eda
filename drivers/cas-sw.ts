/** CAS SW-II: a scale that is asked four times a second. */
import { casLimitBytes, casQuestion, scanCas } from '../protocols/cas-scale/frame.ts'
import { ScaleReader } from './st-gs-scale-reader.ts'
import { streaming } from './streaming.ts'

const emptyBelowKg = 2

export const casSw = streaming({
  id: 'cas-sw',
  label: 'CAS SW-II scale',
  source: 'CAS SW-II manual; over which bytes its check byte counts is inferred',
  evidence: 'documented',
  confidence: 'medium',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // Its question is one byte that means something else to many a device.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: 10_000,

  scan: scanCas,
  packetLimitBytes: 4 * casLimitBytes,
  pausedAfterMs: 1_500,
  opening: { commands: [{ bytes: casQuestion, why: 'weight' }], spacingMs: 0, againAfterMs: 250 },
  read: () => new ScaleReader(emptyBelowKg),
})
