/** One thread that runs seeds as they are given to it, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { runSeed, type Outcome } from './run.ts'
import type { TemplateFolders } from './templates.ts'

/**
 * To the thread: where its templates lie, and then seeds to run. From it: one outcome a seed, in
 * order.
 */
export type ToWorker = readonly number[]
export type FromWorker = Outcome

const port = parentPort
if (port === null) throw new Error('this file is started as a thread')

const templates = workerData as TemplateFolders

port.on('message', (seeds: ToWorker) => {
  void (async () => {
    for (const seed of seeds) port.postMessage(await runSeed(seed, { templates, print: null }))
  })()
})
