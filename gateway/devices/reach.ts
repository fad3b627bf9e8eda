/** In which of its ways a driver is reached at an address. */
import type { Driver, DriverLink } from '../../drivers/driver.ts'
import type { LinkAddress, Splits } from '../world.ts'

export interface Reach {
  readonly over: DriverLink['kind']
  readonly splits: Splits
  /** Several devices may be connected at a time, each with a dialogue of its own. */
  readonly isShared: boolean
}

/**
 * null when the driver cannot be reached so. A device that speaks over the network itself is not
 * taken for one behind a serial device server.
 */
export function reachOf(driver: Pick<Driver, 'links'>, address: LinkAddress): Reach | null {
  const ways = driver.links.flatMap((link) => reachBy(link, address) ?? [])
  return ways.find(({ over }) => over !== 'serial') ?? ways[0] ?? null
}

function reachBy(link: DriverLink, address: LinkAddress): Reach | null {
  const { kind } = address
  switch (link.kind) {
    case 'serial':
      // Also behind a serial device server, which passes on what goes over its line.
      if (kind !== 'serial' && kind !== 'tcp-client' && kind !== 'tcp-server') return null
      return { over: 'serial', splits: link.splits, isShared: false }
    case 'tcp':
      if (kind !== `tcp-${link.weAre}`) return null
      return { over: 'tcp', splits: link.splits, isShared: link.weAre === 'server' }
    case 'udp':
      return kind === 'udp' ? { over: 'udp', splits: 'whole', isShared: false } : null
    case 'hid':
      if (kind !== 'hid' || address.carries !== link.carries) return null
      return {
        over: 'hid',
        splits: link.carries === 'cp2110' ? 'bytes' : 'whole',
        isShared: false,
      }
    case 'usb':
      if (kind !== 'usb' || address.carries !== link.carries) return null
      return { over: 'usb', splits: 'whole', isShared: false }
    case 'folder':
      return kind === 'folder' ? { over: 'folder', splits: 'whole', isShared: false } : null
    case 'keypad':
      return null
  }
}
