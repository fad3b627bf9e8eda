/**
 * Run under strace by its test: stores or adopts one after the other, each waiting for its commit;
 * `together`: adopts all at once.
 */
import { writeFileSync } from 'node:fs'
import { imageOf, measurement, noise } from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

const [folder = '', what = '', count = '0', synchronous = 'FULL'] = process.argv.slice(2)
const { journal, db, incoming } = openStepped(folder, () => undefined)
if (synchronous !== 'FULL') db.pragma(`synchronous = ${synchronous}`)
const together: Promise<unknown>[] = []
for (let at = 0; at < Number(count); at++) {
  if (what === 'together') {
    const bytes = noise(100, at)
    writeFileSync(`${incoming}/${at}`, bytes)
    const record = imageOf(at, bytes, `1.2.${at}`)
    together.push(journal.adopt('xray-1', record, `${incoming}/${at}`, 'undecided'))
  } else if (what === 'store') {
    await journal.store('oxi-1', measurement(at))
  } else {
    const bytes = noise(100, at)
    writeFileSync(`${incoming}/a`, bytes)
    await journal.adopt('xray-1', imageOf(at, bytes, `1.2.${at}`), `${incoming}/a`)
  }
}
await Promise.all(together)
// Without a farewell: closing would sync once more.
process.exit(0)
