/**
 * One seed, one world: a van with its devices, a broker that lies, a hospital, and what can happen
 * to
 * them in a minute. First things go wrong; then nothing does any more, and all that was promised
 * must
 * arrive.
 */
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { Scratch } from './scratch.ts'
import type { TemplateFolders } from './templates.ts'
import { Trace } from './trace.ts'
import { SimWorld } from './world.ts'

export interface Outcome {
  readonly seed: number
  /** What was wrong, or null. */
  readonly failure: string | null
  /** Equal for two runs of the same seed. */
  readonly hash: string
  /** The last things that happened. */
  readonly trace: readonly string[]
  readonly figures: Figures
}

export interface Figures {
  readonly records: number
  readonly packets: number
  /** At the broker, from everybody. */
  readonly messages: number
  /** What the reader was given. */
  readonly items: number
  readonly vanLives: number
  readonly landingLives: number
  /** How long it took until all had arrived after the last thing had gone wrong. */
  readonly settledMs: number
}

export interface RunOptions {
  readonly templates: TemplateFolders
  /** Gets every line of the trace as it comes; null: nobody watches. */
  readonly print: ((line: string) => void) | null
}

/** How often it is looked whether something was wrong. */
const stepMs = 500
const lookEveryMs = 2_000
/** Once nothing goes wrong any more, everything must have arrived within this. */
const settleWithinMs = 15 * 60_000

export async function runSeed(seed: number, options: RunOptions): Promise<Outcome> {
  const scratch = new Scratch(options.templates.root)
  const clock = fakeClock()
  const trace = new Trace(clock, options.print)
  const world = new SimWorld({ seed, clock, trace, scratch, templates: options.templates })
  const { witness } = world
  let settledMs = 0
  try {
    settledMs = await goThrough(world, clock)
  } catch (error) {
    witness.fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    world.leave()
    scratch.remove()
  }
  return {
    seed,
    failure: witness.failure,
    hash: trace.hash(),
    trace: trace.last(),
    figures: {
      records: witness.promised.storedCount,
      packets: witness.packetCount,
      messages: world.messages,
      items: world.reader.itemCount,
      vanLives: world.van.lives,
      landingLives: world.hospital.lives,
      settledMs,
    },
  }
}

/** Answers how long it took to settle. */
async function goThrough(world: SimWorld, clock: FakeClock): Promise<number> {
  const { plan, witness, calamities } = world
  world.start()
  const goOn = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms && witness.failure === null; passedMs += stepMs) {
      await clock.advance(Math.min(stepMs, ms - passedMs))
    }
  }
  await goOn(plan.activeMs)
  witness.trace.note('fate', 'calm')
  calamities.calm()
  for (let settledMs = 0; witness.failure === null; settledMs += lookEveryMs) {
    const missing = await world.missing()
    if (missing === null) {
      world.checkEnd()
      return settledMs
    }
    if (settledMs >= settleWithinMs) witness.fail(`never arrived: ${missing}`)
    await goOn(lookEveryMs)
  }
  return 0
}
