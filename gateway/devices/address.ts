/** Where a device is, from what the configuration says and what its driver knows. */
import type { Driver } from '../../drivers/driver.ts'
import { linkOf } from '../../drivers/link.ts'
import type { DeviceLink } from '../config/device-links.ts'
import type { LinkAddress, UsbAddress } from '../world.ts'
import { reachOf } from './reach.ts'

/** What of a driver says how it is reached. */
export type Reached = Pick<Driver, 'links'>

/** null for the keypad, and where the driver cannot be reached so: see `linkKindsOf`. */
export function addressOf(link: DeviceLink, driver: Reached): LinkAddress | null {
  const address = plainAddressOf(link, driver)
  return address !== null && reachOf(driver, address) !== null ? address : null
}

/** The kinds of link that a device with this driver may have in the configuration. */
export function linkKindsOf({ links }: Reached): readonly DeviceLink['kind'][] {
  const kinds = links.flatMap((link): readonly DeviceLink['kind'][] => {
    if (link.kind === 'serial') return ['serial', 'tcp-client', 'tcp-server']
    return [link.kind === 'tcp' ? `tcp-${link.weAre}` : link.kind]
  })
  return [...new Set(kinds)]
}

function plainAddressOf(link: DeviceLink, driver: Reached): LinkAddress | null {
  switch (link.kind) {
    case 'serial': {
      const line = link.line ?? linkOf(driver, 'serial')?.lines[0]
      return line === undefined ? null : { kind: 'serial', path: link.path, line }
    }
    case 'tcp-client':
    case 'tcp-server':
    case 'udp':
      return link
    case 'hid': {
      const known = linkOf(driver, 'hid')
      if (known === null) return null
      const place = usbAddressOf(link, known.usb)
      if (known.carries === 'reports') return { kind: 'hid', carries: 'reports', ...place }
      const line = link.line ?? known.lines[0]
      return line === undefined ? null : { kind: 'hid', carries: 'cp2110', line, ...place }
    }
    case 'usb': {
      const known = linkOf(driver, 'usb')
      if (known === null) return null
      return { kind: 'usb', carries: known.carries, ...usbAddressOf(link, known.usb) }
    }
    case 'folder': {
      const known = linkOf(driver, 'folder')
      if (known === null) return null
      const { endings, limitBytes } = known
      return { kind: 'folder', path: link.path, after: link.after, endings, limitBytes }
    }
    case 'keypad':
      return null
  }
}

function usbAddressOf(
  link: Extract<DeviceLink, { kind: 'hid' | 'usb' }>,
  known: readonly string[],
): UsbAddress {
  const { usb, serialNumber = null, socket = null } = link
  return { usb: usb === undefined ? known : [usb], serialNumber, socket }
}
