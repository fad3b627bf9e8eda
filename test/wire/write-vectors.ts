/** Writes docs/test-vectors anew. Run `npx oxfmt docs/test-vectors` afterwards. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorFiles } from './vectors.ts'

const folder = join(import.meta.dirname, '../../docs/test-vectors')
mkdirSync(folder, { recursive: true })
for (const [file, make] of Object.entries(vectorFiles)) {
  writeFileSync(join(folder, file), `${JSON.stringify(make(), null, 2)}\n`)
}
