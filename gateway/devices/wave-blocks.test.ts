import t from 'tap'
import type { Wave } from '../../drivers/driver.ts'
import { monotonicMs } from '../../protocols/world/clock.ts'
import { gapToleranceMs, WaveBlocks, type WaveBlock } from './wave-blocks.ts'

const ecg: Wave = {
  name: 'ecg',
  rate: { samples: 250, perMs: 1_000 },
  leads: [
    { code: 'MDC_ECG_ELEC_POTL_I', unit: null, lsb: null, zero: 128 },
    { code: 'MDC_ECG_ELEC_POTL_II', unit: null, lsb: null, zero: 128 },
  ],
}

/** A wave at 250 Hz that counts: sample n has the values n and -n. */
function counting(wave: Wave = ecg) {
  const blocks: WaveBlock[] = []
  const waves = new WaveBlocks(wave, 7, (block) => blocks.push(block))
  let sample = 0
  let nowMs = 1_000
  return {
    blocks,
    waves,
    /** The device goes on, sample after sample, heard in time. */
    play: (count: number): void => {
      for (let index = 0; index < count; index++) {
        waves.add([sample, -sample], monotonicMs(nowMs))
        sample++
        nowMs += 4
      }
    },
    /** So many samples that are heard at once, late. */
    burst: (count: number): void => {
      for (let index = 0; index < count; index++) {
        waves.add([sample, -sample], monotonicMs(nowMs))
        sample++
      }
    },
    /** The device goes on, but its samples are lost. */
    lose: (count: number): void => {
      sample += count
      nowMs += 4 * count
    },
    leadOff: (count: number): void => {
      for (let index = 0; index < count; index++) {
        waves.add(null, monotonicMs(nowMs))
        sample++
        nowMs += 4
      }
    },
    wait: (ms: number): void => {
      nowMs += ms
    },
    spans: () => blocks.map((block) => [block.firstSample, block.samples[0]?.length]),
    /** Whether each block says the number that its samples carry. */
    honest: () => blocks.every((block) => block.samples[0]?.[0] === block.firstSample),
  }
}

t.test('waves: a quarter of a second makes a block, stamped with its first sample', async (t) => {
  const { blocks, play, honest } = counting()
  play(200)
  t.strictSame(
    blocks.map(({ atMs, firstSample, run, wave }) => [atMs, firstSample, run, wave]),
    [
      [1_000, 0, 7, 'ecg'],
      [1_252, 63, 7, 'ecg'],
      [1_504, 126, 7, 'ecg'],
    ],
  )
  const [first] = blocks
  t.equal(first?.samples.length, 2)
  t.strictSame(
    first?.samples[0],
    Int32Array.from({ length: 63 }, (_, index) => index),
  )
  t.strictSame(
    first?.samples[1],
    Int32Array.from({ length: 63 }, (_, index) => -index),
  )
  t.equal(first?.rate, ecg.rate)
  t.equal(first?.leads, ecg.leads)
  t.ok(honest())
})

t.test('waves: blocks do not share memory', async (t) => {
  const { blocks, play, waves } = counting()
  play(70)
  waves.flush()
  play(10)
  waves.flush()
  t.equal(new Set(blocks.map((block) => block.samples[0]?.buffer)).size, blocks.length)
  t.strictSame(
    blocks.map((block) => block.samples[0]?.[0]),
    [0, 63, 70],
  )
})

t.test('waves: a missing instant closes the block and counts', async (t) => {
  const { play, leadOff, waves, spans, honest } = counting()
  play(10)
  leadOff(1)
  play(5)
  leadOff(1_000)
  play(63)
  waves.flush()
  t.strictSame(spans(), [
    [0, 10],
    [11, 5],
    [1_016, 63],
  ])
  t.ok(honest())
})

t.test('waves: what is lost in a pause is a gap as long as the pause', async (t) => {
  const { play, lose, waves, spans, honest } = counting()
  play(100)
  lose(500)
  play(400)
  waves.flush()
  t.strictSame(spans().slice(0, 3), [
    [0, 63],
    [63, 37],
    [600, 63],
  ])
  t.ok(honest())
})

t.test('waves: what was only late is no gap', async (t) => {
  const { play, wait, burst, blocks, waves, honest } = counting()
  play(100)
  wait(2_000)
  burst(500)
  play(400)
  waves.flush()
  t.ok(honest())
  const total = blocks.reduce((sum, block) => sum + (block.samples[0]?.length ?? 0), 0)
  t.equal(total, 1_000)
  for (const [index, block] of blocks.entries()) {
    const next = blocks[index + 1]
    if (next === undefined) continue
    t.equal(next.firstSample, block.firstSample + (block.samples[0]?.length ?? 0))
  }
})

t.test('waves: of a pause that was partly late only the lost part is a gap', async (t) => {
  const { play, lose, wait, burst, waves, blocks, honest } = counting()
  play(100)
  lose(300)
  wait(800)
  burst(200)
  play(400)
  waves.flush()
  t.ok(honest())
  t.equal(blocks.at(-1)?.firstSample, 1_000 - (blocks.at(-1)?.samples[0]?.length ?? 0))
})

t.test('waves: a pause within the tolerance is jitter', async (t) => {
  const { play, wait, waves, spans } = counting()
  play(63)
  wait(gapToleranceMs)
  play(63)
  waves.flush()
  t.strictSame(spans(), [
    [0, 63],
    [63, 63],
  ])
})

t.test('waves: a sample clock that runs fast or slow makes no gaps', async (t) => {
  for (const periodMs of [3.9, 4.1]) {
    const blocks: WaveBlock[] = []
    const waves = new WaveBlocks(ecg, 1, (block) => blocks.push(block))
    for (let sample = 0; sample < 100_000; sample++) {
      waves.add([sample, 0], monotonicMs(sample * periodMs))
    }
    waves.flush()
    t.ok(blocks.every((block) => block.samples[0]?.[0] === block.firstSample))
  }
})

t.test('waves: two pauses one after the other are both gaps', async (t) => {
  const { play, lose, waves, honest, blocks } = counting()
  play(30)
  lose(200)
  play(30)
  lose(300)
  play(30)
  lose(150)
  play(500)
  waves.flush()
  t.ok(honest())
  t.equal(blocks.at(-1)?.samples[0]?.at(-1), 1_239)
})

t.test('waves: a flood after a pause is let go at a limit, and counted by then', async (t) => {
  const { play, wait, burst, blocks } = counting()
  play(63)
  wait(20_000)
  burst(64 * 63 - 1)
  t.equal(blocks.length, 1)
  burst(1)
  t.equal(blocks.length, 65)
  // 5001 periods have passed and 4032 samples came.
  t.equal(blocks[1]?.firstSample, 63 + 5_001 - 4_032)
})

t.test('waves: what is not let go yet is known by its age', async (t) => {
  const { play, lose, waves } = counting()
  t.equal(waves.openSinceMs, null)
  play(10)
  t.equal(waves.openSinceMs, 1_000)
  play(53)
  t.equal(waves.openSinceMs, null)
  lose(500)
  play(63)
  t.equal(waves.openSinceMs, 3_252, 'held until it is known what was late')
  waves.flush()
  t.equal(waves.openSinceMs, null)
})

t.test("waves: a wrong number of leads or a broken number is the driver's mistake", async (t) => {
  const { waves } = counting()
  const add = (samples: number[]) => () => waves.add(samples, monotonicMs(0))
  t.throws(add([1]), RangeError)
  t.throws(add([1, 2, 3]), RangeError)
  t.throws(add([1, 0.5]), RangeError)
  t.throws(add([1, Number.NaN]), RangeError)
  t.throws(add([1, 2 ** 31]), RangeError)
})

t.test('waves: a slow wave has at least one sample a block', async (t) => {
  const blocks: WaveBlock[] = []
  const slow: Wave = { ...ecg, rate: { samples: 1, perMs: 2_000 }, leads: ecg.leads.slice(0, 1) }
  const waves = new WaveBlocks(slow, 1, (block) => blocks.push(block))
  for (let sample = 0; sample < 5; sample++) waves.add([sample], monotonicMs(sample * 2_000))
  t.strictSame(
    blocks.map((block) => block.firstSample),
    [0, 1, 2, 3, 4],
  )
})
