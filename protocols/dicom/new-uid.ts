/** UIDs of what the van makes itself: a UUID as a number under the arc 2.25 (PS3.5 annex B.2). */

/** `random` are 16 bytes; what makes them a UUID of version 4 (RFC 9562) is put in here. */
export function newUid(random: Uint8Array): string {
  let number = 0n
  for (let at = 0; at < 16; at++) {
    let byte = random[at] ?? 0
    if (at === 6) byte = (byte & 0x0f) | 0x40
    if (at === 8) byte = (byte & 0x3f) | 0x80
    number = number * 256n + BigInt(byte)
  }
  return `2.25.${number}`
}
