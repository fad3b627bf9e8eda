/** The small tests of the journal. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('journal')) > 5)
