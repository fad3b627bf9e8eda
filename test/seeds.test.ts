/**
 * Worlds from seeds: some dozen of them, those that once failed, and the proof that the simulation
 * looks: it is the same for the same seed, and it finds a rule that is broken on purpose.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { runSeed, type Outcome } from '../gateway/sim/run.ts'
import { runSeeds } from '../gateway/sim/seeds.ts'
import { Templates } from '../gateway/sim/templates.ts'

const root = join(import.meta.dirname, '..')
// One thread: the other processor has other tests.
const jobs = 1
const newSeeds = { from: 1, count: 32 }

/**
 * What each finds when the mistake is made again. A seed means another world when something draws or
 * waits differently, so the rules themselves stand in gateway/sim/mutants.ts.
 */
const onceFailed: readonly (readonly [seed: number, found: string])[] = [
  [9, 'a reader forgot its place in streams that did not come yet, and got them again'],
  [43, 'a landing that knew the van by its will alone did not judge again what it had kept apart'],
  [58, 'a presence of the landing that the broker had lost was not said again'],
  [90, 'a van believed an old will for ever, and repeated nothing'],
  [99, 'a landing that learns keys lost the introduction of the van, and kept all of it apart'],
  [3999, 'S100 lost two zeros on the cable and became a systolic pressure of 1 mmHg'],
]

const templates = new Templates()
// A hundred times what they take on a quiet machine.
t.setTimeout(600_000)
t.teardown(() => templates.remove())

/** What came of each that ran in the threads: the tests below ask for some of them. */
const outcomes = new Map<number, Outcome>()

t.test('seeds: every promise is kept, whatever happens', async (t) => {
  const done = (outcome: Outcome): void => void outcomes.set(outcome.seed, outcome)
  const options = { ...newSeeds, jobs, first: false, templates: templates.folders, done }
  const failed = await runSeeds(options)
  t.strictSame(
    failed.map(({ seed, failure }) => `${seed}: ${failure}`),
    [],
  )
  const sums = { worlds: 0, falls: 0, packets: 0, records: 0 }
  for (const { figures } of outcomes.values()) {
    sums.worlds++
    sums.falls += figures.vanLives + figures.landingLives - 2
    sums.packets += figures.packets
    sums.records += figures.records
  }
  t.equal(sums.worlds, newSeeds.count)
  t.ok(sums.falls > sums.worlds, `${sums.falls} restarts`)
  t.ok(sums.packets > 20 * sums.worlds, `${sums.packets} packets`)
  t.ok(sums.records > sums.packets, `${sums.records} records`)
})

function inThisThread(seed: number, print: (line: string) => void = () => {}): Promise<Outcome> {
  return runSeed(seed, { templates: templates.folders, print })
}

for (const [seed, found] of onceFailed) {
  t.test(`seeds: ${seed} found: ${found}`, async (t) => {
    const { failure } = outcomes.get(seed) ?? (await inThisThread(seed))
    t.equal(failure, null)
  })
}

t.test('seeds: the same seed is the same world', async (t) => {
  const hashes = [...outcomes.values()].map(({ hash }) => hash)
  t.equal(new Set(hashes).size, newSeeds.count, 'no two are alike')
  for (const seed of [8, 3, 1]) {
    const lines: string[] = []
    const { hash, trace } = await inThisThread(seed, (line) => void lines.push(line))
    t.equal(hash, outcomes.get(seed)?.hash, `seed ${seed}, in another thread and another order`)
    t.strictSame(trace, lines.slice(-trace.length), 'the last lines are kept')
  }
})

t.test('seeds: a rule that is broken on purpose is found', async (t) => {
  const run = spawnSync(process.execPath, ['gateway/sim/mutate.ts', 'receive-maximum-ignored'], {
    cwd: root,
    encoding: 'utf8',
  })
  t.equal(run.status, 0, run.stderr)
  t.match(run.stdout, /\| \d+ \| van-01 has more unacknowledged than the Receive Maximum \|/)
})

t.test('seeds: a run that cannot begin says so, and does not look like a finding', async (t) => {
  const run = spawnSync(process.execPath, ['gateway/sim/main.ts', '--seeds', 'many'], {
    cwd: root,
    encoding: 'utf8',
  })
  t.equal(run.status, 1)
  t.match(run.stderr, /--seeds: expected a whole number from 1 on, found many/)
})
