import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildPage } from './build.ts'

t.test('build: small, whole, and with nothing from elsewhere', async (t) => {
  const folder = join(t.testdir({}), 'page')
  const built = await buildPage(folder)
  t.ok(built.packedBytes < 80_000, `${built.packedBytes} bytes packed`)
  const names = readdirSync(folder)
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  const used = [...index.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1] ?? '')
  for (const name of used) t.ok(names.includes(name), name)
  t.strictSame(names.toSorted(), [...new Set([...used, 'index.html'])].toSorted(), 'no leftovers')
  t.notMatch(index, /<style|<script(?! type="module" src=)|\son\w+=/, 'nothing inline')
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8')
    const addresses = text.match(/\bhttps?:\/\/[^\s"'`)]+/g) ?? []
    const foreign = addresses.filter((one) => !one.startsWith('http://www.w3.org/'))
    t.strictSame(foreign, [], name)
    t.notMatch(text, /@import|url\((?!["']?data:)|\beval\(|node:/, name)
  }
})

t.test(
  'build: the same sources make the same names, and an old build leaves nothing',
  async (t) => {
    const folder = join(t.testdir({ page: { 'page-OLDOLDOL.js': 'old' } }), 'page')
    await buildPage(folder)
    const names = readdirSync(folder)
    t.notOk(names.includes('page-OLDOLDOL.js'))
    await buildPage(folder)
    t.strictSame(readdirSync(folder), names)
    t.equal(names.filter((name) => /^(page|style)-[A-Z0-9]{8}\.(js|css)$/.test(name)).length, 2)
  },
)
