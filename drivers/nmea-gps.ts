/** A satellite receiver that tells where the van is, in NMEA 0183. */
import { nmeaLimitBytes, scanNmea } from '../protocols/nmea/sentence.ts'
import type { SerialLine } from './driver.ts'
import { PositionReader } from './nmea-gps-reader.ts'
import { streaming } from './streaming.ts'

function line(baud: number): SerialLine {
  return { baud, dataBits: 8, parity: 'none', stopBits: 1 }
}

export const nmeaGps = streaming({
  id: 'nmea-gps',
  label: 'Satellite receiver (NMEA 0183: GPS, GLONASS, Galileo, BeiDou)',
  source: 'NMEA 0183 as open readers use it; logs of two receivers',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [line(9_600), line(4_800), line(38_400), line(115_200)],
      usb: ['1546:01a7', '1546:01a8', '1546:01a9', '067b:2303', '10c4:ea60'],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 5_000,

  scan: scanNmea,
  packetLimitBytes: nmeaLimitBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => new PositionReader(),
})
