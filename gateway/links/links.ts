/** The links of the box: serial ports, networks, USB and folders. */
import type { Link, LinkAddress, LinkHears, Links, Splits } from '../world.ts'
import { Claims } from './claims.ts'
import { earOf } from './ear.ts'
import { folderDefaults, Folders, type FolderOptions } from './folder.ts'
import { openSerial } from './serial.ts'
import { openTcpClient } from './tcp-client.ts'
import { TcpListeners } from './tcp-listener.ts'
import { tcpServerDefaults, TcpServers, type TcpServerOptions } from './tcp-server.ts'
import { openUdp } from './udp.ts'
import type { UsbBus } from './usb-bus.ts'
import { hostUsbBus } from './usb-host.ts'
import { openUsb } from './usb-link.ts'

export interface HostLinks extends Links {
  /** The TCP port that is really listened on, where a `tcp-server` asked for port 0. */
  listeningPort(port: number): number | null
  /** Gives back the TCP ports. Links that are open are closed. */
  close(): Promise<void>
}

export interface HostLinksOptions {
  readonly tcpServer?: TcpServerOptions
  readonly folders?: Partial<FolderOptions>
  readonly usbBus?: UsbBus
}

export function hostLinks(options: HostLinksOptions = {}): HostLinks {
  const claims = new Claims()
  const folders = new Folders(claims, { ...folderDefaults, ...options.folders })
  const bus = options.usbBus ?? hostUsbBus()
  const listeners = new TcpListeners(claims)
  const servers = new TcpServers(claims, options.tcpServer ?? tcpServerDefaults)

  const open = async (address: LinkAddress, splits: Splits, hears: LinkHears): Promise<Link> => {
    const ear = earOf(splits, hears, () => performance.now())
    switch (address.kind) {
      case 'serial':
        return await openSerial(address, ear, claims)
      case 'tcp-client':
        return await openTcpClient(address, ear, claims)
      case 'udp':
        return await openUdp(address, ear, claims)
      case 'tcp-server':
        return await servers.open(address.port, ear)
      case 'folder':
        return await folders.open(address, hears)
      case 'hid':
      case 'usb':
        return await openUsb(address, { bus, claims }, { ear, hears })
    }
  }

  return {
    open,
    listen: (port, splits, hears) => listeners.listen(port, splits, hears),
    listeningPort: (port) => servers.listeningPort(port) ?? listeners.realPort(port),
    close: async () => {
      await Promise.all([servers.close(), listeners.close()])
    },
  }
}
