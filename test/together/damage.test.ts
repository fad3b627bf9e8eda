/** The tests of the journal that cut, damage and mistreat it. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('damage')) > 3)
