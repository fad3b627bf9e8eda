/** The tests of protocols/ that the formats of makers take. */
import t from 'tap'
import { importTests } from './import-tests.ts'
import { isStandard } from './parts.ts'

t.ok((await importTests('protocols/**/*.test.ts', (path) => !isStandard(path))) > 40)
