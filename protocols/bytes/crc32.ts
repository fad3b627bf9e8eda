/** CRC-32 as PNG, ZIP and Ethernet have it: polynomial 04C11DB7, lowest bit first, inverted. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let check = byte
  for (let bit = 0; bit < 8; bit++) check = (check >>> 1) ^ ((check & 1) === 1 ? 0xedb8_8320 : 0)
  return check >>> 0
})

export function crc32(bytes: Uint8Array): number {
  let check = 0xffff_ffff
  for (const byte of bytes) check = (table[(check ^ byte) & 0xff] ?? 0) ^ (check >>> 8)
  return (check ^ 0xffff_ffff) >>> 0
}
