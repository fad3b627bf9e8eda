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

export function base64Text(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3)
    const held = (one << 16) | ((two ?? 0) << 8) | (three ?? 0)
    const signs = [held >> 18, (held >> 12) & 63, (held >> 6) & 63, held & 63].map(
      (place) => alphabet[place] ?? '',
    )
    text += signs.slice(0, two === undefined ? 2 : three === undefined ? 3 : 4).join('')
    text += '='.repeat(two === undefined ? 2 : three === undefined ? 1 : 0)
  }
  return text
}
