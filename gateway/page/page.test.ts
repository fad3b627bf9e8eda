import { connect } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { photoLimitBytes } from '../../drivers/keypad/photo.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { Trouble } from '../errors/trouble.ts'
import { bodyBytesMax } from './body.ts'
import { ask, claimPage, cookieOf, passphrase, startTestPage } from './page-testing.ts'
import { scriptedSource, type ScriptedSource } from './scripted-source.ts'
import type { PageSource } from './view.ts'

const files = {
  'index.html': '<!doctype html><title>Simpul</title>',
  'page-ABCDEFGH.js': 'console.log("page")',
  'secret.txt': 'not a file of the page',
}

async function openPage(t: Test, change: (source: ScriptedSource) => PageSource = (one) => one) {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  const folder = t.testdir({ assets: files, data: {} })
  const start = () =>
    startTestPage(
      { folder: join(folder, 'data'), assetsFolder: join(folder, 'assets') },
      clock,
      change(source),
    )
  const page = await start()
  t.teardown(() => page.close())
  return { clock, source, page, start, folder, port: page.port }
}

const codeOf = (reply: { readonly json: unknown }) =>
  (reply.json as { trouble?: { code?: string } } | null)?.trouble?.code

t.test('page: its files come with headers that allow nothing from elsewhere', async (t) => {
  const { port } = await openPage(t)
  const index = await ask(port, '/')
  t.equal(index.status, 200)
  t.equal(index.headers['content-type'], 'text/html; charset=utf-8')
  t.equal(index.headers['cache-control'], 'no-cache')
  const policy = String(index.headers['content-security-policy'])
  t.match(policy, /default-src 'none'/)
  t.match(policy, /script-src 'self'/)
  t.match(policy, /frame-ancestors 'none'/)
  t.notMatch(policy, /unsafe|\*|http/)
  t.equal(index.headers['x-content-type-options'], 'nosniff')
  t.equal(index.headers['referrer-policy'], 'no-referrer')
  t.equal(index.headers['access-control-allow-origin'], undefined)
  const script = await ask(port, '/page-ABCDEFGH.js')
  t.match(script.headers['cache-control'], /immutable/)
  const again = await ask(port, '/', { headers: { 'If-None-Match': String(index.headers.etag) } })
  t.equal(again.status, 304)
  const packed = await ask(port, '/page-ABCDEFGH.js', { headers: { 'Accept-Encoding': 'gzip' } })
  t.equal(packed.headers['content-encoding'], 'gzip')
})

t.test('page: serves no other file, and no path leads out', async (t) => {
  const { port } = await openPage(t)
  const paths = [
    '/secret.txt',
    '/../data/page-claim-code',
    '/%2e%2e/data/page-claim-code',
    '//etc/passwd',
    '/api',
    '/api/nothing',
    '/api/constructor',
    '/__proto__',
  ]
  for (const path of paths) t.equal((await ask(port, path)).status, 404, path)
  t.equal((await ask(port, '/', { method: 'PUT' })).status, 404)
  t.equal((await ask(port, '/api/status', { method: 'DELETE' })).status, 404)
})

t.test('page: refuses a name that is not ours, also for its files', async (t) => {
  const { port } = await openPage(t)
  for (const path of ['/', '/api/status', '/api/start']) {
    const reply = await ask(port, path, { headers: { Host: 'rebound.example' } })
    t.equal(reply.status, 421, path)
    t.equal(codeOf(reply), 'page-foreign-host')
  }
  const named = await ask(port, '/api/start', { headers: { Host: `simpul.local:${port}` } })
  t.equal(named.status, 200)
})

t.test('page: the state of the van is seen before signing in, and no value', async (t) => {
  const { port, source, clock } = await openPage(t)
  const stop = source.play()
  await clock.advance(1_000)
  const reply = await ask(port, '/api/status')
  t.equal(reply.status, 200)
  t.match(reply.json, {
    van: 'van-02',
    devices: [{ id: 'ecg-1' }],
    totals: { recordsStored: Number },
    mainThread: { lateP50Ms: 0, lateP99Ms: 1, lateMaxMs: 7 },
  })
  t.notMatch(reply.text, /MDC_|128|"values"/)
  for (const path of ['/api/records', '/api/forms', '/api/capture?device=ecg-1']) {
    const refused = await ask(port, path)
    t.equal(refused.status, 401, path)
    t.equal(codeOf(refused), 'page-not-claimed')
  }
  stop()
})

t.test('page: is claimed once with the code, and signed in to afterwards', async (t) => {
  const { port, page, start } = await openPage(t)
  const code = page.claimCode()
  t.match(code, /^.{4}-.{4}$/)
  const claim = { code, passphrase, language: 'en' }
  const claimed = await ask(port, '/api/claim', { post: claim })
  t.equal(claimed.status, 200)
  t.match(claimed.json, { claimed: true, signedIn: true, language: 'en' })
  t.equal(page.claimCode(), null)
  const cookie = cookieOf(claimed)
  t.equal((await ask(port, '/api/records', { cookie })).status, 200)
  const second = await ask(port, '/api/claim', { post: claim })
  t.equal(second.status, 409)
  t.equal(codeOf(second), 'page-claimed-already')

  const out = await ask(port, '/api/sign-out', { post: {}, cookie })
  t.match(out.json, { claimed: true, signedIn: false })
  t.match(out.headers['set-cookie']?.[0], /Max-Age=0/)
  t.equal(codeOf(await ask(port, '/api/records', { cookie })), 'page-sign-in')

  const restarted = await start()
  t.teardown(() => restarted.close())
  t.equal(restarted.claimCode(), null)
  const wrong = await ask(restarted.port, '/api/sign-in', { post: { passphrase: 'keliru sekali' } })
  t.equal(wrong.status, 403)
  t.equal(cookieOf(wrong), null)
  const right = await ask(restarted.port, '/api/sign-in', { post: { passphrase } })
  t.equal(right.status, 200)
  const again = await ask(restarted.port, '/api/records', { cookie: cookieOf(right) })
  t.equal(again.status, 200)
})

t.test('page: a claim that fails leaves the gateway free to be claimed', async (t) => {
  const { port, page, start } = await openPage(t)
  const code = page.claimCode()
  const tries = [
    [{ code: 'AAAA-AAAA', passphrase, language: 'id' }, 403, 'page-wrong-code'],
    [{ code, passphrase: 'pendek', language: 'id' }, 400, 'page-weak-passphrase'],
    [{ code, passphrase, language: 'fr' }, 400, 'page-bad-request'],
    [{ code, passphrase: 12, language: 'id' }, 400, 'page-bad-request'],
    [{ passphrase }, 400, 'page-bad-request'],
    [[], 400, 'page-bad-request'],
  ] as const
  for (const [post, status, expected] of tries) {
    const reply = await ask(port, '/api/claim', { post })
    t.equal(reply.status, status, expected)
    t.equal(codeOf(reply), expected)
    t.equal(cookieOf(reply), null)
  }
  const restarted = await start()
  t.teardown(() => restarted.close())
  t.equal(restarted.claimCode(), code, 'the code on the label stays')
  t.ok(await claimPage(restarted))
})

t.test('page: guessing is slowed down, for the code and for the passphrase', async (t) => {
  const { port, page, clock } = await openPage(t)
  const wrong = { code: 'AAAA-AAAA', passphrase, language: 'id' }
  for (let count = 0; count < 5; count++) {
    t.equal((await ask(port, '/api/claim', { post: wrong })).status, 403)
  }
  const right = { ...wrong, code: page.claimCode() }
  const slowed = await ask(port, '/api/claim', { post: right })
  t.equal(slowed.status, 429, 'even the right code has to wait')
  t.equal(slowed.headers['retry-after'], '30')
  t.match(slowed.json, { trouble: { id: { todo: /30 detik/ } } })
  await clock.advance(30_000)
  t.equal((await ask(port, '/api/claim', { post: right })).status, 200)
  for (let count = 0; count < 5; count++) {
    t.equal(
      (await ask(port, '/api/sign-in', { post: { passphrase: 'keliru sekali' } })).status,
      403,
    )
  }
  t.equal((await ask(port, '/api/sign-in', { post: { passphrase } })).status, 429)
})

t.test('page: another web page can neither command nor read', async (t) => {
  const { port, page, source } = await openPage(t)
  const cookie = await claimPage(page)
  const post = { instance: 'x', entry: 'e'.repeat(16), form: 'blood-pressure', texts: {} }
  const foreign = [
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: `http://127.0.0.1:${port + 1}` },
    { Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Site': 'cross-site' },
  ]
  for (const headers of foreign) {
    const reply = await ask(port, '/api/typed', { post, cookie, headers })
    t.equal(reply.status, 403, headers.Origin)
    t.equal(codeOf(reply), 'page-foreign-origin')
  }
  const read = await ask(port, '/api/records', {
    cookie,
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  })
  t.equal(read.status, 403)
  const form = await ask(port, '/api/sign-out', {
    method: 'POST',
    cookie,
    body: 'a=1',
    headers: { Origin: `http://127.0.0.1:${port}`, 'Content-Type': 'text/plain' },
  })
  t.equal(form.status, 200, 'signing out has nothing to read')
  t.equal(source.typedCount, 0)
})

t.test('page: what is too large or no JSON is refused and nothing breaks', async (t) => {
  const { port } = await openPage(t)
  const origin = { Origin: `http://127.0.0.1:${port}`, 'Content-Type': 'application/json' }
  const large = `{"passphrase":"${'x'.repeat(bodyBytesMax)}"}`
  const declared = await ask(port, '/api/sign-in', { method: 'POST', body: large, headers: origin })
  t.equal(declared.status, 413)
  t.equal(codeOf(declared), 'page-too-large')
  const chunked = await ask(port, '/api/sign-in', {
    method: 'POST',
    body: large,
    headers: { ...origin, 'Transfer-Encoding': 'chunked' },
  })
  t.equal(chunked.status, 413)
  const bodies = ['', '{', 'null', '"text"', '{"passphrase":{}}', '{"passphrase":"\u0000"}']
  for (const body of bodies) {
    const reply = await ask(port, '/api/sign-in', { method: 'POST', body, headers: origin })
    t.ok(reply.status === 400 || reply.status === 401, `${body} ${reply.status}`)
  }
  const plain = await ask(port, '/api/sign-in', {
    method: 'POST',
    body: '{}',
    headers: { ...origin, 'Content-Type': 'text/plain' },
  })
  t.equal(plain.status, 400)
  const header = await ask(port, '/', { headers: { 'X-Long': 'x'.repeat(20_000) } })
  t.equal(header.status, 431)
  t.equal((await ask(port, '/api/start')).status, 200)
})

t.test('page: rubbish on the socket closes that socket alone', async (t) => {
  const { port } = await openPage(t)
  for (const bytes of [
    '\u0000\u0001\u0002\r\n\r\n',
    'GET\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
      socket.on('data', () => {})
      socket.on('error', () => resolve())
      socket.on('close', () => resolve())
    })
  }
  t.equal((await ask(port, '/api/start')).status, 200)
})

t.test('page: lists records newest first, of a device and a kind', async (t) => {
  const { port, page, source, clock } = await openPage(t)
  const cookie = await claimPage(page)
  const stop = source.play()
  await clock.advance(4_000)
  stop()
  const rowsOf = async (query: string) => {
    const reply = await ask(port, `/api/records${query}`, { cookie })
    t.equal(reply.status, 200, query)
    return (reply.json as { rows: { device: string; atMs: number; says: { kind: string } }[] }).rows
  }
  const all = await rowsOf('')
  const times = all.map((row) => row.atMs)
  t.strictSame(
    times,
    times.toSorted((a, b) => b - a),
  )
  t.ok(all.some((row) => row.says.kind === 'waveform'))
  const waves = await rowsOf('?kinds=waveform&device=ecg-1&limit=2')
  t.equal(waves.length, 2)
  t.ok(waves.every((row) => row.says.kind === 'waveform' && row.device === 'ecg-1'))
  t.notMatch(JSON.stringify(waves), /samples/)
  const bad = ['?limit=0', '?limit=1e9', '?limit=x', '?kinds=patients', '?kinds=', '?device=../x']
  for (const query of bad) {
    t.equal((await ask(port, `/api/records${query}`, { cookie })).status, 400, query)
  }
})

t.test('page: hands out the flight recorder of a device that is there', async (t) => {
  const { port, page } = await openPage(t)
  const cookie = await claimPage(page)
  const reply = await ask(port, '/api/capture?device=bp-1', { cookie })
  t.equal(reply.status, 200)
  t.equal(reply.headers['content-disposition'], 'attachment; filename="bp-1.cap"')
  t.match(reply.text, /^# bp-1\n</)
  const empty = await ask(port, '/api/capture?device=scale-1', { cookie })
  t.equal(codeOf(empty), 'page-no-capture')
  t.equal((await ask(port, '/api/capture?device=nobody', { cookie })).status, 404)
  t.equal((await ask(port, '/api/capture', { cookie })).status, 404)
})

/** An entry with nothing beside its texts. */
const bare = { confirmed: [], photo: null }

t.test('page: stores what was typed once, however often it is sent', async (t) => {
  const { port, page, source } = await openPage(t)
  const cookie = await claimPage(page)
  const { instance } = (await ask(port, '/api/start')).json as { instance: string }
  const texts = { systolic: '128', diastolic: '82' }
  const post = { ...bare, instance, entry: 'a'.repeat(32), form: 'blood-pressure', texts }
  const type = (change: object) => ask(port, '/api/typed', { cookie, post: { ...post, ...change } })
  const [first, twin] = await Promise.all([type({}), type({})])
  t.equal(first.status, 200)
  t.match(first.json, { kind: 'stored', keys: [String] })
  t.strictSame(twin.json, first.json)
  t.strictSame((await type({})).json, first.json)
  t.equal(source.typedCount, 1)
  t.equal((await ask(port, '/api/records', { cookie })).text.split('"typed"').length - 1, 1)

  const changed = await type({ texts: { ...texts, systolic: '138' } })
  t.equal(changed.status, 409, 'a correction is not taken for a repetition')
  t.equal(codeOf(changed), 'page-typed-already')
  const late = await type({ entry: 'b'.repeat(32), instance: 'another start' })
  t.equal(late.status, 409)
  t.equal(codeOf(late), 'page-restarted')
  t.equal((await type({ instance: 'another start' })).status, 200, 'known, whatever start it names')
  t.equal(source.typedCount, 1)
})

t.test('page: says which field was wrong, and lets it be corrected', async (t) => {
  const { port, page, source } = await openPage(t)
  const cookie = await claimPage(page)
  const { instance } = (await ask(port, '/api/start')).json as { instance: string }
  const post = { ...bare, instance, entry: 'c'.repeat(32), form: 'blood-pressure' }
  const texts = { systolic: '12o', diastolic: '82' }
  const refused = await ask(port, '/api/typed', { cookie, post: { ...post, texts } })
  t.equal(refused.status, 200)
  t.match(refused.json, { kind: 'refused', fields: [{ field: 'systolic', why: { id: /angka/ } }] })
  const corrected = { ...texts, systolic: '120' }
  const stored = await ask(port, '/api/typed', { cookie, post: { ...post, texts: corrected } })
  t.match(stored.json, { kind: 'stored' })
  t.equal(source.typedCount, 2)
  const wrong = [
    { form: 'nothing', texts },
    { form: 'blood-pressure', texts: { age: '40' } },
    { form: 'blood-pressure', texts: { systolic: 120 } },
    { form: 'blood-pressure', texts: { systolic: 'x'.repeat(65) } },
    { form: 'blood-pressure', texts: { ['__proto__']: '1' } },
    { form: 'blood-pressure', texts: null },
    { form: 'blood-pressure', texts, entry: 'short' },
    { form: 'blood-pressure', texts, confirmed: null },
    { form: 'blood-pressure', texts, confirmed: [1] },
    { form: 'blood-pressure', texts, photo: 'x' },
    { form: 'blood-pressure', texts, photo: { base64: 'x' } },
  ]
  for (const change of wrong) {
    const entry = { ...post, entry: 'd'.repeat(32), ...change }
    t.equal(
      (await ask(port, '/api/typed', { cookie, post: entry })).status,
      400,
      JSON.stringify(change),
    )
  }
})

t.test('page: asks about what is unusual, and stores it when it is confirmed', async (t) => {
  const { port, page, source } = await openPage(t)
  const cookie = await claimPage(page)
  const { instance } = (await ask(port, '/api/start')).json as { instance: string }
  const texts = { temperature: '52,0' }
  const post = { ...bare, instance, entry: 'f'.repeat(32), form: 'vital-signs', texts }
  const asked = await ask(port, '/api/typed', { cookie, post })
  t.match(asked.json, { kind: 'asks', fields: [{ field: 'temperature', why: { id: /Di luar/ } }] })
  t.equal((await ask(port, '/api/records', { cookie })).text.includes('"typed"'), false)
  const confirmed = { ...post, confirmed: ['temperature'] }
  t.match((await ask(port, '/api/typed', { cookie, post: confirmed })).json, { kind: 'stored' })
  t.strictSame(source.typedLast?.confirmed, ['temperature'])
})

t.test('page: takes a photo with an entry, and only a photo', async (t) => {
  const { port, page, source } = await openPage(t)
  const cookie = await claimPage(page)
  const { instance } = (await ask(port, '/api/start')).json as { instance: string }
  const texts = { temperature: '36,7' }
  const post = { ...bare, instance, entry: 'g'.repeat(32), form: 'vital-signs', texts }
  const send = (bytes: Uint8Array, isSource = true) => {
    const photo = { base64: Buffer.from(bytes).toString('base64'), isSource }
    return ask(port, '/api/typed', { cookie, post: { ...post, photo } })
  }
  const jpeg = new Uint8Array(100_000)
  jpeg.set([0xff, 0xd8, 0xff, 0xe0])
  const text = await send(Buffer.from('<svg onload="alert(1)">'))
  t.equal(text.status, 400)
  t.equal(codeOf(text), 'page-no-photo')
  const large = new Uint8Array(photoLimitBytes + 1)
  large.set(jpeg)
  t.equal((await send(large)).status, 413)
  t.match((await send(jpeg)).json, { kind: 'stored' })
  t.match((await send(jpeg)).json, { kind: 'stored' })
  t.equal(codeOf(await send(jpeg, false)), 'page-typed-already')
  t.equal(source.typedCount, 1, 'the same entry with the same photo is stored once')
  t.match(source.typedLast?.photo, { mediaType: 'image/jpeg', isSource: true })
  t.equal(source.typedLast?.photo?.bytes.length, jpeg.length)
})

t.test('page: a full disk is said in words, and the entry may be sent again', async (t) => {
  let isFull = true
  const full = new Trouble('journal-full', {
    en: { what: 'The store is full.', todo: 'Find a connection.' },
    id: { what: 'Penyimpanan penuh.', todo: 'Cari sambungan.' },
    retriable: true,
  })
  const { port, page } = await openPage(t, (source) => ({
    ...source,
    typed: (filled) => (isFull ? Promise.reject(full) : source.typed(filled)),
  }))
  const cookie = await claimPage(page)
  const { instance } = (await ask(port, '/api/start')).json as { instance: string }
  const texts = { systolic: '128', diastolic: '82' }
  const post = { ...bare, instance, entry: 'e'.repeat(32), form: 'blood-pressure', texts }
  const refused = await ask(port, '/api/typed', { cookie, post })
  t.equal(refused.status, 503)
  t.match(refused.json, { trouble: { code: 'journal-full', id: { what: 'Penyimpanan penuh.' } } })
  isFull = false
  t.match((await ask(port, '/api/typed', { cookie, post })).json, { kind: 'stored' })
})

t.test('page: a fault of its own is answered without its inside', async (t) => {
  const { port, page } = await openPage(t, (source) => ({
    ...source,
    recent: () => Promise.reject(new Error('SELECT secret FROM inside')),
  }))
  const cookie = await claimPage(page)
  const reply = await ask(port, '/api/records', { cookie })
  t.equal(reply.status, 500)
  t.equal(codeOf(reply), 'page-failed')
  t.notMatch(reply.text, /secret/)
})

t.test(
  'page: does not start without its files, with a damaged owner or on a taken port',
  async (t) => {
    const { port, folder, clock, source } = await openPage(t)
    const data = join(folder, 'data')
    const assetsFolder = join(folder, 'assets')
    const nowhere = { folder: data, assetsFolder: join(folder, 'nowhere') }
    await t.rejects(startTestPage(nowhere, clock, source), { code: 'page-not-built' })
    const taken = { folder: data, assetsFolder, port }
    await t.rejects(startTestPage(taken, clock, source), { code: 'page-port-taken' })
    writeFileSync(join(data, 'page-owner.json'), '{')
    const damaged = { folder: data, assetsFolder }
    await t.rejects(startTestPage(damaged, clock, source), { code: 'page-owner-unreadable' })
  },
)
