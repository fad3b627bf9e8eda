import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { Attempts } from './attempts.ts'
import { Sessions } from './sessions.ts'

t.test('attempts: five at once, then one every half minute', async (t) => {
  const clock = fakeClock()
  const attempts = new Attempts(clock)
  for (let count = 0; count < 5; count++) t.equal(attempts.attempt('10.0.0.7').kind, 'go')
  t.strictSame(attempts.attempt('10.0.0.7'), { kind: 'wait', seconds: 30 })
  await clock.advance(29_000)
  t.strictSame(attempts.attempt('10.0.0.7'), { kind: 'wait', seconds: 1 })
  await clock.advance(1_000)
  t.equal(attempts.attempt('10.0.0.7').kind, 'go')
  t.equal(attempts.attempt('10.0.0.7').kind, 'wait')
})

t.test('attempts: a right one gives back what it took', async (t) => {
  const attempts = new Attempts(fakeClock())
  for (let count = 0; count < 4; count++) attempts.attempt('10.0.0.7')
  const right = attempts.attempt('10.0.0.7')
  t.equal(right.kind, 'go')
  if (right.kind === 'go') right.succeeded()
  for (let count = 0; count < 5; count++) t.equal(attempts.attempt('10.0.0.7').kind, 'go')
})

t.test('attempts: one address does not lock another out', async (t) => {
  const attempts = new Attempts(fakeClock())
  for (let count = 0; count < 200; count++) attempts.attempt('10.0.0.7')
  t.equal(attempts.attempt('10.0.0.8').kind, 'go')
})

t.test('attempts: an IPv4 address and its IPv6 form are one, and so is a /64', async (t) => {
  const attempts = new Attempts(fakeClock())
  for (let count = 0; count < 5; count++) attempts.attempt('10.0.0.7')
  t.equal(attempts.attempt('::ffff:10.0.0.7').kind, 'wait')
  for (let count = 0; count < 5; count++) attempts.attempt(`fd00:1:2:3::${count}`)
  t.equal(attempts.attempt('fd00:1:2:3:9:8:7:6').kind, 'wait')
  t.equal(attempts.attempt('fd00:1:2:4::1').kind, 'go')
  for (let count = 0; count < 5; count++) attempts.attempt(`fe80::${count}%wlan0`)
  t.equal(attempts.attempt('fe80:0:0:0:1::9').kind, 'wait')
})

t.test('attempts: whoever changes addresses meets the limit for all', async (t) => {
  const clock = fakeClock()
  const attempts = new Attempts(clock)
  let gone = 0
  for (let host = 0; host < 1_000; host++) {
    if (attempts.attempt(`10.0.${host >> 8}.${host & 255}`).kind === 'go') gone += 1
  }
  t.equal(gone, 60)
  await clock.advance(5_000)
  t.equal(attempts.attempt('10.9.9.9').kind, 'go')
  t.equal(attempts.attempt('10.9.9.8').kind, 'wait')
})

t.test('sessions: open until signed out, and unknown tokens never', async (t) => {
  const sessions = new Sessions(fakeClock())
  const token = sessions.begin()
  t.match(token, /^[A-Za-z0-9_-]{43}$/)
  t.equal(sessions.isOpen(token), true)
  t.equal(sessions.isOpen(null), false)
  t.equal(sessions.isOpen(''), false)
  t.equal(sessions.isOpen(`${token}x`), false)
  sessions.end(token)
  t.equal(sessions.isOpen(token), false)
})

t.test('sessions: end when unused for three hours, and after fourteen in any case', async (t) => {
  const clock = fakeClock()
  const sessions = new Sessions(clock)
  const idle = sessions.begin()
  const busy = sessions.begin()
  for (let hour = 0; hour < 14; hour++) {
    t.equal(sessions.isOpen(busy), true, `after ${hour} hours`)
    await clock.advance(3_600_000)
  }
  t.equal(sessions.isOpen(idle), false)
  await clock.advance(1)
  t.equal(sessions.isOpen(busy), false)
})

t.test('sessions: of too many the least used one ends', async (t) => {
  const clock = fakeClock()
  const sessions = new Sessions(clock)
  const first = sessions.begin()
  await clock.advance(10)
  const second = sessions.begin()
  await clock.advance(10)
  sessions.isOpen(first)
  for (let count = 0; count < 63; count++) sessions.begin()
  t.equal(sessions.isOpen(second), false)
  t.equal(sessions.isOpen(first), true)
})
