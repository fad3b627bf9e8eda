/** What keeps a van from sending or from starting, each with the sentence that a person sees. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { pressureOf } from '../drivers/simulate/distinct.ts'
import { dial, door } from '../gateway/uplink/mqtt-testing.ts'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { pressureFrame } from './bad-input/frames.ts'
import { allReceipted, firstValues, landed, startLanding } from './bad-input/hospital.ts'
import {
  Cable,
  freePort,
  runSimpul,
  startTestedVan,
  until,
  type TestedVan,
} from './bad-input/tested-van.ts'

/** Short, because the path of a pseudo-terminal may not be long. */
const folder = mkdtempSync(join(tmpdir(), 'simpul-refusals-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('a certificate that is wrong', async (t) => {
  const home = join(folder, 'certificate')
  mkdirSync(home)
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: home, stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['hospital', 'stranger']) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`]
    openssl('req', '-x509', ...newKey, ...files, '-days', '2')
  }
  for (const name of ['broker', 'landing', 'van-test', 'van-other']) {
    const asked = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]
    openssl('req', ...newKey, ...asked, '-addext', 'subjectAltName=IP:127.0.0.1')
    const signer = ['-CA', 'hospital.pem', '-CAkey', 'hospital.key', '-CAcreateserial']
    const made = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-copy_extensions', 'copy']
    openssl('x509', '-req', ...made, ...signer, '-days', '2')
  }
  const pem = (name: string) => join(home, name)
  writeFileSync(pem('simpul.acl'), operationsBlock('acl'))
  const mosquitto = await startMosquitto({
    folder: home,
    lines: operationsBlock('conf')
      .replaceAll('/etc/mosquitto/', `${home}/`)
      .split('\n')
      // The listener is the test's own.
      .filter((line) => !/^(listener|allow_anonymous) /.test(line)),
  })
  t.teardown(() => mosquitto.kill())
  const cable = await Cable.plug(home, 'bp-1')
  t.teardown(() => cable.unplug())
  const device = {
    id: 'bp-1',
    driver: 'and-tm265x',
    link: { kind: 'serial', path: cable.gatewayPath },
  }
  const url = `mqtts://127.0.0.1:${mosquitto.port}`
  const begin = async (authority: string) => {
    const ours = { certificate: pem('van-test.pem'), key: pem('van-test.key') }
    const uplink = { url, authority: pem(authority), ...ours }
    const van = await startTestedVan(home, { devices: [device], uplink })
    await van.shows('bp-1', ({ link }) => link === 'open')
    return van
  }
  const troubleOf = async (van: TestedVan) => {
    const seen = async () => (await van.status()).uplink
    return until('a trouble', async () => (await seen()).trouble, { seen })
  }

  await t.test('of another authority than the van trusts', async (t) => {
    const van = await begin('stranger.pem')
    t.teardown(() => van.stop())
    const trouble = await troubleOf(van)
    t.equal(trouble.code, 'uplink-certificate')
    t.match(
      trouble.en.what,
      /^The broker cannot prove that it is the right one: The broker's certificate was not made by an authority that we trust\./,
    )
    t.equal(
      trouble.en.todo,
      'Nothing is sent to it. Check the broker address and the certificate of the authority.',
    )
    t.match(trouble.id.what, /^Broker tidak bisa membuktikan bahwa ia broker yang benar: /)
    cable.say(pressureFrame(0))
    await van.stores('bp-1/measurement', 1)
    t.equal(await van.stop(), 0)
  })

  await t.test('that is not where the configuration says', async (t) => {
    const van = await begin('nowhere.pem')
    t.teardown(() => van.stop())
    const trouble = await troubleOf(van)
    t.equal(trouble.code, 'uplink-settings')
    t.match(trouble.en.what, /^The settings of the uplink cannot be used: .*ENOENT.*nowhere\.pem/)
    t.equal(trouble.en.todo, 'Correct the broker address, certificate or key in the configuration.')
    cable.say(pressureFrame(1))
    await van.stores('bp-1/measurement', 2)
    t.equal(await van.stop(), 0)
  })

  await t.test('and with the right one all that waited is sent', async (t) => {
    const van = await begin('hospital.pem')
    t.teardown(() => van.stop())
    const landing = startLanding(home, van, url, [
      `--authority=${pem('hospital.pem')}`,
      `--certificate=${pem('landing.pem')}`,
      `--key=${pem('landing.key')}`,
    ])
    t.teardown(() => landing.stop())
    await allReceipted(van)
    t.match(await van.status(), { uplink: { state: 'online', landing: 'online', trouble: null } })
    t.equal(await van.stop(), 0)
    t.equal(await landing.stop(), 0)
    const values = firstValues(landed(home, 'bp-1'))
    t.strictSame(
      values,
      [0, 1].map((number) => pressureOf(number).systolicMmHg),
    )
  })

  await t.test('of another van opens no branch but its own', async (t) => {
    const text = (name: string) => readFileSync(pem(name), 'utf8')
    const client = { certificate: text('van-other.pem'), key: text('van-other.key') }
    const tls = { authority: text('hospital.pem'), client, serverName: null }
    const other = dial(door(mosquitto.port, { url, tls }), { clientId: 'van-other' })
    await other.opened
    const one = Uint8Array.of(1)
    t.equal((await other.publish('simpul/v1/van-other/up/bp-1/measurement', one)).refused, null)
    for (const topic of [
      'simpul/v1/van-test/up/bp-1/measurement',
      'simpul/v1/van-test/state',
      'simpul/v1/van-other/down/receipt',
      'simpul/v1/landing/state',
    ]) {
      t.match((await other.publish(topic, one)).refused, /not authorised/, topic)
    }
    other.connection.close('farewell')
    await other.closed
  })
})

/** What docs/operations.md tells the hospital to write. */
function operationsBlock(language: 'acl' | 'conf'): string {
  const page = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8')
  const block = new RegExp(`\`\`\`${language}\\n([^\`]+)\`\`\``).exec(page)?.[1]
  if (block === undefined) throw new Error(`docs/operations.md has no block of ${language}`)
  return block
}

t.test('a configuration with five mistakes', async (t) => {
  const home = join(folder, 'mistakes')
  mkdirSync(home)
  const path = join(home, 'simpul.json')
  const config = {
    van: 'Van 2',
    devices: [
      { id: 'bp-1', driver: 'and-tm265x', link: { kind: 'serial', path: '/dev/ttyUSB0' } },
      { id: 'bp-1', driver: 'and-tm9999', link: { kind: 'serial', path: '/dev/ttyUSB1' } },
    ],
    uplink: { url: 'http://broker.example' },
    journall: {},
    page: { host: '127.0.0.1', port: 0 },
  }
  writeFileSync(path, JSON.stringify(config))
  const mistakes = [
    'journall: is not a known setting',
    'van: expected a-z, 0-9 and -, at most 32 characters, found "Van 2"',
    'uplink/url: expected mqtt://host:port or mqtts://host:port, found "http://broker.example"',
    'devices/1/driver: there is no driver and-tm9999; known are',
    'devices/1/id: bp-1 is the name of devices/0 already',
  ]
  const run = runSimpul(home, ['run', path])
  t.teardown(() => run.stop())
  const answer = await fetch(await run.page())
  t.equal(answer.status, 503)
  const html = await answer.text()
  t.match(html, 'Simpul belum dapat dijalankan')
  t.match(html, 'Simpul cannot start')
  t.match(html, '<code>uplink/url</code> harus mqtt://host:port atau mqtts://host:port, tertulis')
  for (const mistake of mistakes) {
    t.match(run.printed(), `${path}: ${mistake}`)
    const [place = '', words = ''] = mistake.split(/: (.*)/)
    t.match(html, `<code>${place}</code> ${words.replaceAll('"', '&#34;')}`)
  }
  t.equal(await run.stop(), 3)
  const check = runSimpul(home, ['check', path])
  t.equal(await check.process.ended, 3)
  t.strictSame(check.printed().trim().split('\n').length, mistakes.length, 'no more and no fewer')

  const again = runSimpul(home, ['run', path])
  await again.page()
  writeFileSync(path, JSON.stringify({ ...config, van: 'van-2' }))
  t.equal(await again.process.ended, 3, 'a new try when the file changes, which systemd makes')
})

t.test('a journal of a newer version', async (t) => {
  const home = join(folder, 'newer')
  mkdirSync(home)
  const uplink = { url: `mqtt://127.0.0.1:${await freePort()}` }
  const before = await startTestedVan(home, { uplink })
  t.equal(await before.stop(), 0)
  const file = join(before.folder, 'journal.db')
  const db = new Database(file)
  const known = Number(db.pragma('user_version', { simple: true }))
  db.pragma('user_version = 99')
  db.close()
  const digest = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const untouched = digest()
  const run = runSimpul(home, ['run', before.configPath])
  t.teardown(() => run.stop())
  const answer = await fetch(await run.page())
  const html = await answer.text()
  const en = `The storage was written by a newer program: its format is 99, this program knows up to ${known}.`
  const id = `Penyimpanan ditulis oleh program yang lebih baru: formatnya 99, program ini mengenal sampai ${known}.`
  for (const words of [en, id, 'Install the newer program again. Nothing was changed.']) {
    t.match(html, words)
    t.match(run.printed(), words)
  }
  t.equal(await run.stop(), 1)
  t.equal(digest(), untouched, 'nothing was changed')
})

t.test('a data folder that cannot be used', async (t) => {
  const home = join(folder, 'denied')
  mkdirSync(home)
  writeFileSync(join(home, 'file'), '')
  const path = join(home, 'simpul.json')
  const config = {
    van: 'van-test',
    folder: join(home, 'file/data'),
    uplink: { url: 'mqtt://127.0.0.1:1883' },
    imaging: { ports: [] },
    page: { host: '127.0.0.1', port: 0 },
  }
  writeFileSync(path, JSON.stringify(config))
  const run = runSimpul(home, ['run', path])
  t.teardown(() => run.stop())
  const html = await (await fetch(await run.page())).text()
  const words = new RegExp(`The data folder ${config.folder} cannot be used: ENOTDIR`)
  t.match(html, words)
  t.match(run.printed(), words)
  t.match(html, 'chown -R simpul:')
  t.equal(await run.stop(), 1)
})
