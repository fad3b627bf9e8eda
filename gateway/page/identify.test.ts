import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../clock/system-clock.ts'
import { identifyTrouble } from '../errors/identify.ts'
import { buildPage } from './build.ts'
import { ask, claimPage, startTestPage } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'

t.test('identify: only who is signed in takes a device into use, and in words', async (t) => {
  const folder = t.testdir({ data: {} })
  const assetsFolder = join(folder, 'page')
  await buildPage(assetsFolder)
  const clock = systemClock()
  const source = scriptedSource(clock)
  const page = await startTestPage({ folder: join(folder, 'data'), assetsFolder }, clock, source)
  t.teardown(() => page.close())
  const use = { kind: 'use', path: '/dev/ttyUSB0', driver: 'and-tm265x', as: null }

  const cookie = await claimPage(page)
  for (const path of ['/api/serial-drivers', '/api/port-capture?path=/dev/ttyUSB0']) {
    t.match(await ask(page.port, path), { status: 401 })
    t.match(await ask(page.port, path, { cookie }), { status: 200 })
  }
  t.match(await ask(page.port, '/api/identify', { post: use }), { status: 401 })
  t.strictSame(source.asked, [])
  t.match(await ask(page.port, '/api/identify', { cookie, post: use }), { status: 200 })
  t.strictSame(source.asked, [use])

  const wrong = [
    { ...use, kind: 'burn' },
    { ...use, path: 7 },
    { ...use, driver: 'x'.repeat(65) },
    { kind: 'forget' },
    [],
  ]
  for (const post of wrong) {
    t.match(await ask(page.port, '/api/identify', { cookie, post }), { status: 400 })
  }
  t.equal(source.asked.length, 1)

  const gone = {
    ...source.identify,
    ask: () => Promise.reject(identifyTrouble('identify-port-gone', { path: 'x' })),
  }
  Object.assign(source, { identify: gone })
  const refused = await ask(page.port, '/api/identify', { cookie, post: use })
  t.match(refused, { status: 503, json: { trouble: { code: 'identify-port-gone' } } })
})
