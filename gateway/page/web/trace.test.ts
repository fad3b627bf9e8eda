import t from 'tap'
import type { SamplesBlock } from '../wire.ts'
import { Playhead, TraceBuffer } from './trace-buffer.ts'
import { laneFor, millivoltsPerStep, needsNewScale } from './trace-scale.ts'

const lead = { code: 'MDC_ECG_ELEC_POTL_II', unit: 'uV', lsb: 5, zero: 0 }

function block(
  firstSample: number,
  samples: readonly number[],
  change: Partial<SamplesBlock> = {},
) {
  return {
    device: 'ecg-1',
    wave: 'ecg',
    run: 1,
    firstSample,
    atMs: firstSample * 10,
    rate: { samples: 100, perMs: 1_000 },
    leads: [lead],
    simulated: false,
    samples: [samples],
    ...change,
  }
}

function bufferOf(...blocks: readonly SamplesBlock[]): TraceBuffer {
  const buffer = new TraceBuffer(blocks[0] ?? block(0, []))
  blocks.forEach((one, index) => buffer.push(one, index * 100))
  return buffer
}

const valuesOf = (buffer: TraceBuffer, from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => buffer.at(0, from + at))

t.test('trace: keeps samples in order and says when the newest ended', async (t) => {
  const buffer = bufferOf(block(0, [1, 2]), block(2, [3]))
  t.equal(buffer.end, 3)
  t.equal(buffer.endAtMs, 30)
  t.strictSame(valuesOf(buffer, 0, 4), [1, 2, 3, Number.NaN])
})

t.test('trace: starts at whatever number the device is at', async (t) => {
  const buffer = bufferOf(block(5_000, [1, 2]))
  t.equal(buffer.end, 2)
  t.strictSame(valuesOf(buffer, 0, 2), [1, 2])
})

t.test('trace: a gap is a gap and never a line of zeros', async (t) => {
  const buffer = bufferOf(block(0, [1]), block(3, [4]))
  t.strictSame(valuesOf(buffer, 0, 4), [1, Number.NaN, Number.NaN, 4])
})

t.test('trace: what comes twice is shown once', async (t) => {
  const buffer = bufferOf(block(0, [1, 2, 3]), block(1, [9, 9]), block(2, [9, 4]))
  t.strictSame(valuesOf(buffer, 0, 4), [1, 2, 3, 4])
})

t.test('trace: a new run goes on after a break', async (t) => {
  const buffer = bufferOf(block(0, [1, 2]), block(0, [7, 8], { run: 2, atMs: 50_000 }))
  t.equal(buffer.end, 24, 'two samples, a break of 200 ms, two samples')
  t.strictSame(valuesOf(buffer, 0, 3), [1, 2, Number.NaN])
  t.strictSame(valuesOf(buffer, 21, 24), [Number.NaN, 7, 8])
  t.equal(buffer.endAtMs, 50_020)
})

t.test('trace: a jump over more than is kept costs no more than a break', async (t) => {
  const buffer = bufferOf(block(0, [1]), block(2_000_000_000, [2]))
  t.equal(buffer.end, 22)
  t.equal(buffer.at(0, 21), 2)
})

t.test('trace: keeps half a minute', async (t) => {
  const buffer = bufferOf(block(0, [0]))
  for (let first = 1; first < 4_000; first += 100) {
    buffer.push(
      block(
        first,
        Array.from({ length: 100 }, (_, at) => first + at),
      ),
      first,
    )
  }
  t.equal(buffer.end - buffer.begin, 3_000)
  t.ok(Number.isNaN(buffer.at(0, buffer.begin - 1)))
  t.equal(buffer.at(0, buffer.begin), buffer.begin)
})

t.test(
  'trace: the zero of the device is taken off, and other leads need another buffer',
  async (t) => {
    const centred = block(0, [2_048, 2_058], { leads: [{ ...lead, zero: 2_048 }] })
    t.strictSame(valuesOf(bufferOf(centred), 0, 2), [0, 10])
    const buffer = bufferOf(block(0, [1]))
    t.equal(buffer.fits(block(1, [1])), true)
    t.equal(
      buffer.fits(block(1, [1], { leads: [{ ...lead, code: 'MDC_ECG_ELEC_POTL_I' }] })),
      false,
    )
    t.equal(buffer.fits(block(1, [1], { rate: { samples: 500, perMs: 1_000 } })), false)
    t.equal(buffer.fits(block(1, [], { leads: [] })), false)
  },
)

t.test('trace: remembers how unsteady the line is, and takes a pause for none', async (t) => {
  const buffer = new TraceBuffer(block(0, [0]))
  const arrivals = [0, 250, 1_000, 1_250, 60_000, 60_250]
  arrivals.forEach((heardMs, index) => buffer.push(block(index, [0]), heardMs))
  t.ok(buffer.widestGapMs > 600 && buffer.widestGapMs <= 750, `${buffer.widestGapMs} ms`)
})

t.test(
  'playhead: moves evenly behind blocks that come in jumps, and never past the newest',
  async (t) => {
    const buffer = bufferOf(
      block(
        0,
        Array.from({ length: 50 }, () => 0),
      ),
    )
    const playhead = new Playhead()
    let next = 50
    let least = Infinity
    let most = 0
    let before = 0
    for (let frame = 0; frame < 2_000; frame++) {
      if (frame % 15 === 0) {
        buffer.push(
          block(
            next,
            Array.from({ length: 24 }, () => 0),
          ),
          frame * 16,
        )
        next += 24
      }
      playhead.advance(buffer, 16)
      const step = playhead.position - before
      before = playhead.position
      if (playhead.position > buffer.end) t.fail(`past the newest in frame ${frame}`)
      if (frame < 500) continue
      least = Math.min(least, step)
      most = Math.max(most, step)
    }
    // 1.6 samples a frame, give or take what corrects the distance.
    t.ok(least > 0.8 && most < 2.4, `${least} to ${most} samples a frame`)
  },
)

t.test('playhead: stops at the newest when nothing comes, and jumps over a pause', async (t) => {
  const buffer = bufferOf(
    block(
      0,
      Array.from({ length: 100 }, () => 0),
    ),
  )
  const playhead = new Playhead()
  for (let frame = 0; frame < 500; frame++) playhead.advance(buffer, 16)
  t.ok(playhead.position <= 100)
  const at = playhead.position
  playhead.advance(buffer, 16)
  t.ok(playhead.position >= at, 'and never goes back')
  buffer.push(
    block(
      100,
      Array.from({ length: 1_000 }, () => 0),
    ),
    9_000,
  )
  playhead.advance(buffer, 16)
  t.ok(playhead.position > 700, 'what is seconds late is not played in slow motion')
  playhead.finish(buffer)
  t.equal(playhead.position, 1_100)
})

t.test('scale: millivolts are true to the paper', async (t) => {
  const buffer = bufferOf(block(0, [0, 0, 0, 200, 0, 0]))
  const window = { from: 0, to: 6 }
  const lane = laneFor(buffer, 0, window, 113, 10)
  // 200 steps of 5 µV are 1 mV, which is 10 mm.
  t.equal(Math.round(lane.pxPerStep * 200 * 100) / 100, Math.round((96 / 25.4) * 10 * 100) / 100)
  t.equal(laneFor(buffer, 0, window, 113, 20).pxPerStep, lane.pxPerStep * 2)
  t.equal(millivoltsPerStep({ ...lead, unit: 'mV', lsb: 0.005 }), 0.005)
  t.equal(millivoltsPerStep({ ...lead, unit: null }), null)
  t.equal(millivoltsPerStep({ ...lead, lsb: null }), null)
  t.equal(millivoltsPerStep({ ...lead, unit: 'mm[Hg]' }), null)
})

t.test('scale: the baseline moves so that a tall beat fits', async (t) => {
  const tall = bufferOf(block(0, [0, 0, 0, 0, 400, 0, 0, 0]))
  const { middle, pxPerStep } = laneFor(tall, 0, { from: 0, to: 8 }, 113, 10)
  t.ok((400 - middle) * pxPerStep <= 113 / 2)
  t.ok(middle * pxPerStep <= 113 / 2)
  const giant = bufferOf(block(0, [0, 0, 0, 0, 9_000, 0, 0, 0]))
  t.equal(laneFor(giant, 0, { from: 0, to: 8 }, 113, 10).middle, 0)
})

t.test('scale: what is not calibrated is fitted to its lane', async (t) => {
  const plain = { ...lead, unit: null, lsb: null }
  const buffer = bufferOf(block(0, [10, 60, 110], { leads: [plain] }))
  const lane = laneFor(buffer, 0, { from: 0, to: 3 }, 100, 10)
  t.equal(lane.middle, 60)
  t.equal(lane.pxPerStep * 100, 80)
  const flat = bufferOf(block(0, [7, 7], { leads: [plain] }))
  t.match(laneFor(flat, 0, { from: 0, to: 2 }, 100, 10), { middle: 7, pxPerStep: 1 })
  const empty = laneFor(bufferOf(block(0, [1])), 0, { from: 5, to: 9 }, 100, 10)
  t.equal(empty.middle, 0)
})

t.test('scale: changes only when the wave has left its place', async (t) => {
  const lane = { lead: 0, pxPerStep: 1, middle: 0 }
  t.equal(needsNewScale(lane, { ...lane, middle: 5 }, 100), false)
  t.equal(needsNewScale(lane, { ...lane, middle: 20 }, 100), true)
  t.equal(needsNewScale(lane, { ...lane, pxPerStep: 1.1 }, 100), false)
  t.equal(needsNewScale(lane, { ...lane, pxPerStep: 0.5 }, 100), true)
  t.equal(needsNewScale(lane, { ...lane, pxPerStep: 2 }, 100), true)
})
