/** The small tests of the imaging node. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('imaging')) > 5)
