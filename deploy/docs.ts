/**
 * Writes the pages that are made from the sources, and the rules for udev. A test fails while one
 * of them is stale.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage } from './docs/configuration.ts'
import { driversPage } from './docs/drivers.ts'
import { keypadPage } from './docs/keypad.ts'
import { troublesPage } from './docs/troubles.ts'
import { udevRules } from './docs/udev.ts'
import { vocabularyPage } from './docs/vocabulary.ts'

const root = join(import.meta.dirname, '..')

export const docsFolder = join(root, 'docs')

/** The whole text of each file, by its path from the root. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/drivers.md', driversPage()],
    ['docs/keypad.md', keypadPage()],
    ['docs/troubles.md', await troublesPage()],
    ['docs/vocabulary.md', vocabularyPage()],
    ['systemd/simpul.rules', udevRules()],
  ])
}

if (import.meta.main) {
  for (const [path, text] of await generatedFiles()) {
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
}
