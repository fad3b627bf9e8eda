/** Where a device is plugged in, in words that a person can look for. */
import type { LinkAddress } from '../world.ts'

/** One text for each place: two addresses with the same text mean the same socket. */
export function placeOf(address: LinkAddress): string {
  if (address.kind === 'serial') return address.path
  if (address.kind === 'tcp-client') return `${address.host}:${address.port}`
  return `TCP port ${address.port}`
}
