/** Serial scales that send lines beginning with ST and US: A&D, KERN, Excell and their clones. */
import { scaleLineLimitBytes, scanScale } from '../protocols/st-gs-scale/line.ts'
import type { Driver, SerialLine } from './driver.ts'
import { ScaleReader } from './st-gs-scale-reader.ts'
import { streaming } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const
const seven = { dataBits: 7, parity: 'even', stopBits: 1 } as const

/** documented: the factory settings of the families, the more frequent first. */
const lines: readonly SerialLine[] = [
  { baud: 9_600, ...eight },
  { baud: 2_400, ...seven },
  { baud: 4_800, ...eight },
  { baud: 2_400, ...eight },
  { baud: 1_200, dataBits: 8, parity: 'even', stopBits: 1 },
]

function scale(id: string, label: string, emptyBelowKg: number): Driver {
  return streaming({
    id,
    label,
    source:
      'Manuals of A&D EK-L, EK-AEP, GC, AD-4329A, AD-4404, KERN KFB, SFB, KXS, KIB-TM, MPE and ' +
      'Excell AM4',
    evidence: 'documented',
    confidence: 'high',
    links: [{ kind: 'serial', lines, usb: [], splits: 'lines' }],
    asks: 'nothing',
    waves: [],
    streams: ['measurement', 'event'],
    // Some send all the time, some only when a key is pressed: which one it is, nobody tells us.
    silentAfterMs: null,

    scan: scanScale,
    packetLimitBytes: 2 * scaleLineLimitBytes,
    // At a wrong speed half of what arrives looks like the end of a line.
    isFilling: (packet) => packet.kind === 'line-end',
    pausedAfterMs: 1_500,
    opening: null,
    read: () => new ScaleReader(emptyBelowKg),
  })
}

export const stGsScale = scale('st-gs-scale', 'Serial scale (ST/US lines)', 2)

/** For newborns, whom the other one would take for a bag that was left on the platform. */
export const stGsInfantScale = scale('st-gs-infant-scale', 'Serial infant scale (ST/US lines)', 0.3)
