/** What the page says, in both of its languages. */

export type Language = 'id' | 'en'

/** One text in both languages. */
export type Both = { readonly [L in Language]: string }

/** What was seen and what the person should do, in both languages. */
export interface TroubleWords {
  readonly code: string
  readonly en: { readonly what: string; readonly todo: string }
  readonly id: { readonly what: string; readonly todo: string }
}
