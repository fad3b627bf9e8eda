/**
 * Runs simulated worlds, one a seed.
 *
 *     node gateway/sim/main.ts --seeds 1000
 *     node gateway/sim/main.ts --from 1497 --seeds 1 --verbose
 *
 * Ends with 0 when all seeds passed, 4 when one failed, 1 when the run itself broke.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runSeed, type Figures, type Outcome } from './run.ts'
import { runSeeds } from './seeds.ts'
import { Templates, type TemplateFolders } from './templates.ts'

const failedCode = 4
const brokenCode = 1
const progressEveryMs = 5_000
/** Of a seed that failed, and of how many seeds. */
const linesShown = 40
const failuresShown = 5

interface Options {
  readonly seeds: number
  readonly from: number
  readonly jobs: number
  readonly first: boolean
  readonly verbose: boolean
}

function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      first: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  })
  return {
    seeds: wholeNumber('--seeds', values.seeds, 1),
    from: wholeNumber('--from', values.from, 0),
    jobs: wholeNumber('--jobs', values.jobs, 1),
    first: values.first,
    verbose: values.verbose,
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`${name}: expected a whole number from ${least} on, found ${text}`)
}

/** What went on in the seeds so far, and how fast. */
class Progress {
  readonly #startedMs = performance.now()
  readonly #seeds: number
  readonly #sums = new Map<string, number>()
  #done = 0
  #failed = 0
  #slowestMs = 0
  #shownMs = performance.now()

  constructor(seeds: number) {
    this.#seeds = seeds
  }

  add({ seed, failure, figures }: Outcome): void {
    this.#done++
    if (failure !== null) {
      this.#failed++
      say(`seed ${seed}: ${failure.split('\n')[0]}`)
    }
    this.#slowestMs = Math.max(this.#slowestMs, figures.settledMs)
    for (const [name, figure] of Object.entries(figures)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + figure)
    }
    const nowMs = performance.now()
    if (nowMs - this.#shownMs < progressEveryMs) return
    this.#shownMs = nowMs
    say(`${this.#done} of ${this.#seeds}, ${this.#failed} failed, ${this.#rate()} a minute`)
  }

  summary(): string {
    const mean = (name: keyof Figures): number => (this.#sums.get(name) ?? 0) / this.#done
    const seconds = (performance.now() - this.#startedMs) / 1000
    return [
      `${this.#done} worlds in ${seconds.toFixed(1)} s, ${this.#rate()} a minute`,
      `in each: ${mean('records').toFixed(0)} records in ${mean('packets').toFixed(0)} packets, ` +
        `${mean('messages').toFixed(0)} messages, ${mean('vanLives').toFixed(1)} lives of the ` +
        `gateway, ${mean('landingLives').toFixed(1)} of the landing`,
      `all had arrived ${(mean('settledMs') / 1000).toFixed(0)} s after the last fault, ` +
        `${(this.#slowestMs / 1000).toFixed(0)} s at the latest`,
    ].join('\n')
  }

  #rate(): string {
    const minutes = (performance.now() - this.#startedMs) / 60_000
    return (this.#done / minutes).toFixed(0)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function tell({ seed, failure, trace }: Outcome): void {
  say(`\nseed ${seed} failed: ${failure}`)
  for (const line of trace.slice(-linesShown)) say(`  ${line}`)
  say(`again: node gateway/sim/main.ts --from ${seed} --seeds 1 --verbose\n`)
}

/** Every line as it comes, in this thread. */
async function watch(
  { from, seeds }: Options,
  templates: TemplateFolders,
  done: SeedDone,
): Promise<readonly Outcome[]> {
  const failed: Outcome[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await runSeed(seed, { templates, print: say })
    say(`seed ${seed}: ${outcome.failure ?? 'passed'}, trace ${outcome.hash}`)
    done(outcome)
    if (outcome.failure !== null) failed.push(outcome)
  }
  return failed
}

type SeedDone = (outcome: Outcome) => void

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2))
  const templates = new Templates()
  const stop = (): void => {
    templates.remove()
    process.exit(brokenCode)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await runAll(options, templates.folders)
  } finally {
    templates.remove()
  }
}

async function runAll(options: Options, templates: TemplateFolders): Promise<number> {
  const progress = new Progress(options.seeds)
  const done: SeedDone = (outcome) => progress.add(outcome)
  const failed = options.verbose
    ? await watch(options, templates, done)
    : await runSeeds({ ...options, count: options.seeds, templates, done })
  for (const outcome of failed.slice(0, failuresShown)) tell(outcome)
  say(progress.summary())
  const [lowest] = failed
  if (lowest === undefined) return 0
  say(`failed seeds: ${failed.map(({ seed }) => seed).join(' ')}`)
  const count = lowest.seed - options.from + 1
  const reason = lowest.failure?.split('\n')[0] ?? ''
  say(`failed after ${count} ${count === 1 ? 'seed' : 'seeds'}: ${reason}`)
  return failedCode
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = brokenCode
}
