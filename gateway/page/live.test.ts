import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { Live, mergeBlocks } from './live.ts'
import { ask, claimPage, open, startTestPage } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'
import type { LiveMessages, SamplesBlock, Start, StatusWire } from './wire.ts'

interface Heard {
  readonly name: string
  readonly message: unknown
}

/** A browser's end of the stream that keeps what it heard. */
async function listen(t: Test, port: number, cookie: string | null, query = '?samples=1') {
  const heard: Heard[] = []
  let isClosed = false
  let waiting: (() => void)[] = []
  const answered = Promise.withResolvers<number>()
  const request = open(port, `/api/live${query}`, { cookie }, (response) => {
    answered.resolve(response.statusCode ?? 0)
    let text = ''
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? []
        if (name !== undefined) heard.push({ name, message: JSON.parse(data ?? 'null') })
      }
      for (const wake of waiting.splice(0)) wake()
    })
    response.on('close', () => {
      isClosed = true
      for (const wake of waiting.splice(0)) wake()
    })
    response.on('error', () => {})
  })
  request.on('error', () => {})
  t.teardown(() => request.destroy())
  const status = await answered.promise
  return {
    status,
    heard,
    isClosed: () => isClosed,
    of: <Name extends keyof LiveMessages>(name: Name) =>
      heard.filter((one) => one.name === name).map((one) => one.message as LiveMessages[Name]),
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close: () => request.destroy(),
  }
}

async function openPage(t: Test) {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  const folder = t.testdir({ assets: { 'index.html': '' }, data: {} })
  const page = await startTestPage(
    { folder: join(folder, 'data'), assetsFolder: join(folder, 'assets') },
    clock,
    source,
  )
  t.teardown(() => page.close())
  return { clock, source, page, port: page.port }
}

t.test('live: says who it is and how the van is, to anybody', async (t) => {
  const { clock, source, port } = await openPage(t)
  const stop = source.play()
  const viewer = await listen(t, port, null)
  t.equal(viewer.status, 200)
  await viewer.until(() => viewer.of('status').length > 0)
  t.match(viewer.of('hello')[0], { start: { claimed: false, signedIn: false }, nowMs: Number })
  t.match(viewer.of('status')[0], { van: 'van-02', nowMs: Number })
  await clock.advance(4_000)
  stop()
  await viewer.until(() => viewer.of('beat').length >= 2)
  t.strictSame(
    viewer.heard.filter((one) => ['values', 'samples', 'event', 'records'].includes(one.name)),
    [],
    'and no value to those who are not signed in',
  )
})

t.test('live: carries values and waves to those who are signed in', async (t) => {
  const { clock, source, port, page } = await openPage(t)
  const cookie = await claimPage(page)
  const viewer = await listen(t, port, cookie)
  await viewer.until(() => viewer.of('hello').length > 0)
  const stop = source.play()
  await clock.advance(2_000)
  stop()
  await viewer.until(() => viewer.of('samples').length >= 8)
  t.match(viewer.of('values')[0], { device: 'bp-1', values: [{ value: 128, unit: 'mm[Hg]' }] })
  const ecg = viewer
    .of('samples')
    .flatMap((message) => message.blocks)
    .filter((block) => block.device === 'ecg-1')
  let next = 0
  for (const block of ecg) {
    t.equal(block.firstSample, next)
    t.equal(block.samples.length, 12)
    next += block.samples[0]?.length ?? 0
  }
  t.ok(next >= 1_000, 'two seconds of 500 Hz')
  t.ok(viewer.of('records').length > 0)
})

t.test('live: says that visits and media are different, and nothing of them', async (t) => {
  const { clock, source, port, page } = await openPage(t)
  const viewer = await listen(t, port, await claimPage(page))
  const stranger = await listen(t, port, null)
  await stranger.until(() => stranger.of('status').length > 0)
  await viewer.until(() => viewer.of('hello').length > 0)
  source.visits.receive('s1', { name: 'CONTOH^SITI' })
  source.media.plug(true)
  await clock.advance(300)
  await viewer.until(() => viewer.of('visits').length + viewer.of('media').length === 2)
  t.strictSame(Object.keys(viewer.of('visits')[0] ?? {}), ['nowMs'])
  await clock.advance(2_000)
  await stranger.until(() => stranger.of('beat').length > 0)
  t.strictSame([...stranger.of('visits'), ...stranger.of('media')], [])
})

t.test('live: whoever comes later sees the newest values at once', async (t) => {
  const { clock, source, port, page } = await openPage(t)
  const cookie = await claimPage(page)
  const stop = source.play()
  await clock.advance(1_500)
  stop()
  const viewer = await listen(t, port, cookie, '')
  await viewer.until(() => viewer.of('values').length >= 7)
  const codes = viewer.of('values').flatMap((message) => message.values.map((one) => one.code))
  t.ok(codes.includes('MDC_PRESS_BLD_NONINV_SYS'))
  t.ok(codes.includes('MDC_PULS_OXIM_SAT_O2'))
  t.equal(new Set(codes).size, codes.length, 'each once')
  t.strictSame(viewer.of('samples'), [], 'waves only when asked for')
})

t.test('live: two probes that measure the same stay two', async (t) => {
  const { source, port, page } = await openPage(t)
  const cookie = await claimPage(page)
  for (const probe of ['1', '2']) source.say('monitor-1', [36.5], { probe })
  const viewer = await listen(t, port, cookie, '')
  await viewer.until(() => viewer.of('values').length >= 2)
  t.strictSame(
    viewer.of('values').map((message) => message.probe),
    ['1', '2'],
  )
})

t.test('live: a condition that lasts is told to whoever comes later, until it ends', async (t) => {
  const { source, port, page } = await openPage(t)
  const cookie = await claimPage(page)
  source.event('ecg-1', 'lead-off', true)
  source.event('ecg-1', 'arrhythmia', true)
  source.event('ecg-1', 'arrhythmia', false)
  const viewer = await listen(t, port, cookie, '')
  await viewer.until(() => viewer.of('status').length > 0)
  t.match(viewer.of('event'), [{ device: 'ecg-1', code: 'lead-off', active: true }])
  t.equal(viewer.of('event').length, 1)
  source.event('ecg-1', 'lead-off', false)
  await viewer.until(() => viewer.of('event').length > 1)
  t.match(viewer.of('event')[1], { code: 'lead-off', active: false })
})

t.test('live: ends with the session', async (t) => {
  const { port, page } = await openPage(t)
  const cookie = await claimPage(page)
  const viewer = await listen(t, port, cookie)
  await viewer.until(() => viewer.of('hello').length > 0)
  await ask(port, '/api/sign-out', { post: {}, cookie })
  await viewer.until(viewer.isClosed)
  t.equal(viewer.isClosed(), true)
})

t.test('live: has few seats, and says so to one too many', async (t) => {
  const { port } = await openPage(t)
  const viewers = []
  for (let count = 0; count < 6; count++) viewers.push(await listen(t, port, null))
  t.strictSame([...new Set(viewers.map((viewer) => viewer.status))], [200])
  const refused = await ask(port, '/api/live')
  t.equal(refused.status, 503)
  t.match(refused.json, { trouble: { code: 'page-too-many-viewers' } })
  const [first] = viewers
  first?.close()
  let status = 503
  for (let tries = 0; tries < 50 && status === 503; tries++) {
    const next = await listen(t, port, null)
    status = next.status
    if (status === 503) await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(status, 200, 'a seat that was left is free again')
})

/** A response that nobody reads. */
function deafResponse(): ServerResponse & PassThrough {
  const stream = new PassThrough({ highWaterMark: 16 })
  return Object.assign(stream, { writeHead: () => stream }) as unknown as ServerResponse &
    PassThrough
}

t.test('live: drops a viewer that does not keep up, and its buffer stays bounded', async (t) => {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  const live = new Live({ clock, source, status: async () => ({}) as StatusWire })
  const slow = deafResponse()
  const start = {} as Start
  const viewer = { response: slow, address: 'a', isSignedIn: () => true, wantsSamples: true, start }
  t.equal(live.seat(viewer), true)
  const closed = once(slow, 'close')
  const stop = source.play()
  let mostBytes = 0
  for (let seconds = 0; seconds < 600 && live.viewers > 0; seconds++) {
    await clock.advance(1_000)
    mostBytes = Math.max(mostBytes, slow.writableLength)
  }
  stop()
  t.equal(live.viewers, 0)
  await closed
  t.ok(mostBytes > 100_000 && mostBytes < 700_000, `${mostBytes} bytes waited`)
  t.strictSame(
    clock.running().filter((timer) => timer.name.startsWith('page')),
    [],
    'nobody watches, nothing runs',
  )
  live.close()
  t.equal(live.seat({ ...viewer, response: deafResponse() }), false, 'closed is closed')
})

t.test('live: asks the source for its status one question at a time', async (t) => {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  let asked = 0
  const answers: PromiseWithResolvers<StatusWire>[] = []
  const live = new Live({
    clock,
    source,
    status: () => {
      asked += 1
      const answer = Promise.withResolvers<StatusWire>()
      answers.push(answer)
      return answer.promise
    },
  })
  const seat = {
    response: deafResponse(),
    address: 'a',
    isSignedIn: () => false,
    wantsSamples: false,
    start: {} as Start,
  }
  live.seat(seat)
  await clock.advance(20_000)
  t.equal(asked, 1)
  answers[0]?.reject(new Error('the journal is busy'))
  await clock.advance(400)
  t.equal(asked, 2, 'what was missed is asked once, and a failure is no end')
  live.close()
})

function block(change: Partial<SamplesBlock>): SamplesBlock {
  return {
    device: 'ecg-1',
    wave: 'ecg',
    run: 1,
    firstSample: 0,
    atMs: 0,
    rate: { samples: 500, perMs: 1_000 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_II', unit: 'uV', lsb: 5, zero: 0 }],
    simulated: false,
    samples: [[1, 2]],
    ...change,
  }
}

t.test('live: joins blocks that follow each other, and no others', async (t) => {
  const first = block({})
  const next = block({ firstSample: 2, atMs: 4, samples: [[3]] })
  const other = block({ device: 'monitor-1', samples: [[9]] })
  t.strictSame(mergeBlocks([first, other, next]), [{ ...first, samples: [[1, 2, 3]] }, other])
  const apart = [
    block({ firstSample: 3 }),
    block({ firstSample: 2, run: 2 }),
    block({ firstSample: 2, wave: 'pleth' }),
    block({ firstSample: 2, samples: [[3], [4]] }),
  ]
  for (const one of apart) t.strictSame(mergeBlocks([first, one]), [first, one])
  t.strictSame(mergeBlocks([]), [])
})
