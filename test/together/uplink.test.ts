/** The tests of the uplink. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('uplink')) > 10)
