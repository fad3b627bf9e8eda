/** The tests of forwarding to an archive, without the one that kills it. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('pacs')) > 8)
