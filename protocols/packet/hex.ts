const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Of each ASCII character: what it stands for as a lower-case hex digit. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return Math.max(digit, 0)
})

/** Lower-case hex of all bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += pairs[bytes[index] ?? 0]
  return text
}

/** null unless `text` is an even number of lower-case hex digits. */
export function fromHex(text: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    const high = digits[text.charCodeAt(index * 2)] ?? 0
    bytes[index] = (high << 4) | (digits[text.charCodeAt(index * 2 + 1)] ?? 0)
  }
  return bytes
}

/** The same bytes without what a subclass adds: Node's Buffer slices without copying. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
