/** The tests of the page that need no browser. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('page')) > 10)
