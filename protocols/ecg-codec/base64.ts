/** Base64 (RFC 4648, section 4) to bytes, leaving out what is none of its characters. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function base64Bytes(text: string): Uint8Array {
  const places = new Int8Array(128).fill(-1)
  for (let place = 0; place < alphabet.length; place++) places[alphabet.charCodeAt(place)] = place
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let length = 0
  let held = 0
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const place = places[text.charCodeAt(at)] ?? -1
    if (place < 0) continue
    held = ((held << 6) | place) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = held >> bits
  }
  return bytes.subarray(0, length)
}
