/** The tests of what the gateway's rooms share, of visits, commitments and the simulation's parts. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('gateway')) > 8)
