/**
 * Any personal health device of IEEE 11073: oximeter, simple ECG, blood pressure, thermometer,
 * scale, glucose meter, body composition, peak flow. The device says itself what it measures.
 */
import type { ManagerOptions } from '../protocols/ieee11073/manager.ts'
import { standardConfigurations } from '../protocols/ieee11073/standard-configurations.ts'
import type { Driver } from './driver.ts'
import { managerSession } from './ieee11073-session.ts'

/** Our EUI-64: locally administered, and the same everywhere, since no agent looks at it. */
const systemId = Uint8Array.of(0x02, 0x53, 0x49, 0x4d, 0x50, 0x55, 0x4c, 0x01)

const idleTcpMs = 300_000

export const personalHealthManager: ManagerOptions = {
  systemId,
  standards: standardConfigurations,
  looksAtStore: true,
  releasesAfterStore: false,
  idleCloseMs: null,
}

export const ieee11073: Driver = {
  id: 'ieee11073',
  label: 'Personal health device (IEEE 11073-20601)',
  source:
    'Published managers and agents (Antidote, stacks of Freescale and Microchip); sessions of ' +
    "Antidote's agents with its manager, recorded; the standard itself was not available",
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    { kind: 'usb', usb: [], carries: 'phdc' },
    { kind: 'tcp', weAre: 'server', port: 6_024, splits: 'bytes' },
    {
      kind: 'serial',
      lines: [{ baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // The device begins. Afterwards nothing is asked that changes what it has stored, or its clock.
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'numerics', 'waveform', 'event'],
  silentAfterMs: null,
  session: (over) =>
    managerSession({
      ...personalHealthManager,
      idleCloseMs: over === 'tcp' ? idleTcpMs : null,
    }),
}
