import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import type { Log } from '../world.ts'
import { ask, claimPage, startTestPage, type Asking } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'
import type { OrderView, VisitsAnswer, WaitingView } from './visits-view.ts'
import type { Start } from './wire.ts'

const by = 'Bidan Contoh'
const nik = '3602995708900001'
const texts = { name: 'Dewi Umpama', nik: '', birthDate: '', age: '30', sex: 'F' }
let entries = 0
const entry = () => `entry-of-a-test-${(entries += 1)}`

async function openPage(t: Test) {
  const source = scriptedSource(fakeClock())
  const folder = t.testdir({ assets: { 'index.html': '<!doctype html>' }, data: {} })
  const logged: string[] = []
  const write = (...line: unknown[]) => void logged.push(JSON.stringify(line))
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
  const options = { folder: join(folder, 'data'), assetsFolder: join(folder, 'assets'), log }
  const page = await startTestPage(options, fakeClock(), source)
  t.teardown(() => page.close())
  const cookie = await claimPage(page)
  const { instance } = (await ask(page.port, '/api/start')).json as Start
  const get = async <T>(path: string) => (await ask(page.port, path, { cookie })).json as T
  const post = (path: string, body: object, more: Asking = {}) =>
    ask(page.port, path, { cookie, post: { instance, by, ...body }, ...more })
  const open = (body: object = {}) => {
    const usual = { entry: entry(), patient: null, texts, confirmed: [], devices: ['bp-1'] }
    return post('/api/visits/open', { ...usual, ...body })
  }
  const order = async () => {
    await open({ patient: 'patient-a' })
    const { visits } = await get<VisitsAnswer>('/api/visits')
    const examination = { examination: 'chest-pa', detail: 'kontrol', stationAeTitle: null }
    const visit = visits[0]?.visit
    const made = await post('/api/orders/make', { entry: entry(), visit, ...examination })
    return { visit, order: made.json as OrderView }
  }
  return { page, source, folder: options.folder, logged, cookie, get, post, open, order }
}

const posts = [
  ...['find', 'open', 'correct', 'devices', 'close', 'cancel'].map((one) => `/api/visits/${one}`),
  ...['make', 'complete', 'cancel'].map((one) => `/api/orders/${one}`),
  ...['decide', 'preview'].map((one) => `/api/images/${one}`),
  ...['take', 'wrap'].map((one) => `/api/media/${one}`),
  ...['begin', 'part', 'end'].map((one) => `/api/upload/${one}`),
]
const gets = ['/api/visits', '/api/images', '/api/media']

t.test('visits: nobody sees or changes one without signing in, or from elsewhere', async (t) => {
  const { page, cookie } = await openPage(t)
  const statuses = async (paths: readonly string[], asking: Asking) => {
    const replies = await Promise.all(paths.map((path) => ask(page.port, path, asking)))
    return [...new Set(replies.map(({ status }) => status))]
  }
  t.strictSame(await statuses(gets, {}), [401])
  t.strictSame(await statuses(posts, { post: {} }), [401])
  t.strictSame(await statuses(posts, { post: {}, cookie: 'simpul-session=abc' }), [401])
  const elsewhere = { Origin: 'http://elsewhere.example' }
  t.strictSame(await statuses(posts, { cookie, post: {}, headers: elsewhere }), [403])
  t.strictSame(await statuses(posts, { cookie, method: 'POST', body: '{}' }), [403], 'no origin')
  t.strictSame(await statuses(posts, { cookie }), [404], 'nothing is changed by looking')
  t.strictSame(await statuses(posts, { cookie, post: {} }), [400], 'and nothing by nothing')
  const seen = await ask(page.port, '/api/visits', { cookie })
  t.equal(seen.headers['cache-control'], 'no-store')
})

t.test('visits: one of a new patient is opened once, and no NIK is shown', async (t) => {
  const { source, get, open } = await openPage(t)
  const same = entry()
  const [first, again] = await Promise.all([open({ entry: same }), open({ entry: same })])
  t.match(first, { status: 200, json: { kind: 'opened' } })
  t.strictSame(again.json, first.json)
  t.equal(source.visits.people.filter(({ name }) => name === texts.name).length, 1)
  const changed = await open({ entry: same, texts: { ...texts, name: 'Dewi Lain' } })
  t.match(changed, { status: 409, json: { trouble: { code: 'page-visit-already' } } })
  const gone = await open({ instance: 'another start', entry: entry() })
  t.match(gone, { status: 409, json: { trouble: { code: 'page-visit-restarted' } } })

  const { visits, today } = await get<VisitsAnswer>('/api/visits')
  t.match(visits, [{ patient: { name: texts.name, nik: null }, by, devices: ['bp-1'] }])
  t.match(today, /^\d{4}-\d{2}-\d{2}$/)
  await open({ patient: 'patient-a', devices: [] })
  t.match((await get<VisitsAnswer>('/api/visits')).visits[0], {
    patient: { nik: '3602**********01' },
  })
})

t.test('visits: what is wrong is refused, what is doubtful is asked about', async (t) => {
  const { source, open, post } = await openPage(t)
  const before = source.visits.people.length
  t.match((await open({ texts: { ...texts, name: '' } })).json, {
    kind: 'refused',
    fields: [{ field: 'name' }],
  })
  const other = { ...texts, nik: '3602991708900001' }
  t.match((await open({ texts: other })).json, { kind: 'asks', fields: [{ field: 'nik' }] })
  const known = await open({ texts: { ...texts, nik }, confirmed: ['nik'] })
  t.match(known.json, { kind: 'asks', alike: [{ patient: 'patient-a', nik: '3602**********01' }] })
  t.match((await open({ texts: { ...texts, name: 'budi misalnya' } })).json, {
    kind: 'asks',
    alike: [{ patient: 'patient-b' }],
  })
  t.equal(source.visits.people.length, before)
  t.match((await open({ texts: other, confirmed: ['nik'] })).json, { kind: 'opened' })

  const correct = { entry: entry(), patient: 'patient-a', nikGone: false, confirmed: [] }
  const corrected = { name: 'Siti Benar', nik: '', birthDate: '17-08-1990', age: '', sex: 'F' }
  t.match((await post('/api/visits/correct', { ...correct, texts: corrected })).json, {
    kind: 'corrected',
  })
  t.match(source.visits.people[0], { name: 'Siti Benar', nik })
  const without = { ...correct, entry: entry(), nikGone: true, texts: corrected }
  await post('/api/visits/correct', without)
  t.equal(source.visits.people[0]?.nik, null)
})

t.test('visits: every field has a limit, and a person must say who it is', async (t) => {
  const { open, post, source } = await openPage(t)
  const wrong = await Promise.all([
    open({ by: '' }),
    open({ by: 'van' }),
    open({ by: 'Hospital' }),
    open({ by: 7 }),
    open({ by: 'x'.repeat(65) }),
    open({ patient: '../x' }),
    open({ devices: 'bp-1' }),
    open({ devices: ['../x'] }),
    open({ devices: Array.from({ length: 33 }, (_, at) => `d-${at}`) }),
    open({ texts: { ...texts, name: 'x'.repeat(81) } }),
    open({ texts: null }),
    open({ entry: 'short' }),
    post('/api/visits/find', { text: 'x'.repeat(81) }),
    post('/api/visits/cancel', { visit: 'visit-1', reason: ' ' }),
    post('/api/visits/cancel', { visit: 'visit-1', reason: 'x'.repeat(201) }),
    post('/api/orders/make', { entry: entry(), visit: 'visit-1', examination: 'brain' }),
    post('/api/images/decide', { kind: 'accept', study: 's1' }),
    post('/api/images/decide', { kind: 'burn', study: 's1' }),
    post('/api/images/decide', { kind: 'assign', study: 's1', order: 'order-1' }),
    post('/api/media/take', { medium: 'm', studies: Array.from({ length: 501 }, String) }),
  ])
  t.strictSame([...new Set(wrong.map(({ status }) => status))], [400])
  t.strictSame(source.visits.decisions, [])
  t.equal((await open({ filler: 'x'.repeat(20_000) })).status, 413)
})

t.test('orders: are made once, with the code of the examination', async (t) => {
  const { get, post, order } = await openPage(t)
  const { visit, order: made } = await order()
  t.match(made, { modality: 'DX', description: 'Foto toraks PA, kontrol', state: 'scheduled' })
  t.match(made.accessionNumber, /^.{1,16}$/)
  t.equal((await post('/api/orders/complete', { order: made.order })).status, 200)
  const { visits } = await get<VisitsAnswer>('/api/visits')
  t.match(visits[0]?.orders, [{ state: 'completed' }])
  t.equal((await post('/api/visits/close', { visit })).status, 200)
  const late = { entry: entry(), visit, examination: 'us', detail: '', stationAeTitle: null }
  t.match(await post('/api/orders/make', late), {
    status: 409,
    json: { trouble: { code: 'visits-visit-over' } },
  })
})

t.test('images: go to the patient who was seen, or nowhere, and back', async (t) => {
  const { source, get, post, order } = await openPage(t)
  const { order: made } = await order()
  source.visits.receive('s1', { name: 'CONTOH^SITI' })
  const { waiting } = await get<WaitingView>('/api/images')
  const [preview = ''] = waiting[0]?.previews ?? []
  const picture = await post('/api/images/preview', { preview })
  t.match(picture.headers, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' })
  t.match(await post('/api/images/preview', { preview: 'none' }), {
    status: 404,
    json: { trouble: { code: 'page-no-preview' } },
  })
  const assign = { kind: 'assign', study: 's1', order: made.order }
  t.match(await post('/api/images/decide', { ...assign, patient: 'patient-b' }), {
    status: 409,
    json: { trouble: { code: 'page-other-patient' } },
  })
  t.equal((await get<WaitingView>('/api/images')).waiting.length, 1)
  t.equal((await post('/api/images/decide', { ...assign, patient: 'patient-a' })).status, 200)
  t.match(await get('/api/images'), { waiting: [], decided: [{ study: 's1', by }] })
  await post('/api/images/decide', { kind: 'undo', study: 's1' })
  t.match(await get('/api/images'), { waiting: [{ study: 's1' }], decided: [] })
})

t.test('visits: nothing of a patient is in the log or in the name of a file', async (t) => {
  const { page, source, folder, logged, cookie, post, open, order } = await openPage(t)
  const { order: made } = await order()
  await open({ texts: { ...texts, nik: '3602991708900001' } })
  await post('/api/visits/find', { text: nik })
  await post('/api/visits/close', { visit: 'Dewi Umpama' })
  Object.assign(source.visits, { find: () => Promise.reject(new Error('the disk is gone')) })
  t.equal((await post('/api/visits/find', { text: 'Dewi Umpama' })).status, 500)
  const names = [texts.name, 'Siti', nik, '3602991708900001', made.accessionNumber, by]
  const kept = [...logged, ...readdirSync(folder, { recursive: true }).map(String)].join('\n')
  t.match(kept, /page-failed/, 'the failure is in the log')
  t.strictSame(
    names.filter((name) => kept.includes(name)),
    [],
  )
  t.equal((await ask(page.port, `/api/visits/find?text=${nik}`, { cookie })).status, 404)
})
