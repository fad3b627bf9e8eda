/**
 * UUIDs as 16 bytes on the wire and as text everywhere else. Source: RFC 9562, sections 4 and 5.7.
 *
 *   0                   1                   2                   3
 *  | unix_ts_ms, 48 bits                           | ver 7 | rand_a |
 *  |var| rand_b, 62 bits                                            |
 */
import { fromHex, toHex } from './hex.ts'

export const uuidBytes = 16

/** Lower case with dashes, any version: the boot id of Linux is a version 4. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
}

/** null unless `isUuid(text)`. */
export function uuidToBytes(text: string): Uint8Array | null {
  return isUuid(text) ? fromHex(text.replaceAll('-', '')) : null
}

/** Throws a RangeError unless there are exactly 16 bytes. */
export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== uuidBytes) {
    throw new RangeError(`a UUID has ${uuidBytes} bytes, found ${bytes.length}`)
  }
  const hex = toHex(bytes)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

/**
 * A UUID of version 7 that sorts behind all of `others`, whatever the clock says: a box may wake up
 * in the past. `random` as for `uuidV7`.
 */
export function laterUuidV7(wallMs: number, others: readonly string[], random: Uint8Array): string {
  const newest = others.reduce((newest, other) => (other > newest ? other : newest), '')
  const fresh = uuidV7(wallMs, random)
  const newestMs = Number.parseInt(newest.replaceAll('-', '').slice(0, 12), 16)
  return fresh > newest ? fresh : uuidV7(newestMs + 1, random)
}

/**
 * A UUID of version 7: sorts by `wallMs`. `random` gives 10 bytes, of which 74 bits are used. A
 * wall time that does not fit into 48 bits becomes the nearest one that does, because an epoch must
 * come into being also when the clock is wild.
 */
export function uuidV7(wallMs: number, random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError(`10 random bytes needed, found ${random.length}`)
  const bytes = new Uint8Array(uuidBytes)
  let rest = Math.min(Math.max(Math.trunc(wallMs), 0), 2 ** 48 - 1)
  for (let index = 5; index >= 0; index--) {
    bytes[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes.set(random, 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return uuidFromBytes(bytes)
}
