/**
 * Breaks one rule of the real sources on purpose, in a copy, and lets the simulation run there: a
 * simulation that does not find it is not looking.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mutants, type Mutant } from './mutants.ts'

const root = join(import.meta.dirname, '..', '..')
const sourceFolders = ['protocols', 'drivers', 'gateway', 'upstream'] as const
const seedsMax = 1_000
const minutesMax = 15

interface Verdict {
  readonly mutant: Mutant
  /** How many seeds were run until one failed; null when none did. */
  readonly foundAfter: number | null
  readonly saying: string
}

function copyTree(mutant: Mutant): string {
  const copy = join(root, 'build', 'mutants', mutant.name)
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const folder of sourceFolders) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true })
  }
  cpSync(join(root, 'package.json'), join(copy, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The text must stand there exactly once, so that a mutant cannot silently change nothing. */
function breakRule(copy: string, mutant: Mutant): void {
  for (const { file, find, replace } of mutant.edits) {
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    const times = source.split(find).length - 1
    if (times !== 1) {
      throw new Error(`mutant ${mutant.name}: its text stands ${times} times in ${file}, not once`)
    }
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
  }
}

function judge(mutant: Mutant): Verdict {
  const copy = copyTree(mutant)
  breakRule(copy, mutant)
  const run = spawnSync(
    process.execPath,
    ['gateway/sim/main.ts', '--seeds', String(mutant.seeds ?? seedsMax), '--first'],
    { cwd: copy, encoding: 'utf8', timeout: minutesMax * 60_000 },
  )
  const failing = /failed after (\d+) seeds?: (.*)/.exec(run.stdout)
  if (run.status === 4 && failing !== null) {
    rmSync(copy, { recursive: true, force: true })
    return { mutant, foundAfter: Number(failing[1]), saying: failing[2] ?? '' }
  }
  const broke = run.status !== 0
  return {
    mutant,
    foundAfter: null,
    saying: broke ? `the run itself failed: ${run.stderr.slice(-300)}` : 'all seeds passed',
  }
}

const wanted = process.argv.slice(2)
const chosen = mutants.filter((one) => wanted.length === 0 || wanted.includes(one.name))
let missed = 0
process.stdout.write('| rule broken on purpose | found after seeds | by what |\n|---|---|---|\n')
for (const mutant of chosen) {
  const { foundAfter, saying } = judge(mutant)
  if (foundAfter === null) missed += 1
  process.stdout.write(`| ${mutant.rule} | ${foundAfter ?? 'NOT FOUND'} | ${saying} |\n`)
}
process.exitCode = missed === 0 ? 0 : 4
