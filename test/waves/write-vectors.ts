/** Writes docs/waveform-codec/vectors.json anew. Run `npx oxfmt docs/waveform-codec` afterwards. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorFile } from './vectors.ts'

const file = join(import.meta.dirname, '../../docs/waveform-codec/vectors.json')
writeFileSync(file, `${JSON.stringify(vectorFile(), null, 2)}\n`)
