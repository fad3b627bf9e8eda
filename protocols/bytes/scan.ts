/** What a codec answers when it looks at the start of a buffer. It never throws for bad bytes. */
export type Scan<Packet> =
  | { readonly kind: 'packet'; readonly packet: Packet; readonly length: number }
  | { readonly kind: 'noise'; readonly reason: string; readonly length: number }
  | { readonly kind: 'incomplete' }

/** Looks for one packet at offset 0. `length` is how many bytes the answer consumes, at least 1. */
export type Scanner<Packet> = (bytes: Uint8Array) => Scan<Packet>

export function packet<Packet>(found: Packet, length: number): Scan<Packet> {
  return { kind: 'packet', packet: found, length }
}

/** `reason` is a few words without quoting what was received. */
export function noise(reason: string, length: number): Scan<never> {
  return { kind: 'noise', reason, length }
}

export const incomplete: Scan<never> = { kind: 'incomplete' }
