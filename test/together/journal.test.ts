/** The tests of the journal as it is used. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('journal')) > 5)
