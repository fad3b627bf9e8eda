/** The links of the box: serial ports, networks, USB and folders. */
import { linkTrouble } from '../errors/links.ts'
import type { Link, LinkAddress, LinkHears, Links, Splits } from '../world.ts'
import { Claims } from './claims.ts'
import { earOf } from './ear.ts'
import { folderDefaults, Folders, type FolderOptions } from './folder.ts'
import { openSerial } from './serial.ts'
import { openTcpClient } from './tcp-client.ts'
import { TcpListeners } from './tcp-listener.ts'
import { tcpServerDefaults, TcpServers, type TcpServerOptions } from './tcp-server.ts'

export interface HostLinks extends Links {
  /** The TCP port that is really listened on, where a `tcp-server` asked for port 0. */
  listeningPort(port: number): number | null
  /** Gives back the TCP ports. Links that are open are closed. */
  close(): Promise<void>
}

export interface HostLinksOptions {
  readonly tcpServer?: TcpServerOptions
  readonly folders?: Partial<FolderOptions>
}

export function hostLinks(options: HostLinksOptions = {}): HostLinks {
  const claims = new Claims()
  const folders = new Folders(claims, { ...folderDefaults, ...options.folders })
  const listeners = new TcpListeners(claims)
  const servers = new TcpServers(claims, options.tcpServer ?? tcpServerDefaults)

  const open = async (address: LinkAddress, splits: Splits, hears: LinkHears): Promise<Link> => {
    const ear = earOf(splits, hears, () => performance.now())
    switch (address.kind) {
      case 'serial':
        return await openSerial(address, ear, claims)
      case 'tcp-client':
        return await openTcpClient(address, ear, claims)
      case 'tcp-server':
        return await servers.open(address.port, ear)
      case 'folder':
        return await folders.open(address, hears)
      case 'hid':
      case 'usb':
        throw linkTrouble('link-no-usb-device', { path: 'USB' })
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
