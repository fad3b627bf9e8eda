/** A session bears the mistakes of a driver, and sends for it while bytes come. */
import t from 'tap'
import type { Session, Want } from '../../drivers/driver.ts'
import { started, testDriver, testVan } from './session-testing.ts'

t.test('session: a driver that throws is counted, logged and restarted', async (t) => {
  const van = await started()
  van.say('m')
  van.say('!')
  await van.clock.settle()
  t.match(van.session.status(), { state: 'troubled', driverFailures: 1 })
  t.match(van.session.status().trouble, { code: 'driver-failed' })
  t.match(van.memory.lines.at(-1), { level: 'error', fields: { err: { message: 'mistake' } } })
  t.strictSame(van.eventCodes(), ['connected', 'driver-failed'], 'the device is not gone')
  await van.clock.advance(1_000)
  t.equal(van.session.status().state, 'waiting')
  van.say('m')
  await van.clock.settle()
  t.equal(van.stored.filter((record) => record.kind === 'measurement').length, 2)
  await van.session.stop()
})

t.test(
  'session: a driver that fails again and again is tried less often, and tells it once',
  async (t) => {
    const van = await started()
    const opened: number[] = []
    for (let second = 0; second < 60; second++) {
      const before = van.plug.openedCount
      await van.clock.advance(1_000)
      if (van.plug.openedCount > before) opened.push(second)
      van.say('p!')
    }
    t.strictSame(opened, [1, 3, 8, 18, 48])
    t.equal(van.session.status().driverFailures, 6)
    t.strictSame(van.eventCodes(), ['connected', 'driver-failed'])
    await van.session.stop()
  },
)

t.test('session: a driver that never listens is stopped by a limit', async (t) => {
  const van = await started({
    driver: testDriver(function* (): Session {
      for (;;) yield { kind: 'noise', reason: 'spin', bytes: new Uint8Array() }
    }),
  })
  t.match(van.session.status().trouble, { code: 'driver-ran-away' })
  await van.session.stop()
})

t.test('session: a driver that cannot begin, or says nonsense, is its own mistake', async (t) => {
  const nonsense: readonly Want[] = [
    { kind: 'packet', atMs: Number.NaN },
    { kind: 'samples', wave: 'ecg', samples: [1, 2] },
    { kind: 'samples', wave: 'none', samples: [1] },
    { kind: 'listen', ms: Number.NaN },
  ]
  const sessions = [
    () => {
      throw new Error('cannot begin')
    },
    ...nonsense.map(
      (want) =>
        function* (): Session {
          yield want
          yield { kind: 'listen', ms: 1_000 }
        },
    ),
  ]
  for (const session of sessions) {
    const van = await started({ driver: testDriver(session) })
    t.match(van.session.status().trouble, { code: 'driver-failed' })
    await van.session.stop()
  }
})

t.test('session: sends before it goes on, and what comes meanwhile waits', async (t) => {
  const log: string[] = []
  const van = testVan({
    driver: testDriver(function* (): Session {
      yield { kind: 'send', bytes: Uint8Array.of(1, 2), why: 'begin' }
      log.push('sent')
      for (;;) {
        const heard = yield { kind: 'listen', ms: 700 }
        if (heard?.kind === 'bytes') log.push(`${heard.bytes.join(' ')} at ${heard.atMs}`)
        else log.push(`silence at ${heard?.atMs}`)
      }
    }),
  })
  van.session.start()
  await van.clock.settle()
  t.strictSame(log, ['sent'])
  t.strictSame(van.plug.heard, [Uint8Array.of(1, 2)])
  t.equal(van.session.status().bytesOut, 2)
  await van.clock.advance(100)
  van.say('a')
  van.say('b')
  await van.clock.advance(700)
  t.strictSame(log, ['sent', '97 at 100', '98 at 100', 'silence at 800'])
  await van.session.stop()
})

t.test('session: what comes while it sends is heard afterwards, with its own time', async (t) => {
  const log: string[] = []
  const van = testVan({
    driver: testDriver(function* (): Session {
      yield { kind: 'listen', ms: 0 }
      yield { kind: 'send', bytes: Uint8Array.of(1), why: 'ask' }
      for (;;) {
        const heard = yield { kind: 'listen', ms: 60_000 }
        if (heard?.kind === 'bytes') log.push(`${heard.bytes.length} at ${heard.atMs}`)
      }
    }),
  })
  van.plug.onHeard = () => {
    van.say('answer')
    van.say('more')
  }
  van.session.start()
  await van.clock.advance(50)
  t.strictSame(log, ['6 at 0', '4 at 0'])
  await van.session.stop()
})

t.test('session: a write that never ends is given up', async (t) => {
  const van = testVan({
    driver: testDriver(
      function* (): Session {
        yield { kind: 'send', bytes: Uint8Array.of(1), why: 'ask' }
      },
      { silentAfterMs: null },
    ),
  })
  van.plug.stuck = true
  van.session.start()
  await van.clock.advance(9_999)
  t.equal(van.session.status().link, 'open')
  await van.clock.advance(1)
  t.match(van.session.status().trouble, { code: 'device-write-stuck' })
  t.equal(van.session.status().state, 'troubled')
  await van.session.stop()
})

t.test(
  'session: the queue of a busy driver is bounded, and what finds no room is told',
  async (t) => {
    const van = testVan({
      driver: testDriver(
        function* (): Session {
          yield { kind: 'send', bytes: Uint8Array.of(1), why: 'ask' }
        },
        { silentAfterMs: null },
      ),
    })
    van.plug.stuck = true
    van.session.start()
    await van.clock.settle()
    for (let chunk = 0; chunk < 70; chunk++) van.plug.say(new Uint8Array(4_096))
    await van.clock.settle()
    t.strictSame(van.eventCodes(), ['bytes-lost'])
    t.equal(van.session.status().noiseBytes, 6 * 4_096)
    await van.session.stop()
  },
)

t.test('session: a large chunk is heard in pieces, in order', async (t) => {
  const sizes: number[] = []
  const van = await started({
    driver: testDriver(function* (): Session {
      for (;;) {
        const heard = yield { kind: 'listen', ms: 1_000 }
        if (heard?.kind === 'bytes') sizes.push(heard.bytes.length)
      }
    }),
  })
  van.plug.say(new Uint8Array(10_000))
  t.strictSame(sizes, [4_096, 4_096, 1_808])
  await van.session.stop()
})
