/** The tests of drivers/. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('drivers')) > 10)
