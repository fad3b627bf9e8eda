/** The tests of protocols/ that standards and our own wire take. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('standards')) > 20)
