import t from 'tap'
import type { Session, Want } from '../../drivers/driver.ts'
import type { Measurement, Record, Waveform } from '../../protocols/packet/record.ts'
import type { Trouble } from '../errors/trouble.ts'
import { hearingWords } from './device-status.ts'
import { keptRecordsMax } from './outbox.ts'
import { letters, testDriver, testVan } from './session-testing.ts'

async function started(options: Parameters<typeof testVan>[0] = {}) {
  const van = testVan(options)
  van.session.start()
  await van.clock.advance(10)
  return van
}

t.test('session: opens its port, and a packet makes it talk', async (t) => {
  const van = testVan()
  t.match(van.session.status(), { state: 'off', link: 'closed', where: '/dev/ttyUSB0' })
  van.session.start()
  t.match(van.session.status(), { state: 'opening', link: 'opening' })
  await van.clock.advance(10)
  t.match(van.session.status(), { state: 'waiting', link: 'open', hearing: 'nothing' })
  van.say('?')
  t.match(van.session.status(), { state: 'waiting', hearing: 'bytes', noiseCount: 1 })
  van.say('p')
  t.match(van.session.status(), {
    state: 'talking',
    hearing: 'packets',
    bytesIn: 2,
    packets: 1,
    noiseBytes: 1,
    lastNoise: 'no letter',
    lastHeardMs: 10_010,
    retries: 0,
    trouble: null,
  })
  await van.session.stop()
  t.match(van.session.status(), { state: 'off', link: 'closed' })
  t.equal(van.plug.isOpen, false)
  t.strictSame(van.clock.running(), [], 'nothing waits any more')
})

t.test('session: numerics are stamped and stored as they were said', async (t) => {
  const van = await started({ simulated: true })
  van.say('n')
  await van.clock.settle()
  t.strictSame(van.stored.at(-1), {
    kind: 'numerics',
    values: [{ code: 'MDC_TEMP', value: 36.5, unit: 'Cel' }],
    qualifiers: { probe: '1' },
    atMs: van.clock.monotonicMs(),
    utcMs: null,
    uncertaintyMs: null,
    source: 'device',
    simulated: true,
  })
  await van.session.stop()
})

t.test('session: a measurement is stamped with the first byte of its packet', async (t) => {
  const slow = testDriver(function* (): Session {
    let firstMs = 0
    for (let count = 0; ;) {
      const heard = yield { kind: 'listen', ms: 10_000 }
      if (heard?.kind !== 'bytes') continue
      if (count === 0) firstMs = heard.atMs
      count += heard.bytes.length
      if (count < 4) continue
      count = 0
      yield { kind: 'packet', atMs: firstMs }
      yield { kind: 'measurement', values: [], qualifiers: { a: 'b' } }
    }
  })
  const van = await started({
    driver: slow,
    simulated: true,
    time: { utcOf: (atMs) => ({ utcMs: 1_000_000 + atMs, uncertaintyMs: 9 }) },
  })
  await van.clock.advance(100.75)
  van.say('a')
  await van.clock.advance(300)
  van.say('bcd')
  await van.clock.settle()
  t.strictSame(van.stored.at(-1), {
    kind: 'measurement',
    values: [],
    deviceTime: null,
    qualifiers: { a: 'b' },
    atMs: 10_110,
    utcMs: 1_010_110,
    uncertaintyMs: 9,
    source: 'device',
    simulated: true,
  })
  await van.session.stop()
})

t.test('session: without packets, what is said is stamped with the bytes heard last', async (t) => {
  const plain = testDriver(function* (): Session {
    for (;;) {
      const heard = yield { kind: 'listen', ms: 10_000 }
      if (heard?.kind === 'bytes') yield { kind: 'measurement', values: [] }
    }
  })
  const van = await started({ driver: plain })
  await van.clock.advance(500)
  van.say('a')
  await van.clock.settle()
  t.strictSame(van.eventCodes(), ['connected'])
  t.equal(van.stored.at(-1)?.atMs, 10_510)
  t.equal(van.stored.at(-1)?.utcMs, null)
  t.equal(van.session.status().state, 'talking')
  await van.session.stop()
})

t.test('session: a line is heard when it is whole, and is from when it began', async (t) => {
  const lines = testDriver(
    function* (): Session {
      for (;;) {
        const heard = yield { kind: 'listen', ms: 10_000 }
        if (heard?.kind !== 'bytes') continue
        const text = String.fromCharCode(...heard.bytes)
        yield { kind: 'packet', atMs: heard.atMs }
        yield { kind: 'measurement', values: [], qualifiers: { text } }
      }
    },
    { splits: 'lines' },
  )
  const van = await started({ driver: lines })
  van.say('12')
  await van.clock.advance(40)
  van.say('.5 kg\r\n\r\nhalf')
  await van.clock.settle()
  const record = van.stored.at(-1) as Measurement
  t.equal(record.atMs, 10_010)
  t.strictSame(record.qualifiers, { text: '12.5 kg' })
  t.equal(van.session.status().bytesIn, 15)
  t.equal(
    Buffer.concat(van.session.recorded().map((piece) => piece.bytes)).toString(),
    '12.5 kg\r\n\r\nhalf',
  )
  await van.session.stop()
  t.match(van.session.status(), { noiseBytes: 4, lastNoise: 'a line that was cut off' })
})

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

t.test('session: the three silences have words', async (t) => {
  const van = await started()
  const words = () => hearingWords(van.session.status())
  t.match(words(), { en: /No bytes/, id: /Tidak ada data/ })
  van.say('?')
  t.match(words(), { en: /none are understood at 9600 8N1/, id: /tidak terbaca pada 9600 8N1/ })
  van.say('p')
  t.match(words(), { en: /is understood/, id: /terbaca/ })
  await van.session.stop()
  t.equal(words(), null)
  const rare = await started({ driver: testDriver(letters, { silentAfterMs: null }) })
  rare.say('p')
  t.match(hearingWords(rare.session.status()), { en: /when it has a result/ })
  await rare.session.stop()
  const gone = { link: 'open', hearing: 'packets', line: null, silentAfterMs: 1, state: 'silent' }
  t.match(hearingWords(gone as never), { en: /has stopped/ })
})

t.test('session: a result that was broken on its way is told, a flicker is not', async (t) => {
  const rare = await started({ driver: testDriver(letters, { silentAfterMs: null }) })
  rare.say('p')
  rare.say('??')
  t.match(rare.session.status(), { hearing: 'packets' })
  rare.say('#')
  t.match(rare.session.status(), { state: 'talking', hearing: 'broken' })
  t.match(hearingWords(rare.session.status()), { en: /send it again/, id: /kirim lagi/ })
  rare.say('p')
  t.match(rare.session.status(), { hearing: 'packets' })
  await rare.session.stop()
})

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

t.test('session: samples become blocks, and an open block does not wait for ever', async (t) => {
  const van = await started()
  for (let sample = 0; sample < 30; sample++) {
    van.say('s')
    await van.clock.advance(10)
  }
  const blocks = () => van.stored.filter((record): record is Waveform => record.kind === 'waveform')
  t.match(blocks(), [{ wave: 'ecg', firstSample: 0, atMs: 10_010, run: 10_000 }])
  t.equal(blocks()[0]?.samples[0]?.length, 25)
  await van.clock.advance(1_500)
  t.match(blocks()[1], { firstSample: 25, atMs: 10_260 })
  t.equal(blocks()[1]?.samples[0]?.length, 5)
  await van.session.stop()
})

t.test(
  'session: what is open when the port closes is stored, and the next run begins anew',
  async (t) => {
    const van = await started()
    van.say('sss')
    van.plug.unplug()
    await van.clock.advance(500)
    van.plug.plugIn()
    await van.clock.advance(1_000)
    van.say('ss')
    await van.session.stop()
    const blocks = van.stored.filter((record) => record.kind === 'waveform')
    t.strictSame(
      blocks.map((block) => [block.firstSample, block.samples[0]?.length]),
      [
        [0, 3],
        [0, 2],
      ],
    )
    t.not(blocks[0]?.run, blocks[1]?.run)
  },
)

t.test('session: an identity is handed on', async (t) => {
  const van = await started()
  van.say('i')
  t.match(van.identities, [{ model: 'T-1', serialNumber: '42', firmware: null }])
  await van.session.stop()
})

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

t.test('session: what the journal refuses is shown, kept, and stored in order later', async (t) => {
  const stored: Record[] = []
  let why: Error | null = null
  const van = await started({
    sink: {
      record: async (_device, record) => {
        if (why !== null) throw why
        stored.push(record)
      },
    },
  })
  why = new Error('journal is full')
  for (let round = 0; round < 20; round++) {
    van.say('m')
    await van.clock.advance(500)
  }
  t.match(van.session.status(), {
    state: 'talking',
    storeTrouble: { message: 'journal is full' },
    recordsWaiting: 21,
    recordsLost: 0,
  })
  t.match(van.memory.lines.at(-1), { level: 'error', message: 'records are not stored' })
  why = null
  await van.clock.advance(30_000)
  t.match(van.session.status(), { storeTrouble: null, recordsWaiting: 0, recordsLost: 0 })
  t.strictSame(
    stored.filter((record) => record.kind === 'measurement').map((record) => record.atMs),
    Array.from({ length: 20 }, (_, round) => 10_010 + round * 500),
  )
  await van.session.stop()
})

t.test('session: when no more can be kept, the loss is counted and becomes an event', async (t) => {
  const stored: Record[] = []
  let refuses = true
  const van = await started({
    driver: testDriver(letters, { silentAfterMs: null }),
    sink: {
      record: async (_device, record) => {
        if (refuses) throw new Error('journal is full')
        stored.push(record)
      },
    },
  })
  for (let round = 0; round < 90; round++) van.say('m'.repeat(100))
  await van.clock.settle()
  const lost = 1 + 9_000 - keptRecordsMax
  t.match(van.session.status(), { recordsLost: lost, recordsWaiting: keptRecordsMax })
  refuses = false
  for (let round = 0; round < 60; round++) await van.clock.advance(100)
  const last = stored.at(-1)
  t.match(last, {
    kind: 'event',
    code: 'records-lost',
    level: 'warning',
    detail: { count: `${lost}`, waveforms: '0', fromMs: '10010', toMs: '10010' },
  })
  t.equal(stored.length, keptRecordsMax + 1)
  await van.session.stop()
})

t.test('session: what could not be stored until the end is said', async (t) => {
  const van = await started({
    sink: {
      record: async () => {
        throw new Error('journal is full')
      },
    },
  })
  van.say('m')
  await van.clock.settle()
  await van.session.stop()
  t.match(van.memory.lines.at(-1), { message: 'records lost at the end', fields: { count: 2 } })
  t.strictSame(van.clock.running(), [])
})

t.test('session: a device server is a place like any other', async (t) => {
  const van = testVan({ address: { kind: 'tcp-server', port: 4_001 } })
  van.session.start()
  await van.clock.settle()
  van.say('p')
  t.match(van.session.status(), { where: 'TCP port 4001', line: null, state: 'talking' })
  await van.session.stop()
})
