import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadTrust, TrustRefused } from './trust.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const other = Buffer.alloc(32, 8).toString('base64')

t.test('trust: a file, or all files of a folder, with one or several keys a van', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify({ 'van-02': key }),
    'b.json': JSON.stringify({ 'van-02': [other], 'van-03': [key, other] }),
    'notes.txt': 'not ours',
  })
  const trust = loadTrust(folder)
  t.strictSame([...trust.keys()], ['van-02', 'van-03'])
  t.strictSame(
    trust.get('van-02')?.map((bytes) => bytes[0]),
    [7, 8],
  )
  t.strictSame([...loadTrust(join(folder, 'a.json')).keys()], ['van-02'])
})

t.test('trust: every mistake is found at once, and nothing is trusted', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify({ 'Van 2': key, 'van-03': 'c2hvcnQ=', 'van-04': 5 }),
    'b.json': '{ half',
    'c.json': '[]',
    'd.json': JSON.stringify({ 'van-05': Array.from({ length: 9 }, () => key) }),
  })
  try {
    loadTrust(folder)
    t.fail('believed')
  } catch (err) {
    t.ok(err instanceof TrustRefused)
    const findings = err instanceof TrustRefused ? err.findings : []
    t.equal(findings.length, 6)
    t.match(findings[0], /a\.json: Van 2: expected a name/)
    t.match(findings[1], /a\.json: van-03: expected 32 bytes in base64/)
  }
  t.throws(() => loadTrust(join(folder, 'nowhere')), TrustRefused)
  writeFileSync(join(folder, 'b.json'), '{}')
  t.strictSame(loadTrust(join(folder, 'b.json')).size, 0)
})
