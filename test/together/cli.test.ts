/** The tests of the command `simpul`. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('cli')) > 3)
