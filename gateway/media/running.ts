/** One job on a medium, from its beginning to its report. It knows no threads. */
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { look, type LookHears } from './looking.ts'
import type { Job, JobResult, Place, RunEnding, RunReport } from './messages.ts'
import { MediumGone, openSource } from './source-file.ts'
import { refusedBy, takeInstance, type TakeRefusal, type TakingDoors } from './taking.ts'
import { isThere } from './walk.ts'
import { wrapFile, type Wrapped, type WrapOrder } from './wrapping.ts'

/** After so many one after the other the journal is no accident any more. */
const failuresMax = 3

export async function runJob(job: Job, doors: TakingDoors, hears: LookHears): Promise<JobResult> {
  if (job.kind === 'look') {
    try {
      return { kind: 'looked', look: await look(job.folder, hears) }
    } catch {
      return { kind: 'gone' }
    }
  }
  const place = { ...job.place, root: await realpath(job.place.root).catch(() => job.place.root) }
  const report =
    job.kind === 'take'
      ? await run(place, job.names, hears, (name) =>
          takeInstance(place.root, name, job.device, doors),
        )
      : await run(place, job.files, hears, (file) => wrapNamed(place, file, doors))
  return { kind: 'ran', report }
}

async function wrapNamed(
  { root }: Place,
  { name, order }: { readonly name: string; readonly order: WrapOrder },
  doors: TakingDoors,
): Promise<Wrapped> {
  try {
    const file = await openSource(join(root, name), root)
    try {
      return await wrapFile(file, order, doors)
    } finally {
      await file.close()
    }
  } catch (error) {
    return refusedBy(error)
  }
}

async function run<Item>(
  { root, dev }: Place,
  items: readonly Item[],
  hears: LookHears,
  one: (item: Item) => Promise<Wrapped>,
): Promise<RunReport> {
  const counts = { stored: 0, already: 0, conflicts: 0 }
  const refused: Partial<{ [R in TakeRefusal]: number }> = {}
  const unfit: { [why: string]: number } = {}
  let failures = 0
  let ending: RunEnding = 'whole'
  for (const [index, item] of items.entries()) {
    hears.progress(index, items.length)
    if (hears.isStopped()) {
      ending = 'stopped'
      break
    }
    const outcome = await one(item).catch((error: unknown): 'gone' => {
      if (error instanceof MediumGone) return 'gone'
      throw error
    })
    if (outcome === 'gone') {
      ending = 'gone'
      break
    }
    if (outcome.kind === 'full') {
      ending = 'full'
      break
    }
    if (outcome.kind === 'stored') {
      counts.stored++
      if (outcome.isConflict) counts.conflicts++
    } else if (outcome.kind === 'already') {
      counts.already++
    } else if (outcome.kind === 'unfit') {
      unfit[outcome.why] = (unfit[outcome.why] ?? 0) + 1
    } else {
      // The folder of a medium that was pulled out is empty, and so is every file of it.
      if (dev !== null && !(await isThere(root, dev))) {
        ending = 'gone'
        break
      }
      refused[outcome.reason] = (refused[outcome.reason] ?? 0) + 1
    }
    const isFailure = outcome.kind === 'refused' && outcome.reason === 'not-kept'
    failures = isFailure ? failures + 1 : 0
    if (failures === failuresMax) {
      ending = 'failed'
      break
    }
  }
  return { ...counts, refused, unfit, ending }
}
