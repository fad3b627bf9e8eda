import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { Notices } from './notices.ts'
import type { ImagingNotice } from './received-image.ts'

function notice(number: number): ImagingNotice {
  return { code: 'imaging-silent', details: { number } }
}

t.test('notices: the first is told at once, repetitions as a count', async (t) => {
  const clock = fakeClock()
  const told: ImagingNotice[] = []
  const notices = new Notices(clock, (notice) => told.push(notice))
  notices.add(notice(1), 'x')
  notices.add(notice(2), 'x')
  notices.add(notice(3), 'x')
  notices.add(notice(4), 'y')
  t.strictSame(told, [notice(1), notice(4)])
  await clock.advance(60_000)
  t.strictSame(told.slice(2), [{ code: 'imaging-silent', details: { number: 3, repeats: 2 } }])
  notices.add(notice(5), 'x')
  t.strictSame(told.at(-1), notice(5))
})

t.test(
  'notices: a flood of different ones holds no more than a few, and ends cleanly',
  async (t) => {
    const clock = fakeClock()
    let told = 0
    const notices = new Notices(clock, () => told++)
    for (let peer = 0; peer < 5_000; peer++)
      notices.add({ code: 'imaging-silent', details: {} }, String(peer))
    t.equal(told, 5_000)
    t.ok(clock.running().length <= 256)
    notices.add({ code: 'imaging-silent', details: {} }, '4999')
    notices.end()
    t.equal(told, 5_001, 'the repetition is not lost')
    t.equal(clock.running().length, 0)
  },
)
