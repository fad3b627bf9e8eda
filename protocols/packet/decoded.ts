/** What decoding bytes from outside answers. It never throws: bad bytes are an ordinary case. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  /** `reason` says where, what was expected and what was found, without quoting texts. */
  | { readonly ok: false; readonly reason: string }

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value }
}

export function undecoded(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
