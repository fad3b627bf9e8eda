/**
 * Waits for a file to become another one. It is looked at now and then: a watch would miss what
 * happened before it began, and needs a folder that is there.
 */
import { statSync } from 'node:fs'
import type { Clock } from '../../protocols/world/clock.ts'

const lookEveryMs = 1_000

/** Two of them differ when the file was written, replaced, made or removed between them. */
export function fileState(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs].join(' ')
  } catch {
    return 'cannot be looked at'
  }
}

/** Resolves when the file is not as `fileState` said, and at the signal. */
export async function changedSince(
  before: string,
  parts: {
    readonly path: string
    readonly clock: Pick<Clock, 'sleep'>
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { path, clock, signal } = parts
  while (!signal.aborted && fileState(path) === before) {
    await clock.sleep(lookEveryMs, signal).catch(() => undefined)
  }
}
