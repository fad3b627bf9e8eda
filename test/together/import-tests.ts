/**
 * Many tests in one process: a process for each costs more than most of them take. Only for those
 * that touch nothing outside, or nothing that others touch.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')

/** Every file of tests that the pattern names and `isWanted` takes, one after the other. */
export async function importTests(
  pattern: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<number> {
  const paths = globSync(pattern, { cwd: root }).toSorted().filter(isWanted)
  for (const path of paths) await import(pathToFileURL(join(root, path)).href)
  return paths.length
}
