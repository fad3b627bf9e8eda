/** Philips IntelliVue monitors, over their data export. */
import type { Driver } from './driver.ts'
import { intellivueSession } from './philips-intellivue-session.ts'
import { declaredWaves } from './philips-intellivue-waves.ts'

const line = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const

export const philipsIntellivue: Driver = {
  id: 'philips-intellivue',
  label: 'Philips IntelliVue MP, MX, X2, X3 monitor',
  source:
    'A dialogue with an MP20 in demo mode, captured over UDP; the same bytes in three independent ' +
    'clients; test vectors of OpenICE for the serial frame',
  evidence: 'captured',
  confidence: 'high',
  links: [
    { kind: 'serial', lines: [line], usb: [], splits: 'bytes' },
    { kind: 'udp', port: 24_105 },
  ],
  asks: 'harmless',
  waves: declaredWaves,
  streams: ['measurement', 'numerics', 'waveform'],
  silentAfterMs: 60_000,
  session: (over = 'serial') => intellivueSession(over === 'udp' ? 'datagrams' : 'frames'),
}
