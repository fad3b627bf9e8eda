/** Oridion Capnostream 20: CO2 in the breath, and an oximeter. */
import {
  capnostreamLimitBytes,
  encodeCapnostreamCommand,
  scanCapnostream,
  type CapnostreamCommand,
} from '../protocols/capnostream/frame.ts'
import { otherWaves } from '../protocols/vocabulary/waves.ts'
import { CapnostreamReader } from './capnostream20-reader.ts'
import { streaming } from './streaming.ts'

const line = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const

function say(command: CapnostreamCommand, why: string): { bytes: Uint8Array; why: string } {
  return { bytes: encodeCapnostreamCommand(command), why }
}

export const capnostream20 = streaming({
  id: 'capnostream20',
  label: 'Oridion/Medtronic Capnostream 20, 20p',
  source: 'The reader of OpenICE, which was used with real units',
  evidence: 'documented',
  confidence: 'medium',
  links: [{ kind: 'serial', lines: [line], usb: [], splits: 'bytes' }],
  asks: 'harmless',
  waves: [
    {
      name: 'co2',
      rate: { samples: 20, perMs: 1_000 },
      leads: [{ code: otherWaves.co2.code, unit: 'mm[Hg]', lsb: 1 / 256, zero: 0 }],
    },
  ],
  streams: ['numerics', 'waveform', 'event'],
  silentAfterMs: 20_000,

  scan: scanCapnostream,
  packetLimitBytes: capnostreamLimitBytes,
  pausedAfterMs: 500,
  opening: {
    commands: [say('enable', 'enable the port'), say('start', 'start the stream')],
    spacingMs: 1_000,
    againAfterMs: 10_000,
    keepAlive: { ...say('alive', 'or the unit thinks that the line is lost'), everyMs: 4_000 },
  },
  read: () => new CapnostreamReader(),
})
