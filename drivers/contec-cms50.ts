/** Finger oximeters by Contec, and others that speak as they do. */
import { fiveBytesLength, scanFiveBytes, type FiveBytes } from '../protocols/contec/five-bytes.ts'
import {
  contecPacketLimitBytes,
  encodeContecCommand,
  scanContec,
  type ContecCommand,
  type ContecRealtime,
} from '../protocols/contec/v7.ts'
import { otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Driver, SerialLine, Wave } from './driver.ts'
import { OximeterReader, type OximeterState } from './oximeter-reader.ts'
import { streaming } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const
const eightOdd = { dataBits: 8, parity: 'odd', stopBits: 1 } as const

/** The amplitude has no unit. */
function pleth(samplesPerSecond: number): Wave {
  return {
    name: 'pleth',
    rate: { samples: samplesPerSecond, perMs: 1_000 },
    leads: [{ code: otherWaves.pleth.code, unit: null, lsb: null, zero: 0 }],
  }
}

function say(command: ContecCommand, why: string): { bytes: Uint8Array; why: string } {
  return { bytes: encodeContecCommand(command), why }
}

export const contecCms50V7 = streaming({
  id: 'contec-cms50-v7',
  label: 'Contec CMS50D+/E/F, CMS60 oximeter',
  source:
    'Contec, Communication protocol of pulse oximeter V7.0 (2010); a session of a CMS50D+ and ' +
    '102 frames of a CMS50E, both captured',
  evidence: 'captured',
  confidence: 'high',
  // The usual id of the bridge in the cable, which the sources do not print.
  links: [
    { kind: 'serial', lines: [{ baud: 115_200, ...eight }], usb: ['10c4:ea60'], splits: 'bytes' },
  ],
  asks: 'harmless',
  waves: [pleth(60)],
  streams: ['numerics', 'waveform', 'event'],
  silentAfterMs: 10_000,

  scan: scanContec,
  packetLimitBytes: contecPacketLimitBytes,
  pausedAfterMs: 500,
  opening: {
    // Nothing starts while the device sends what it has stored, or streams already.
    commands: [
      say('stop-stored', 'stop sending what is stored'),
      say('stop-realtime', 'stop the stream'),
      say('start-realtime', 'start the stream'),
    ],
    spacingMs: 100,
    againAfterMs: 2_000,
    keepAlive: { ...say('keep-alive', 'or the stream stops'), everyMs: 5_000 },
  },
  read: () => {
    const reader = new OximeterReader()
    return {
      *packet(packet, atMs) {
        if (packet.kind === 'realtime') {
          yield* reader.instant({ ...packet, state: stateOf(packet) }, atMs)
        }
      },
    }
  },
})

function stateOf(packet: ContecRealtime): OximeterState {
  if (packet.isProbeError) return 'no-finger'
  if (packet.isSearchingTooLong) return 'search-too-long'
  return packet.isSearching ? 'searching' : 'ok'
}

interface FiveByteModel {
  readonly id: string
  readonly label: string
  readonly source: string
  readonly lines: readonly SerialLine[]
  readonly usb: readonly string[]
  readonly samplesPerSecond: number
}

/** The two forms differ in their rate and in flags of which each means: no value. */
function fiveByteOximeter(model: FiveByteModel): Driver {
  const { id, label, source, lines, usb, samplesPerSecond } = model
  return streaming({
    id,
    label,
    source,
    evidence: 'documented',
    confidence: 'high',
    links: [{ kind: 'serial', lines, usb, splits: 'bytes' }],
    asks: 'nothing',
    waves: [pleth(samplesPerSecond)],
    streams: ['numerics', 'waveform', 'event'],
    silentAfterMs: 5_000,

    scan: scanFiveBytes,
    packetLimitBytes: fiveBytesLength,
    pausedAfterMs: 500,
    opening: null,
    read: () => {
      const reader = new OximeterReader()
      return {
        *packet(packet, atMs) {
          yield* reader.instant({ ...packet, state: fiveByteStateOf(packet) }, atMs)
        },
      }
    },
  })
}

function fiveByteStateOf(packet: FiveBytes): OximeterState {
  if (packet.isProbeError) return 'no-finger'
  if (packet.isSignalMissing) return 'search-too-long'
  return packet.isSearching ? 'searching' : 'ok'
}

export const contecCms50Legacy = fiveByteOximeter({
  id: 'contec-cms50-legacy',
  label: 'Contec CMS50 oximeter, older firmware',
  source: 'Contec cms_protocol V5.0A; independent clients of the CMS50D+',
  lines: [
    { baud: 19_200, ...eightOdd },
    { baud: 4_800, ...eightOdd },
    { baud: 4_800, ...eight },
  ],
  usb: ['10c4:ea60'],
  samplesPerSecond: 60,
})

export const berryBci = fiveByteOximeter({
  id: 'berry-bci',
  label: 'Berry BM1000/BM2000 oximeter (BCI)',
  source: 'Berry BCI Protocol V1.2; the speed of the line after its sibling PM6750',
  lines: [
    { baud: 115_200, ...eight },
    { baud: 4_800, ...eight },
  ],
  usb: [],
  samplesPerSecond: 100,
})
