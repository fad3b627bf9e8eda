/** Where a device is plugged in, in words that a person can look for. */
import type { LinkAddress, UsbAddress } from '../world.ts'

/** One text for each place: two addresses with the same text mean the same socket. */
export function placeOf(address: LinkAddress): string {
  switch (address.kind) {
    case 'serial':
    case 'folder':
      return address.path
    case 'tcp-client':
      return `${address.host}:${address.port}`
    case 'tcp-server':
      return `TCP port ${address.port}`
    case 'udp':
      return `UDP ${address.host}:${address.port}`
    case 'hid':
    case 'usb':
      return usbPlace(address)
  }
}

/** By what a person can see: the socket if it is named, the number on the device, else its ids. */
function usbPlace({ usb, serialNumber, socket }: UsbAddress): string {
  const named = [
    socket === null ? null : `socket ${socket}`,
    serialNumber === null ? null : `number ${serialNumber}`,
  ].filter((word) => word !== null)
  return ['USB', ...(named.length === 0 ? usb : named)].join(' ')
}
