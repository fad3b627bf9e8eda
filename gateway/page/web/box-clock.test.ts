import t from 'tap'
import { boxAgeMs, boxNowMs, forgetBoxTime, hearBoxTime } from './box-clock.ts'

t.test('box clock: unknown before the gateway has said its time', async (t) => {
  forgetBoxTime()
  t.equal(boxNowMs(), null)
  t.equal(boxAgeMs(1), 0)
})

t.test('box clock: ages are those of the box, and a late message changes little', async (t) => {
  forgetBoxTime()
  hearBoxTime(1_000_000)
  const age = boxAgeMs(990_000)
  t.ok(age >= 10_000 && age < 10_100)
  // A message that was two seconds under way says an older time; the box did not go back.
  hearBoxTime((boxNowMs() ?? 0) - 2_000)
  t.ok(boxAgeMs(990_000) >= 9_990)
  // One that says a later time than we thought was quicker than all before.
  hearBoxTime(1_005_000)
  t.ok(boxAgeMs(990_000) >= 15_000)
  forgetBoxTime()
  t.equal(boxNowMs(), null)
})
