/** A session opens its port, and opens it anew. */
import t from 'tap'
import type { Session } from '../../drivers/driver.ts'
import type { Trouble } from '../errors/trouble.ts'
import { letters, started, testDriver, testVan } from './session-testing.ts'

t.test('session: connected and disconnected are told once per change', async (t) => {
  const van = await started()
  van.say('p')
  await van.clock.advance(100)
  van.say('ppp')
  van.plug.unplug()
  await van.clock.advance(120_000)
  t.strictSame(van.eventCodes(), ['connected', 'disconnected'])
  t.match(van.events('disconnected'), [{ level: 'warning', detail: { reason: 'link-unplugged' } }])
  t.match(van.session.status(), { state: 'troubled', link: 'closed' })
  t.equal((van.session.status().trouble as Trouble).code, 'link-not-there')
  t.ok(van.session.status().retries > 3)

  van.plug.plugIn()
  await van.clock.advance(30_000)
  t.equal(van.session.status().link, 'open')
  t.strictSame(van.eventCodes(), ['connected', 'disconnected'])
  van.say('p')
  await van.clock.settle()
  t.strictSame(van.eventCodes(), ['connected', 'disconnected', 'connected'])
  t.match(van.session.status(), { retries: 0, trouble: null })
  await van.session.stop()
})

t.test('session: is opened again after 1, 2, 5, 10, 30 and then every 30 s', async (t) => {
  const van = testVan()
  van.plug.unplug()
  const tries: number[] = []
  van.session.start()
  for (let second = 0; second < 120; second++) {
    const before = van.session.status().retries
    await van.clock.advance(1_000)
    if (van.session.status().retries > before) tries.push(second + 1)
  }
  t.strictSame(tries, [1, 3, 8, 18, 48, 78, 108])
  t.ok(van.clock.running().some((timer) => timer.name === 'test-1: opening again'))
  van.plug.plugIn()
  van.session.tryNow()
  await van.clock.advance(1)
  t.equal(van.session.status().state, 'waiting', 'a port that appears is opened at once')
  await van.session.stop()
})

t.test('session: after a while without a byte the port is opened anew', async (t) => {
  const van = await started()
  van.say('p')
  await van.clock.advance(2_999)
  t.equal(van.session.status().state, 'talking')
  t.equal(van.plug.openedCount, 1)
  await van.clock.advance(1)
  t.equal(van.plug.openedCount, 2)
  t.match(van.session.status(), { state: 'silent', hearing: 'nothing', retries: 1 })
  t.match(van.session.status().trouble, { code: 'device-silent' })
  await van.clock.settle()
  t.strictSame(van.eventCodes(), ['connected', 'disconnected'])

  // Each silence is given longer: 1, 2, 5, 10, 30 s more.
  const openedAfter: number[] = []
  for (let second = 0; second < 130; second++) {
    const before = van.plug.openedCount
    await van.clock.advance(1_000)
    if (van.plug.openedCount > before) openedAfter.push(second + 1)
  }
  t.strictSame(openedAfter, [4, 9, 17, 30, 63, 96, 129])
  t.equal(van.plug.isOpen, true, 'and is listened to all the while')

  van.say('m')
  t.match(van.session.status(), { state: 'talking', trouble: null, retries: 0 })
  await van.clock.settle()
  t.equal(van.stored.at(-1)?.kind, 'measurement')
  const opened = van.plug.openedCount
  await van.clock.advance(3_000)
  t.equal(van.plug.openedCount, opened + 1, 'and then as little patience as before')
  await van.session.stop()
})

t.test('session: a device that speaks only with a result may be silent for ever', async (t) => {
  const van = await started({ driver: testDriver(letters, { silentAfterMs: null }) })
  van.say('m')
  await van.clock.advance(24 * 3_600_000)
  t.match(van.session.status(), { state: 'talking', hearing: 'packets', retries: 0 })
  t.equal(van.plug.openedCount, 1)
  await van.session.stop()
})

t.test(
  'session: bytes that nobody understands keep the port open, and are told apart',
  async (t) => {
    const van = await started()
    van.say('p')
    for (let second = 0; second < 10; second++) {
      await van.clock.advance(1_000)
      van.say('??')
    }
    t.match(van.session.status(), { state: 'waiting', hearing: 'bytes', noiseCount: 20 })
    t.equal(van.plug.openedCount, 1)
    await van.session.stop()
  },
)

t.test('session: a dialogue that ends by itself leaves the port open', async (t) => {
  const van = await started()
  van.say('mx')
  await van.clock.advance(60_000)
  t.match(van.session.status(), { link: 'open', retries: 0 })
  t.equal(van.plug.openedCount, 1)
  van.say('m')
  t.match(van.session.status(), { lastNoise: 'after the end of the dialogue' })
  van.plug.unplug()
  await van.clock.advance(1)
  van.plug.plugIn()
  await van.clock.advance(1_000)
  van.say('m')
  await van.clock.settle()
  t.equal(van.stored.filter((record) => record.kind === 'measurement').length, 2)
  await van.session.stop()
})

t.test('session: the finally of a driver runs when the port closes', async (t) => {
  let ended = 0
  const van = await started({
    driver: testDriver(function* (): Session {
      try {
        for (;;) yield { kind: 'listen', ms: 1_000 }
      } finally {
        ended++
      }
    }),
  })
  van.plug.unplug()
  await van.clock.settle()
  t.equal(ended, 1)
  t.match(van.session.status().trouble, { code: 'link-unplugged' })
  await van.session.stop()
})

t.test('session: an opening that fails has words, and other errors are wrapped', async (t) => {
  const van = testVan()
  van.plug.refuse(new Error('odd'))
  van.session.start()
  await van.clock.settle()
  t.match(van.session.status().trouble, { code: 'link-not-opened', details: { why: 'odd' } })
  van.plug.refuse(null)
  await van.clock.advance(1_000)
  t.equal(van.session.status().state, 'waiting')
  await van.session.stop()
})

t.test('session: stopping while it opens or rests leaves nothing behind', async (t) => {
  const opening = testVan()
  opening.session.start()
  await opening.session.stop()
  await opening.clock.settle()
  t.equal(opening.plug.isOpen, false)
  t.strictSame(opening.clock.running(), [])

  const resting = testVan()
  resting.plug.unplug()
  resting.session.start()
  await resting.clock.settle()
  await resting.session.stop()
  t.strictSame(resting.clock.running(), [])

  const never = testVan()
  await never.session.stop()
  t.equal(never.plug.openedCount, 0)
})

t.test('session: a device server is a place like any other', async (t) => {
  const van = testVan({ address: { kind: 'tcp-server', port: 4_001 } })
  van.session.start()
  await van.clock.settle()
  van.say('p')
  t.match(van.session.status(), { where: 'TCP port 4001', line: null, state: 'talking' })
  await van.session.stop()
})
