/** The tests of protocols/ that the formats of makers take. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('makers')) > 40)
