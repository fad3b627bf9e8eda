/** Makes the driver of a device that hands over whole objects: the link delivers, we only read. */
import type { Driver, Heard, Said, Session } from './driver.ts'

export type Received =
  | { readonly ok: true; readonly said: Iterable<Said> }
  | { readonly ok: false; readonly reason: string }

export interface Receiving extends Omit<Driver, 'session'> {
  /** A larger object is noise, whole. */
  readonly objectLimitBytes: number
  readonly read: (object: Uint8Array) => Received
}

/** Between two objects there is nothing to notice, so it does not matter how long we listen. */
const idleMs = 60_000

export function receiving(options: Receiving): Driver {
  const { objectLimitBytes, read, ...card } = options
  return { ...card, session: () => receive(objectLimitBytes, read) }
}

function* receive(objectLimitBytes: number, read: Receiving['read']): Session {
  for (;;) {
    const heard: Heard | undefined = yield { kind: 'listen', ms: idleMs }
    if (heard?.kind !== 'bytes') continue
    const received: Received =
      heard.bytes.length > objectLimitBytes
        ? { ok: false, reason: 'larger than its limit' }
        : read(heard.bytes)
    if (!received.ok) {
      yield { kind: 'noise', reason: received.reason, bytes: heard.bytes }
      continue
    }
    yield { kind: 'packet', atMs: heard.atMs }
    yield* sayAll(received.said)
  }
}

function* sayAll(said: Iterable<Said>): Session {
  for (const one of said) yield one
}
