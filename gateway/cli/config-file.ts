/** The configuration's file, read for the daemon. */
import { Worker } from 'node:worker_threads'
import type { ReadConfig } from '../config/finding.ts'

export const defaultConfigPath = '/etc/simpul/simpul.json'

/**
 * Reads the file in a thread that ends with it: what understands the schema takes 20 MB, which a
 * daemon that runs for months needs for one moment.
 */
export function readConfigApart(path: string): Promise<ReadConfig> {
  return new Promise((resolve, reject) => {
    const script = new URL('./config-thread.ts', import.meta.url)
    const worker = new Worker(script, { name: 'config', workerData: path })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
