/** The tests in a browser, which is started once for all of them. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.equal(await importTests('browser'), 5)
