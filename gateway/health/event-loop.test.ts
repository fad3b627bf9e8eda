import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { monitorEventLoop } from './event-loop.ts'

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
  await sleep(100)
  t.ok(monitor.read().maxMs < blocked.maxMs)
  monitor.stop()
})
