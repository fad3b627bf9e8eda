/** Restores files one after the other, in a thread that may die of one. */
import { parentPort } from 'node:worker_threads'
import { openDecoders, restoreFile, type Restored } from './restore-file.ts'

export interface RestoreOrder {
  readonly packed: string
  readonly target: string
}

if (parentPort !== null) {
  const port = parentPort
  const decoders = await openDecoders()
  port.on('message', ({ packed, target }: RestoreOrder) => {
    let restored: Restored
    try {
      restored = restoreFile(packed, target, decoders)
    } catch (error) {
      restored = { ok: false, reason: error instanceof Error ? error.message : String(error) }
    }
    port.postMessage(restored)
  })
}
