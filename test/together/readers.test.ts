/** The tests of those who read from the broker, and of what they share. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('readers')) > 5)
