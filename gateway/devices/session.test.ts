/** A session tells what its device says, stamped, and whether it is understood. */
import t from 'tap'
import type { Session } from '../../drivers/driver.ts'
import type { Measurement, Waveform } from '../../protocols/packet/record.ts'
import { hearingWords } from './device-status.ts'
import { letters, started, testDriver, testVan } from './session-testing.ts'

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
