/** The tests of links. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('links')) > 5)
