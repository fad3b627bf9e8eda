/** The tests of the gateway's devices, and of what is as small as they are. */
import t from 'tap'
import { importTests } from './import-tests.ts'

t.ok((await importTests('devices')) > 20)
