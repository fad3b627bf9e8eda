/** Writes the pages that are made from the sources. A test fails while one of them is stale. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage } from './docs/configuration.ts'
import { driversPage } from './docs/drivers.ts'
import { troublesPage } from './docs/troubles.ts'
import { vocabularyPage } from './docs/vocabulary.ts'

export const docsFolder = join(import.meta.dirname, '../docs')

/** The whole text of each page, by the name of its file. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['configuration.md', configurationPage()],
    ['drivers.md', driversPage()],
    ['troubles.md', await troublesPage()],
    ['vocabulary.md', vocabularyPage()],
  ])
}

if (import.meta.main) {
  for (const [name, text] of await generatedPages()) {
    writeFileSync(join(docsFolder, name), text)
    process.stdout.write(`docs/${name}\n`)
  }
}
