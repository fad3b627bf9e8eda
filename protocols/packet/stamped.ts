/** What every record carries. */

/** Who found the value: the device sent it, a person typed it, or it was read off a photo. */
export type Source = 'device' | 'typed' | 'photo'

/** Names and short texts. */
export type Words = Readonly<{ [name: string]: string }>

/** What every record carries: when, and who says so. */
export interface Stamped {
  /** Monotonic milliseconds of the box at the first byte, within the boot that the packet names. */
  readonly atMs: number
  /**
   * UTC in milliseconds since 1970 as known when it was stored; null while the box had no
   * believable time. Records of the `clock` stream correct it backwards.
   */
  readonly utcMs: number | null
  /** Half width of the interval that holds the true UTC, in ms; null together with `utcMs`. */
  readonly uncertaintyMs: number | null
  readonly source: Source
  /** True when a simulator or a device in demo mode said it. Stays with the record for ever. */
  readonly simulated: boolean
}
