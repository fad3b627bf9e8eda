import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../config/read.ts'
import { certificateFindings } from './check-certificates.ts'

const folder = t.testdir()
const dayMs = 86_400_000

function make(name: string, days: number): { readonly certificate: string; readonly key: string } {
  const certificate = join(folder, `${name}.pem`)
  const key = join(folder, `${name}.key`)
  const request = 'req -x509 -newkey rsa:2048 -nodes -subj /CN=van'.split(' ')
  const files = ['-days', `${days}`, '-keyout', key, '-out', certificate]
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' })
  return { certificate, key }
}

function paths(tls: object, nowMs = Date.now(), uplink: object = {}): readonly string[] {
  const read = readConfig(
    JSON.stringify({
      van: 'van-02',
      imaging: { tls },
      uplink: { url: 'mqtts://broker.example', ...uplink },
    }),
    [],
  )
  if (!read.ok) throw new Error(JSON.stringify(read.findings))
  return certificateFindings(read.config, nowMs).map(({ path, en }) => `${path}: ${en}`)
}

const van = make('van', 100)
const other = make('other', 100)

t.test('check: a pair that fits is good, with an authority and without', async (t) => {
  t.strictSame(paths(van), [])
  t.strictSame(paths({ ...van, authority: other.certificate }), [])
  t.strictSame(paths(van, Date.now(), other), [])
})

t.test('check: files that are not there, not a pair, or not PEM are named', async (t) => {
  t.match(paths({ ...van, key: '/nowhere/van.key' }), [
    /^imaging\/tls\/key: cannot be read: ENOENT/,
  ])
  t.match(paths({ ...van, key: other.key }), [/^imaging\/tls: cannot be used together: .*mismatch/])
  const rubbish = join(folder, 'rubbish.pem')
  writeFileSync(rubbish, 'rubbish')
  t.match(paths({ ...van, certificate: rubbish }), [/^imaging\/tls: cannot be used together/])
  const uplink = { certificate: van.certificate, key: other.key }
  t.match(paths(van, Date.now(), uplink), [/^uplink: cannot be used together/])
})

t.test('check: a certificate is to be replaced two weeks before its end', async (t) => {
  t.strictSame(paths(van, Date.now() + 80 * dayMs), [])
  t.match(paths(van, Date.now() + 90 * dayMs), [/^imaging\/tls\/certificate: is valid until/])
})
