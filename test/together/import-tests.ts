/** Many tests in one process: a process for each costs more than most of them take. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { groups, type Group } from './groups.ts'

const root = join(import.meta.dirname, '../..')

/** The tests of a group, one file after the other. Answers how many files there are. */
export async function importTests(name: keyof typeof groups): Promise<number> {
  const { patterns, isWanted = () => true }: Group = groups[name]
  const paths = globSync(patterns, { cwd: root }).toSorted().filter(isWanted)
  for (const path of paths) await import(pathToFileURL(join(root, path)).href)
  return paths.length
}
