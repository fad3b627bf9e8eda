/** Run under strace by its test: stores urgent records one after the other, each waiting for its commit. */
import { measurement } from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

const [folder = '', count = '0', synchronous = 'FULL'] = process.argv.slice(2)
const { journal, db } = openStepped(folder, () => undefined)
if (synchronous !== 'FULL') db.pragma(`synchronous = ${synchronous}`)
for (let at = 0; at < Number(count); at++) await journal.store('oxi-1', measurement(at))
// Without a farewell: closing would sync once more.
process.exit(0)
