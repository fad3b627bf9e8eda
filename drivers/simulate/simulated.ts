/**
 * A simulated device: the other end of a session, and a plain generator like it. It has no clock;
 * who runs it waits and writes.
 */
export interface Spoken {
  /** After what was spoken before. */
  readonly afterMs: number
  /** May be empty: then the device only listens. */
  readonly bytes: Uint8Array
}

/** Is resumed with what the host has said meanwhile; undefined when it said nothing. */
export type Simulated = Generator<Spoken, void, Uint8Array | undefined>
