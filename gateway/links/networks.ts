/** Notices when the box gets another address: the network is there, or another one. */
import { networkInterfaces } from 'node:os'
import type { Clock } from '../../protocols/world/clock.ts'

/** Node has no event for it, and asking the kernel costs some microseconds. */
const lookEveryMs = 2_000

/** Calls `appeared` when an address is there that was not. Call what is returned to end it. */
export function watchNetworks(
  clock: Clock,
  appeared: () => void,
  addressesNow: () => readonly string[] = outsideAddresses,
): () => void {
  let known = new Set(addressesNow())
  const look = () => {
    const now = new Set(addressesNow())
    const isNew = [...now].some((address) => !known.has(address))
    known = now
    if (isNew) appeared()
    cancel = clock.after('look for another network', lookEveryMs, look)
  }
  let cancel = clock.after('look for another network', lookEveryMs, look)
  return () => cancel()
}

function outsideAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal)
    .map((one) => one.address)
}
