import * as fc from 'fast-check'
import t from 'tap'
import { sampleRecords } from '../../test/wire/samples.ts'
import { holds } from '../../test/wire/holds.ts'
import { encodeRecord, encodeRecords, mergeWaveforms } from './body.ts'
import { mergedMsMax } from './limits.ts'
import type { Record, Waveform } from './record.ts'

const { waveform, event } = sampleRecords
const [lead] = waveform.leads
if (lead === undefined) throw new Error('the sample record has no lead')

/** A block of one lead whose values are its sample numbers. */
function block(firstSample: number, length: number, change: Partial<Waveform> = {}): Waveform {
  const samples = Int32Array.from({ length }, (_, index) => firstSample + index)
  return {
    ...waveform,
    atMs: 1_000 + firstSample * 2,
    firstSample,
    leads: [lead as never],
    samples: [samples],
    ...change,
  }
}

t.test('merge: blocks without a gap become one with the times of the first', async (t) => {
  t.strictSame(mergeWaveforms([block(0, 5), block(5, 3), block(8, 1)]), [block(0, 9)])
  t.strictSame(mergeWaveforms([block(7, 2)]), [block(7, 2)])
  t.strictSame(mergeWaveforms([]), [])
})

function two(from: number): Waveform {
  const samples = [Int32Array.of(from, from + 1), Int32Array.of(-from, -from - 1)]
  return { ...waveform, firstSample: from, samples }
}

t.test('merge: joins all leads', async (t) => {
  t.strictSame(mergeWaveforms([two(0), two(2)]), [
    { ...two(0), samples: [Int32Array.of(0, 1, 2, 3), Int32Array.of(0, -1, -2, -3)] },
  ])
})

t.test('merge: what differs stays apart', async (t) => {
  const apart: readonly (readonly [string, Waveform])[] = [
    ['a gap', block(6, 2)],
    ['an overlap', block(4, 2)],
    ['another run', block(5, 2, { run: 4 })],
    ['another wave', block(5, 2, { wave: 'pleth' })],
    ['another rate', block(5, 2, { rate: { samples: 250, perMs: 1_000 } })],
    ['the same rate in other words', block(5, 2, { rate: { samples: 1_000, perMs: 2_000 } })],
    ['another scale', block(5, 2, { leads: [{ ...lead, lsb: 5 }] })],
    ['another zero', block(5, 2, { leads: [{ ...lead, zero: 1 }] })],
    ['another unit', block(5, 2, { leads: [{ ...lead, unit: 'mV' }] })],
    ['another lead', block(5, 2, { leads: [{ ...lead, code: 'MDC_ECG_ELEC_POTL_III' }] })],
    [
      'one lead more',
      block(5, 2, { leads: [lead, lead], samples: [new Int32Array(2), new Int32Array(2)] }),
    ],
    ['another source', block(5, 2, { source: 'typed' })],
    ['a simulator', block(5, 2, { simulated: false })],
    ['time that is not known', block(5, 2, { utcMs: null, uncertaintyMs: null })],
  ]
  for (const [name, other] of apart) {
    t.strictSame(mergeWaveforms([block(0, 5), other]), [block(0, 5), other], name)
  }
})

t.test('merge: waves that take turns are joined each with its own', async (t) => {
  const pleth = (from: number, length: number) => block(from, length, { wave: 'pleth', atMs: 9 })
  const records: Record[] = [block(0, 2), pleth(0, 4), block(2, 2), event, pleth(4, 4), block(4, 2)]
  t.strictSame(mergeWaveforms(records), [block(0, 6), pleth(0, 8), event])
})

t.test('merge: after a gap the later blocks are joined with each other', async (t) => {
  const records = [block(0, 2), block(2, 2), block(9, 1), block(10, 1), block(4, 1)]
  t.strictSame(mergeWaveforms(records), [block(0, 4), block(9, 2), block(4, 1)])
})

t.test('merge: ends at a minute, but never cuts what a device gave', async (t) => {
  const slow = { rate: { samples: 1, perMs: 1_000 } }
  const blocks = Array.from({ length: 13 }, (_, index) => block(index * 10, 10, slow))
  t.strictSame(mergeWaveforms(blocks), [
    block(0, 60, slow),
    block(60, 60, slow),
    block(120, 10, slow),
  ])
  t.equal(mergedMsMax, 60_000)
  const long = block(0, 61, slow)
  t.strictSame(mergeWaveforms([long, block(61, 1, slow)]), [long, block(61, 1, slow)])
})

/** All samples of one wave in the order of the records. */
function told(records: readonly Record[], wave: string): string {
  const of = records.filter((record) => record.kind === 'waveform' && record.wave === wave)
  return of.flatMap((record) => ('samples' in record ? [...(record.samples[0] ?? [])] : [])).join()
}

t.test('merge: keeps every sample once and in order, and never takes more room', async (t) => {
  const step = fc.record({
    wave: fc.constantFrom('a', 'b', 'c'),
    gap: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
    length: fc.integer({ min: 1, max: 9 }),
  })
  const property = fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
    const next = new Map<string, number>()
    const blocks = steps.map(({ wave, gap, length }) => {
      const from = (next.get(wave) ?? 0) + gap
      next.set(wave, from + length)
      return block(from, length, { wave })
    })
    const merged = mergeWaveforms(blocks)
    const parts = blocks.reduce((sum, block) => sum + encodeRecord(block).length, 0)
    return (
      ['a', 'b', 'c'].every((wave) => told(merged, wave) === told(blocks, wave)) &&
      merged.every(
        (record) => record.kind === 'waveform' && record.samples[0]?.[0] === record.firstSample,
      ) &&
      encodeRecords(merged).length <= parts + 5
    )
  })
  holds(t, 'any blocks', property, { numRuns: 500 })
})
