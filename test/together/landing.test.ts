/** The tests of the landing, without the one that fails each operation. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('landing')) > 8)
