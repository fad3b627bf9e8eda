/** Many seeds on all cores. */
import { Worker } from 'node:worker_threads'
import type { Outcome } from './run.ts'
import type { TemplateFolders } from './templates.ts'
import type { FromWorker, ToWorker } from './worker.ts'

export interface SeedsOptions {
  readonly from: number
  readonly count: number
  readonly jobs: number
  /** Stops at the first seed that fails, in the order of the numbers. */
  readonly first: boolean
  readonly templates: TemplateFolders
  /** Called for each, in the order in which they are done. */
  readonly done: (outcome: Outcome) => void
}

/**
 * So many seeds are given to a thread at once: few, so that none has to wait for another at the
 * end.
 */
const batchSeeds = 4
/** A world leaves much behind: with more room for the young, a tenth of the time is saved. */
const youngMegabytes = 128

/**
 * Resolves with the outcomes of the seeds that failed, lowest first. With `first` there is at most
 * one, and all seeds below it have passed. Rejects when a thread dies.
 */
export async function runSeeds(options: SeedsOptions): Promise<readonly Outcome[]> {
  const failed: Outcome[] = []
  const end = options.from + options.count
  let next = options.from
  /** No seed at or above it matters any more. */
  let limit = end

  const take = (outcome: Outcome): void => {
    options.done(outcome)
    if (outcome.failure === null) return
    failed.push(outcome)
    if (options.first) limit = Math.min(limit, outcome.seed)
  }
  const batch = (): ToWorker => {
    const seeds: number[] = []
    while (seeds.length < batchSeeds && next < limit) seeds.push(next++)
    return seeds
  }
  const jobs = Math.min(options.jobs, Math.ceil(options.count / batchSeeds))
  const thread = (): Promise<void> => oneThread(options.templates, batch, take)
  await Promise.all(Array.from({ length: jobs }, thread))
  const lowest = failed.toSorted((one, other) => one.seed - other.seed)
  return options.first ? lowest.slice(0, 1) : lowest
}

async function oneThread(
  templates: TemplateFolders,
  batch: () => ToWorker,
  take: (outcome: Outcome) => void,
): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: templates,
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let waiting = 0
  const feed = (): void => {
    const seeds = batch()
    waiting = seeds.length
    if (waiting === 0) resolve()
    else worker.postMessage(seeds)
  }
  worker.on('message', (outcome: FromWorker) => {
    take(outcome)
    waiting--
    if (waiting === 0) feed()
  })
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`a thread ended with code ${code}`)))
  feed()
  try {
    await promise
  } finally {
    await worker.terminate()
  }
}
