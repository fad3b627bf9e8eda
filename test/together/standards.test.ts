/** The tests of protocols/ that standards and our own wire take. */
import t from 'tap'
import { importTests } from './import-tests.ts'
import { isStandard } from './parts.ts'

t.ok((await importTests('protocols/**/*.test.ts', isStandard)) > 20)
