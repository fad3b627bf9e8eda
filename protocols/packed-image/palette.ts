/**
 * The colours of an image whose pixels are numbers in a palette. Source: PS3.3 section C.7.6.3.1.5
 * (descriptors) and C.7.6.3.1.6 (data).
 */

export interface Palette {
  /** The pixel value that has the first colour; smaller ones have it, too. */
  readonly first: number
  /** One byte for each colour; pixel values beyond have the last. */
  readonly red: Uint8Array
  readonly green: Uint8Array
  readonly blue: Uint8Array
}

/** The three values of a descriptor, and the data as it stands, little-endian. */
export interface PaletteTable {
  readonly descriptor: Uint8Array
  readonly data: Uint8Array
}

/** 65,536 entries of two bytes. */
export const paletteDataLimitBytes = 131_072
const descriptorBytes = 6

/** null when the three do not fit each other, or are not what they should be. */
export function paletteOf(
  red: PaletteTable,
  green: PaletteTable,
  blue: PaletteTable,
  isSigned: boolean,
): Palette | null {
  const tables = [red, green, blue].map(coloursOf)
  const [reds = null, greens = null, blues = null] = tables
  const areThere = reds !== null && greens !== null && blues !== null
  if (!areThere || new Set(tables.map((one) => one?.length)).size !== 1) return null
  const view = new DataView(red.descriptor.buffer, red.descriptor.byteOffset, descriptorBytes)
  const first = isSigned ? view.getInt16(2, true) : view.getUint16(2, true)
  return { first, red: reds, green: greens, blue: blues }
}

function coloursOf({ descriptor, data }: PaletteTable): Uint8Array | null {
  if (descriptor.length < descriptorBytes) return null
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptorBytes)
  // 0 stands for what does not fit into 16 bits.
  const count = view.getUint16(0, true) || 65_536
  const bits = view.getUint16(4, true)
  if (bits !== 8 && bits !== 16) return null
  const isBytes = bits === 8 && data.length >= count && data.length < 2 * count
  if (isBytes) return data.slice(0, count)
  if (data.length < 2 * count) return null
  const high = Uint8Array.from({ length: count }, (_, index) => data[2 * index + 1] ?? 0)
  const low = Uint8Array.from({ length: count }, (_, index) => data[2 * index] ?? 0)
  // Some say 16 bits and mean 8.
  return bits === 8 || high.every((value) => value === 0) ? low : high
}
