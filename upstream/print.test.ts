import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { fakeClock } from '../gateway/clock/fake-clock.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { createSimBroker } from '../gateway/sim/broker.ts'
import { incarnation } from '../gateway/sim/incarnation.ts'
import type { Waveform } from '../protocols/packet/record.ts'
import { printStream } from './print.ts'
import { connect } from './subscriber/subscriber.ts'
import { arrivals, pulseStream } from './testing/landing.ts'
import { quiet, startLanding } from './testing/scene.ts'
import { pulse, TestVan } from './testing/van.ts'

const wave: Waveform = {
  kind: 'waveform',
  atMs: 5,
  utcMs: null,
  uncertaintyMs: null,
  source: 'device',
  simulated: false,
  wave: 'ecg',
  run: 1,
  firstSample: 0,
  rate: { samples: 500, perMs: 1000 },
  leads: [{ code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 2.5, zero: 0 }],
  samples: [Int32Array.of(1, -2, 3)],
}

async function stage(t: Test) {
  const clock = fakeClock()
  const random = seededRandom(1)
  const limits = { receiveMaximum: 20, maximumPacketBytes: 1_048_576, latencyMs: 10 }
  const broker = createSimBroker(clock, random, limits)
  const world = { clock, random, broker, log: quiet }
  const van = new TestVan('van-02')
  const place = { clock, broker, world, folder: t.testdir(), life: () => incarnation(clock) }
  const running = startLanding(place, van.trust)
  running.store.commit(
    arrivals([
      van.records(pulseStream, [pulse(1, 60), pulse(2, null)]),
      van.records('ecg-1/waveform', [wave]),
      ...van.pulses(pulseStream, 2, {}, 10).slice(1),
    ]),
  )
  const subscriber = connect(world, { clientId: 'reader' })
  return { clock, subscriber }
}

t.test('print: one line of JSON a record, samples as lists, and gaps are counted', async (t) => {
  const { clock, subscriber } = await stage(t)
  const out = new PassThrough()
  const stop = new AbortController()
  const printing = printStream(subscriber, '*/*/*', out, stop.signal, {
    from: 'beginning',
    patienceMs: 1_000,
  })
  await clock.advance(10_000)
  stop.abort()
  t.strictSame(await printing, { records: 4, gaps: 1, ended: 'stopped' })
  const lines = String(out.read())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(lines, [
    { kind: 'waveform', stream: 'ecg-1/waveform', samples: [[1, -2, 3]] },
    { kind: 'measurement', seq: 0, index: 0, values: [{ value: 60 }] },
    { kind: 'measurement', seq: 0, index: 1, values: [{ value: null }] },
    { kind: 'gap', from: 1, to: 1, reason: 'not-here' },
    { kind: 'measurement', seq: 2 },
  ])
})

t.test('print: waits for a slow reader, and ends when it goes away', async (t) => {
  const { clock, subscriber } = await stage(t)
  const out = new PassThrough({ highWaterMark: 10 })
  const printing = printStream(subscriber, '*/oxi-1/*', out, new AbortController().signal, {
    from: 'beginning',
  })
  await clock.advance(5_000)
  t.equal(out.readableLength > 0 && out.readableLength < 1_000, true, 'one line waits')
  out.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
  await clock.advance(1_000)
  t.match(await printing, { records: 1, ended: 'closed' })
})

t.test(
  'print: a signal that came before ends it at once, and so does a closed subscriber',
  async (t) => {
    const { clock, subscriber } = await stage(t)
    const out = new PassThrough()
    t.match(await printStream(subscriber, '*/*/*', out, AbortSignal.abort()), { ended: 'stopped' })
    const printing = printStream(subscriber, '*/*/*', out, new AbortController().signal)
    const closing = subscriber.close()
    await clock.advance(5_000)
    await closing
    t.match(await printing, { records: 0, gaps: 0, ended: 'ended' })
    await t.rejects(printStream(subscriber, 'nonsense', out, AbortSignal.abort()), RangeError)
  },
)
