/** Columns for height and weight: G-Tech GL-150 and GL-310, and clones with W: and H: in a line. */
import { kioskLimitBytes, scanKiosk } from '../protocols/height-weight-kiosk/text.ts'
import { BodyResults } from './body-result.ts'
import { streaming } from './streaming.ts'

const printedTwiceMs = 10_000

export const heightWeightKiosk = streaming({
  id: 'height-weight-kiosk',
  label: 'Height and weight column (G-Tech GL-150 / GL-310, W:/H: lines)',
  source: 'One published program for each form, the printer text of the GL-310 quoted in it',
  evidence: 'inferred',
  confidence: 'medium',
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

  scan: scanKiosk,
  packetLimitBytes: 2 * kioskLimitBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => {
    const results = new BodyResults(printedTwiceMs)
    return {
      packet: ({ format, heightCm, weightKg, bodyMassIndex }, atMs) =>
        results.say(
          {
            weightKg,
            heightCm,
            ...(bodyMassIndex === null ? {} : { bodyMassIndex }),
            deviceTime: null,
            qualifiers: { format },
          },
          atMs,
        ),
    }
  },
})
