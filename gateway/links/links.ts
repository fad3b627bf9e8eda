/** The links of the box: serial ports and serial device servers. */
import type { Link, LinkAddress, LinkHears, Links } from '../world.ts'
import { Claims } from './claims.ts'
import { earOf } from './ear.ts'
import { openSerial } from './serial.ts'
import { openTcpClient } from './tcp-client.ts'
import { tcpServerDefaults, TcpServers, type TcpServerOptions } from './tcp-server.ts'

export interface HostLinks extends Links {
  /** The TCP port that is really listened on, where a `tcp-server` asked for port 0. */
  listeningPort(port: number): number | null
  /** Gives back the TCP ports. Links that are open are closed. */
  close(): Promise<void>
}

export function hostLinks(options: { readonly tcpServer?: TcpServerOptions } = {}): HostLinks {
  const claims = new Claims()
  const servers = new TcpServers(claims, options.tcpServer ?? tcpServerDefaults)

  const open = async (
    address: LinkAddress,
    splits: 'bytes' | 'lines',
    hears: LinkHears,
  ): Promise<Link> => {
    const ear = earOf(splits, hears, () => performance.now())
    if (address.kind === 'serial') return await openSerial(address, ear, claims)
    if (address.kind === 'tcp-client') return await openTcpClient(address, ear, claims)
    return await servers.open(address.port, ear)
  }

  return {
    open,
    listeningPort: (port) => servers.listeningPort(port),
    close: () => servers.close(),
  }
}
