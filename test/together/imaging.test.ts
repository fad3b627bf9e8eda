/** The tests of the imaging node, and of media that are plugged in. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('imaging')) > 5)
