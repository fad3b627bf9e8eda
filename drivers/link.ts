/** What is asked of the links of a driver. */
import type { Driver, DriverLink, SerialLine } from './driver.ts'

/** `serial 2400 8N1, 9600 8N1; tcp server 6024`: in the order in which they are tried. */
export function linkText(link: DriverLink): string {
  switch (link.kind) {
    case 'serial':
      return `serial ${link.lines.map(lineText).join(', ')}`
    case 'tcp':
      return `tcp ${link.weAre}${link.port === null ? '' : ` ${link.port}`}`
    case 'udp':
      return `udp ${link.port}`
    case 'hid':
      return `${link.carries === 'cp2110' ? 'CP2110' : 'HID'} ${link.usb.join(', ')}`
    case 'usb':
      return `USB ${link.carries} ${link.usb.join(', ')}`.trimEnd()
    case 'folder':
      return `folder ${link.endings.join(', ')}`
    case 'keypad':
      return 'keypad'
  }
}

function lineText({ baud, dataBits, parity, stopBits }: SerialLine): string {
  return `${baud} ${dataBits}${parity.slice(0, 1).toUpperCase()}${stopBits}`
}

/** The first link of a kind that the driver can be reached by; null when there is none. */
export function linkOf<Kind extends DriverLink['kind']>(
  driver: Pick<Driver, 'links'>,
  kind: Kind,
): Extract<DriverLink, { kind: Kind }> | null {
  const isOfKind = (link: DriverLink): link is Extract<DriverLink, { kind: Kind }> =>
    link.kind === kind
  return driver.links.find(isOfKind) ?? null
}
