/** One thread that runs seeds as they are given to it, one after the other. */
import { parentPort } from 'node:worker_threads'
import { runSeed, type Outcome } from './run.ts'
import { Templates } from './templates.ts'

/** To the thread: seeds to run. From it: one outcome a seed, in order. */
export type ToWorker = readonly number[]
export type FromWorker = Outcome

const port = parentPort
if (port === null) throw new Error('this file is started as a thread')

const templates = new Templates()
process.once('exit', () => templates.remove())

port.on('message', (seeds: ToWorker) => {
  void (async () => {
    for (const seed of seeds) port.postMessage(await runSeed(seed, { templates, print: null }))
  })()
})
