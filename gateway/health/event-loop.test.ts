import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { delayWindowMs, monitorEventLoop, watchEventLoop } from './event-loop.ts'
import { memoryLog } from './log.ts'

t.test('event loop: a blocked thread shows, and reading begins anew', async (t) => {
  const monitor = monitorEventLoop()
  t.strictSame(monitor.read(), { p50Ms: 0, p99Ms: 0, maxMs: 0 })
  await sleep(50)
  const until = performance.now() + 150
  while (performance.now() < until);
  await sleep(50)
  const blocked = monitor.read()
  t.ok(blocked.maxMs > 80, `${blocked.maxMs} ms`)
  t.ok(blocked.p50Ms < blocked.maxMs)
  // Another program may stop us as long, but not each time.
  do await sleep(20)
  while (monitor.read().maxMs >= blocked.maxMs)
  monitor.stop()
})

t.test(
  'event loop: what is shown is the last full window, and only changes are logged',
  async (t) => {
    const clock = fakeClock()
    const { log, lines } = memoryLog()
    const windows = [3, 51, 80, 50, 2].map((p99Ms) => ({ p50Ms: 1, p99Ms, maxMs: 200 }))
    let stopped = false
    const watch = watchEventLoop(clock, log, {
      read: () => windows.shift() ?? { p50Ms: 0, p99Ms: 0, maxMs: 0 },
      stop: () => (stopped = true),
    })
    t.strictSame(watch.last(), { p50Ms: 0, p99Ms: 0, maxMs: 0 })
    await clock.advance(delayWindowMs)
    t.strictSame(watch.last(), { p50Ms: 1, p99Ms: 3, maxMs: 200 })
    await clock.advance(4 * delayWindowMs)
    t.equal(watch.last().p99Ms, 2)
    t.strictSame(
      lines.map(({ level, message, fields }) => [level, message, fields.ms]),
      [
        ['warn', 'the main thread is late', 51],
        ['info', 'the main thread is in time again', 50],
      ],
    )
    watch.stop()
    t.ok(stopped)
    await clock.advance(delayWindowMs)
    t.equal(watch.last().p99Ms, 2)
  },
)
