/** Any character of Unicode, for properties about texts. */
import * as fc from 'fast-check'

/**
 * All that UTF-8 can say: no half of a surrogate pair. As `unit: 'binary'` draws them, which lists
 * a million characters first and takes a second for it.
 */
export const character = fc
  .oneof(
    fc.nat(0x7f),
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10_ffff }),
  )
  .map((code) => String.fromCodePoint(code))
