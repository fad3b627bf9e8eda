/** The tests of links that need no port and no folder. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('links')) > 5)
