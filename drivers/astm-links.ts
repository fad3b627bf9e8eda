/** How laboratory instruments that speak ASTM are reached. */
import type { DriverLink } from './driver.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

export const astmLinks: readonly [DriverLink, ...DriverLink[]] = [
  {
    kind: 'serial',
    lines: [
      { baud: 9_600, ...eight },
      { baud: 19_200, ...eight },
      { baud: 4_800, ...eight },
    ],
    usb: [],
    splits: 'bytes',
  },
  // The instrument's menu says which of the two it is, and at which port.
  { kind: 'tcp', weAre: 'server', port: null, splits: 'bytes' },
  { kind: 'tcp', weAre: 'client', port: null, splits: 'bytes' },
]
