import { chmodSync } from 'node:fs'
import t from 'tap'
import type { ClockFix } from '../../protocols/packet/record.ts'
import { monotonicMs } from '../../protocols/world/clock.ts'
import { memoryLog } from '../health/log.ts'
import type { Authority } from './believing.ts'
import { fakeClock } from './fake-clock.ts'
import { kernelSynchronised } from './kernel-time.ts'
import { buildDateMs, claimFromAnswer, TimeKeeper } from './time-keeper.ts'

const trueUtcMs = Date.UTC(2026, 11, 24, 3, 0, 0)
const hourMs = 3_600_000

/** A box that booted with a wrong date, at monotonic 10 s. */
function box(options: { wallMs?: number } = {}) {
  const clock = fakeClock({ wallMs: options.wallMs ?? Date.UTC(2019, 0, 1), monotonicMs: 10_000 })
  const memory = memoryLog()
  const fixes: ClockFix[] = []
  const kernel: { synchronised: { ageMs: number } | null } = { synchronised: null }
  const keeper = new TimeKeeper({
    clock,
    log: memory.log,
    synchronised: async () => kernel.synchronised,
    says: (fix) => fixes.push(fix),
  })
  /** True UTC of now, given that true UTC was `trueUtcMs` at monotonic 10 s. */
  const truth = () => trueUtcMs + clock.monotonicMs() - 10_000
  const claim = (authority: Authority, errorMs = 0, uncertaintyMs = 100) =>
    keeper.hear({
      authority,
      atMs: clock.monotonicMs(),
      utcMs: truth() + errorMs,
      uncertaintyMs,
    }).kind
  return { clock, fixes, kernel, keeper, memory, truth, claim }
}

t.test('time keeper: knows nothing until somebody believable spoke', async (t) => {
  const { keeper, clock, fixes } = box()
  await keeper.start()
  await clock.advance(hourMs)
  t.equal(keeper.utcOf(clock.monotonicMs()), null)
  t.strictSame(fixes, [])
  keeper.stop()
  t.strictSame(clock.running(), [])
})

t.test('time keeper: NTP makes the time known, for earlier moments too', async (t) => {
  const { keeper, clock, fixes, kernel, truth } = box()
  await keeper.start()
  await clock.advance(600_000)
  clock.setWallMs(truth())
  kernel.synchronised = { ageMs: 0 }
  await clock.advance(60_000)
  t.equal(fixes.length, 1)
  t.match(fixes[0], {
    kind: 'clock',
    atMs: 670_000,
    utcMs: trueUtcMs + 660_000,
    uncertaintyMs: 250,
    offsetMs: trueUtcMs - 10_000,
    fixUncertaintyMs: 250,
    authority: 'ntp',
    source: 'device',
    simulated: false,
  })
  t.strictSame(keeper.utcOf(monotonicMs(10_000)), {
    utcMs: trueUtcMs,
    uncertaintyMs: 250 + 66,
  })
  t.match(keeper.status(), { authority: 'ntp', doubt: null, wallJumps: 1 })
  t.ok((keeper.status().lastWallJumpMs ?? 0) > 0)
  keeper.stop()
})

t.test('time keeper: says nothing again while the same time stays known', async (t) => {
  const { keeper, clock, fixes, kernel } = box({ wallMs: trueUtcMs })
  kernel.synchronised = { ageMs: 30_000 }
  await keeper.start()
  await clock.advance(24 * hourMs)
  t.equal(fixes.length, 1)
  t.equal(fixes[0]?.fixUncertaintyMs, 253)
  keeper.stop()
})

t.test('time keeper: an old synchronisation is worth less', async (t) => {
  const { keeper, fixes, kernel } = box({ wallMs: trueUtcMs })
  kernel.synchronised = { ageMs: 9 * hourMs }
  await keeper.start()
  t.equal(fixes[0]?.fixUncertaintyMs, 250 + 3_240)
  keeper.stop()
})

t.test('time keeper: uncertainty grows with distance from the fix', async (t) => {
  const { keeper, clock, claim } = box()
  claim('broker')
  t.equal(keeper.utcOf(clock.monotonicMs())?.uncertaintyMs, 100)
  await clock.advance(hourMs)
  t.equal(keeper.utcOf(clock.monotonicMs())?.uncertaintyMs, 460)
})

t.test('time keeper: a date before the build, far after it, or none is refused', async (t) => {
  const { keeper, clock, fixes, memory } = box()
  const hear = (utcMs: number, uncertaintyMs = 0) =>
    keeper.hear({ authority: 'gnss', atMs: clock.monotonicMs(), utcMs, uncertaintyMs })
  t.strictSame(hear(buildDateMs - 1), { kind: 'refused', why: 'before-build' })
  t.strictSame(hear(Date.UTC(2006, 4, 1)), { kind: 'refused', why: 'before-build' })
  t.strictSame(hear(Date.UTC(2050, 0, 1)), { kind: 'refused', why: 'too-late' })
  t.strictSame(hear(Number.NaN), { kind: 'refused', why: 'no-number' })
  t.strictSame(hear(trueUtcMs, -1), { kind: 'refused', why: 'no-number' })
  t.strictSame(hear(trueUtcMs, 2 * 86_400_000), { kind: 'refused', why: 'too-vague' })
  t.strictSame(fixes, [])
  t.equal(keeper.utcOf(clock.monotonicMs()), null)
  t.equal(memory.lines.filter((line) => line.level === 'warn').length, 6)
})

t.test('time keeper: what agrees and is better sharpens, what is worse does not', async (t) => {
  const { keeper, clock, fixes, claim } = box()
  t.equal(claim('person', 20_000, 60_000), 'believed')
  t.equal(fixes[0]?.source, 'typed')
  t.equal(claim('broker', 30, 100), 'believed')
  t.equal(fixes.length, 2)
  t.equal(claim('person', -10_000, 60_000), 'agrees')
  t.equal(fixes.length, 2)
  t.strictSame(keeper.utcOf(clock.monotonicMs()), { utcMs: trueUtcMs + 30, uncertaintyMs: 100 })
})

t.test('time keeper: a slightly better time is used, but not told again', async (t) => {
  const { keeper, clock, fixes, claim } = box()
  claim('broker', 0, 100)
  t.equal(claim('broker', 20, 80), 'believed')
  t.equal(keeper.utcOf(clock.monotonicMs())?.utcMs, trueUtcMs + 20)
  t.equal(fixes.length, 1)
})

t.test('time keeper: a better authority corrects at once, on record', async (t) => {
  const { keeper, clock, fixes, claim } = box()
  claim('person', hourMs, 60_000)
  t.equal(claim('ntp'), 'corrected')
  t.equal(keeper.utcOf(clock.monotonicMs())?.utcMs, trueUtcMs)
  t.strictSame(
    fixes.map((fix) => fix.offsetMs),
    [trueUtcMs + hourMs - 10_000, trueUtcMs - 10_000],
  )
})

t.test('time keeper: a jump of the same authority must be said again a minute later', async (t) => {
  const { keeper, clock, fixes, claim } = box()
  claim('ntp')
  t.equal(claim('ntp', hourMs), 'doubted')
  t.match(keeper.status().doubt, { authorities: ['ntp'] })
  await clock.advance(59_000)
  t.equal(claim('ntp', hourMs), 'doubted')
  t.equal(fixes.length, 1)
  await clock.advance(1_000)
  t.equal(claim('ntp', hourMs), 'corrected')
  t.equal(fixes.length, 2)
  t.equal(keeper.status().doubt, null)
})

t.test('time keeper: a jump that is taken back is forgotten', async (t) => {
  const { keeper, clock, claim } = box()
  claim('ntp')
  t.equal(claim('ntp', hourMs), 'doubted')
  await clock.advance(70_000)
  t.equal(claim('ntp', 0, 200), 'agrees')
  t.equal(keeper.status().doubt, null)
  t.equal(claim('ntp', hourMs), 'doubted')
})

t.test('time keeper: a jump that GNSS alone claims is never believed', async (t) => {
  const { keeper, clock, claim, truth } = box()
  claim('broker')
  for (let minute = 0; minute < 10; minute++) {
    t.equal(claim('gnss', -hourMs), 'doubted')
    await clock.advance(60_000)
  }
  t.equal(keeper.utcOf(clock.monotonicMs())?.utcMs, truth())
  t.equal(claim('person', -hourMs + 20_000, 60_000), 'corrected', 'a second voice agrees')
})

t.test('time keeper: a lesser authority never outweighs a better one alone', async (t) => {
  const { clock, claim } = box()
  claim('ntp')
  for (let minute = 0; minute < 5; minute++) {
    t.equal(claim('person', hourMs, 1_000), 'doubted')
    await clock.advance(60_000)
  }
  t.equal(claim('broker', hourMs), 'corrected', 'two against one')
})

t.test('time keeper: a wall clock that is set by hand is noticed and not believed', async (t) => {
  const { keeper, clock, fixes, memory } = box()
  await keeper.start()
  clock.setWallMs(Date.UTC(2027, 0, 1))
  await clock.advance(10_000)
  t.match(keeper.status(), { utc: null, wallJumps: 1 })
  t.strictSame(fixes, [])
  t.match(memory.lines, [{ level: 'warn', message: 'the wall clock jumped' }])
  keeper.stop()
})

t.test('time keeper: NTP slewing the wall clock is no jump', async (t) => {
  const { keeper, clock } = box()
  await keeper.start()
  for (let round = 0; round < 20; round++) {
    clock.setWallMs(clock.wallMs() + 5)
    await clock.advance(10_000)
  }
  t.equal(keeper.status().wallJumps, 0)
  keeper.stop()
})

t.test('time keeper: an answer over a network is half a round trip old', async (t) => {
  t.strictSame(
    claimFromAnswer(
      'broker',
      { utcMs: trueUtcMs, uncertaintyMs: 10 },
      { atMs: monotonicMs(1_000), answeredAtMs: monotonicMs(1_600) },
    ),
    { authority: 'broker', atMs: 1_600, utcMs: trueUtcMs + 300, uncertaintyMs: 310 },
  )
})

t.test('kernel time: believes the file of timesyncd, with its age', async (t) => {
  const folder = t.testdir({ synchronized: '' })
  const answer = await kernelSynchronised({ path: `${folder}/synchronized` })
  t.ok(answer !== null && answer.ageMs >= 0 && answer.ageMs < 60_000)
})

t.test('kernel time: asks timedatectl otherwise, and without an answer says no', async (t) => {
  const folder = t.testdir({
    yes: '#!/bin/sh\n[ "$*" = "show -p NTPSynchronized --value" ] && echo yes\n',
    no: '#!/bin/sh\necho no\n',
    broken: '#!/bin/sh\necho yes\nexit 1\n',
  })
  for (const name of ['yes', 'no', 'broken']) chmodSync(`${folder}/${name}`, 0o755)
  const ask = (command: string) =>
    kernelSynchronised({ path: `${folder}/none`, command: `${folder}/${command}` })
  t.strictSame(await ask('yes'), { ageMs: 2_048_000 })
  t.equal(await ask('no'), null)
  t.equal(await ask('broken'), null)
  t.equal(await ask('absent'), null)
})
