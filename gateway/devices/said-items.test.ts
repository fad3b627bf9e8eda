import t from 'tap'
import type { Said, Session } from '../../drivers/driver.ts'
import { encodeRecord } from '../../protocols/packet/body.ts'
import { recordLimitBytes } from '../../protocols/packet/limits.ts'
import { mergeWaveforms } from '../../protocols/packet/merge.ts'
import type { Record, Waveform } from '../../protocols/packet/record.ts'
import { itemsOf, stripBlockSamplesMax, type NewDocument } from './said-items.ts'
import { testDriver, testVan } from './session-testing.ts'
import type { Stamp } from './stamp.ts'

const stampOf = (simulated: boolean): Stamp => ({
  atMs: 5,
  utcMs: null,
  uncertaintyMs: null,
  source: 'device',
  simulated,
})
const parts = { stamp: stampOf, newRun: () => 7 }
const lead = { code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 5, zero: 0 }
const rate = { samples: 500, perMs: 1_000 }

function strip(leadCount: number, length: number, sample: (at: number) => number): Said {
  return {
    kind: 'strip',
    wave: 'resting',
    rate,
    leads: Array.from({ length: leadCount }, () => lead),
    samples: Array.from({ length: leadCount }, () =>
      Int32Array.from({ length }, (_, at) => sample(at)),
    ),
  }
}

function blocks(said: Said): readonly Waveform[] {
  if (said.kind === 'samples') return []
  return itemsOf(said, parts).flatMap((item) =>
    item.kind === 'waveform' && !('bytes' in item) ? [item] : [],
  )
}

t.test('strip: is one run that begins at sample 0', async (t) => {
  const found = blocks(strip(12, 5_000, (at) => at))
  t.ok(found.every((block) => block.run === 7 && block.wave === 'resting' && block.atMs === 5))
  t.equal(found[0]?.firstSample, 0)
  const [whole, ...more] = mergeWaveforms(found)
  t.strictSame(more, [], 'without a gap')
  t.strictSame(
    whole?.kind === 'waveform' ? whole.samples[11] : null,
    Int32Array.from({ length: 5_000 }, (_, at) => at),
  )
})

t.test('strip: whatever its samples are, each block fits into a packet', async (t) => {
  const wild = (at: number) => (at % 2 === 0 ? 2_147_483_647 : -2_147_483_648)
  for (const leads of [1, 3, 12, 64]) {
    const found = blocks(strip(leads, 30_000, wild))
    t.ok(found.length > 0)
    for (const block of found) {
      t.ok((block.samples[0]?.length ?? 0) * leads <= stripBlockSamplesMax)
      t.ok(encodeRecord(block).length <= recordLimitBytes)
    }
    const length = found.reduce((sum, block) => sum + (block.samples[0]?.length ?? 0), 0)
    t.equal(length, 30_000)
  }
})

t.test('strip: an empty one is nothing, an uneven one is a mistake of the driver', async (t) => {
  t.strictSame(blocks(strip(2, 0, () => 0)), [])
  const samples = [new Int32Array(2), new Int32Array(3)]
  t.throws(
    () => blocks({ kind: 'strip', wave: 'a', rate, leads: [lead, lead], samples }),
    RangeError,
  )
  t.throws(() => blocks({ kind: 'strip', wave: 'a', rate, leads: [lead], samples }), RangeError)
})

t.test('document: one without bytes is a mistake of the driver', async (t) => {
  const empty = { kind: 'document', title: 'a', mediaType: 'a/b', bytes: new Uint8Array() } as const
  t.throws(() => itemsOf(empty, parts), RangeError)
})

t.test('said: what a device says in demo mode stays marked', async (t) => {
  const value = { code: 'MDC_PULS_RATE', value: 60, unit: '/min' }
  const plain: readonly Exclude<Said, { kind: 'samples' }>[] = [
    { kind: 'measurement', values: [value] },
    { kind: 'numerics', values: [value] },
    { kind: 'document', title: 'Report', mediaType: 'application/pdf', bytes: Uint8Array.of(1) },
    { kind: 'strip', wave: 'a', rate, leads: [lead], samples: [Int32Array.of(1)] },
  ]
  for (const said of plain) {
    t.match(itemsOf(said, parts), [{ simulated: false }], said.kind)
    const demo = { ...said, simulated: true } as typeof said
    t.match(itemsOf(demo, parts), [{ simulated: true }], said.kind)
  }
})

/** Says one of each: a strip, a file, and samples of which the later ones are a demonstration. */
function* all(): Session {
  yield { kind: 'packet', atMs: 0 }
  yield { kind: 'strip', wave: 'resting', rate, leads: [lead], samples: [Int32Array.of(1, 2)] }
  yield { kind: 'strip', wave: 'resting', rate, leads: [lead], samples: [Int32Array.of(3)] }
  yield { kind: 'document', title: 'Report', mediaType: 'image/png', bytes: Uint8Array.of(9) }
  for (const sample of [1, 2]) yield { kind: 'samples', wave: 'ecg', samples: [sample] }
  for (const sample of [3, 4]) {
    yield { kind: 'samples', wave: 'ecg', samples: [sample], simulated: true }
  }
  yield { kind: 'samples', wave: 'ecg', samples: [5] }
  yield { kind: 'listen', ms: 60_000 }
}

t.test('said: a session stores strips and files, and parts a demonstration', async (t) => {
  const stored: Record[] = []
  const documents: NewDocument[] = []
  const van = testVan({
    driver: testDriver(all, { silentAfterMs: null }),
    sink: {
      record: async (_device, record) => void stored.push(record),
      document: async (_device, document) => void documents.push(document),
    },
  })
  van.session.start()
  await van.clock.advance(2_000)
  const waves = stored.filter((record) => record.kind === 'waveform')
  t.strictSame(
    waves.map(({ wave, firstSample, simulated, samples }) => [
      wave,
      firstSample,
      simulated,
      [...(samples[0] ?? [])],
    ]),
    [
      ['resting', 0, false, [1, 2]],
      ['resting', 0, false, [3]],
      ['ecg', 0, false, [1, 2]],
      ['ecg', 2, true, [3, 4]],
      ['ecg', 4, false, [5]],
    ],
  )
  t.equal(new Set(waves.map(({ run }) => run)).size, 3, 'each strip is a run of its own')
  t.match(documents, [
    { kind: 'document', title: 'Report', mediaType: 'image/png', bytes: Uint8Array.of(9) },
  ])
  await van.session.stop()
})
