import {
  array,
  assert,
  boolean,
  constantFrom,
  int32Array,
  integer,
  property,
  record,
  uint8Array,
} from 'fast-check'
import t from 'tap'
import { samplesPerByteMax, waveLeadsMax, waveSamplesMax } from './limits.ts'
import { generator, mutated, signals } from './testing.ts'
import { decodeWave, encodeWave, isSame } from './wave.ts'

const profiles = ['best', 'light'] as const
/** Where the flags of a packet say that its body is raw. */
const rawFlag = 0x04

/** Leads of a random walk, of a width that is drawn too, so that 8 to 32 bits are all met. */
const walks = record({
  leads: integer({ min: 1, max: 6 }),
  count: integer({ min: 0, max: 120 }),
  bits: integer({ min: 1, max: 32 }),
  seed: integer(),
  jumps: boolean(),
}).map(({ leads, count, bits, seed, jumps }) => {
  const random = generator(seed)
  const size = 2 ** bits
  return Array.from({ length: leads }, () => {
    let value = random(size) - size / 2
    return Int32Array.from({ length: count }, () => {
      const step = jumps ? random(size) - size / 2 : random(9) - 4
      value = jumps ? step : Math.max(-size / 2, Math.min(size / 2 - 1, value + step))
      return Math.floor(value)
    })
  })
})

t.test('wave: any samples come back bit for bit', async (t) => {
  assert(
    property(walks, constantFrom(...profiles), (samples, profile) =>
      isSame(decodeWave(encodeWave(samples, profile, { selfCheck: false })), samples),
    ),
    { numRuns: 150, seed: 1 },
  )
  t.pass('150 draws')
})

t.test('wave: free values of 32 bits come back bit for bit', async (t) => {
  const leads = integer({ min: 1, max: 20 }).chain((count) =>
    array(int32Array({ minLength: count, maxLength: count }), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  assert(
    property(leads, (samples) => isSame(decodeWave(encodeWave(samples, 'best')), samples)),
    { numRuns: 100, seed: 2 },
  )
  t.pass('100 draws')
})

for (const [name, samples] of signals(700))
  t.test(`wave: ${name} comes back bit for bit`, async (t) => {
    for (const profile of profiles) {
      const packet = encodeWave(samples, profile, { selfCheck: false })
      t.ok(isSame(decodeWave(packet), samples), profile)
    }
  })

t.test('wave: from no sample to one, and from 1 to 64 leads', async (t) => {
  for (const profile of profiles)
    for (const leads of [1, 2, 3, 12, 13, waveLeadsMax])
      for (const count of [0, 1, 2, 9]) {
        const random = generator(leads)
        const samples = Array.from({ length: leads }, () =>
          Int32Array.from({ length: count }, () => random(50)),
        )
        const packet = encodeWave(samples, profile, { selfCheck: false })
        t.ok(isSame(decodeWave(packet), samples), `${leads} of ${count}`)
      }
})

t.test('wave: noise is sent raw, and hardly longer than it is', async (t) => {
  const samples = signals(700).get('noise of 32 bits') ?? []
  const packet = encodeWave(samples, 'best')
  t.equal((packet[0] ?? 0) & rawFlag, rawFlag)
  t.ok(packet.length < 2 * 700 * 4 + 30, `${packet.length} bytes`)
  t.ok(isSame(decodeWave(packet), samples))
})

t.test('wave: what does not move takes next to nothing', async (t) => {
  const still = [new Int32Array(5_000).fill(12), new Int32Array(5_000).fill(-3)]
  t.ok(encodeWave(still, 'light').length < 20)
  const falls = Int32Array.from({ length: 5_000 }, (_, at) => (at < 2_500 ? 5 : 9))
  t.ok(encodeWave([falls], 'best').length < 60)
})

t.test('wave: a short packet cannot ask for much work', async (t) => {
  const falls = Int32Array.from({ length: 20_000 }, (_, at) => (at < 9 ? 5 : 9))
  const packet = encodeWave([falls], 'light', { selfCheck: false })
  t.ok(packet.length >= falls.length / samplesPerByteMax)
  t.ok(isSame(decodeWave(packet), [falls]))
  const cut = Uint8Array.of(...packet.subarray(0, 12), ...packet.subarray(-4))
  t.match(decodeWave(cut), { ok: false, reason: /too few for/ })
  // One lead of 2^32 - 1 samples, of which none is coded.
  const flat = Uint8Array.of(0x10, 2, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0, 0, 0, 0)
  t.match(decodeWave(flat), { ok: false, reason: /expected at most 2097152 samples/ })
})

t.test('wave: leads that are none are refused', async (t) => {
  t.throws(() => encodeWave([], 'best'), RangeError)
  t.throws(() => encodeWave([Int32Array.of(1), Int32Array.of(1, 2)], 'best'), RangeError)
  const many = Array.from({ length: waveLeadsMax + 1 }, () => Int32Array.of(1))
  t.throws(() => encodeWave(many, 'best'), RangeError)
  t.throws(() => encodeWave([new Int32Array(waveSamplesMax + 1)], 'best'), RangeError)
})

t.test('wave: every cut of a packet is an error', async (t) => {
  const packet = encodeWave(signals(20).get('beats in four leads') ?? [], 'light')
  for (let length = 0; length < packet.length; length++) {
    t.equal(decodeWave(packet.subarray(0, length)).ok, false)
  }
})

t.test('wave: harmed packets decode to an error', async (t) => {
  const packets = [...signals(24).values()].flatMap((samples) =>
    profiles.map((profile) => ({ samples, packet: encodeWave(samples, profile) })),
  )
  for (let seed = 0; seed < 1_500; seed++) {
    const { packet, samples } = packets[seed % packets.length] ?? { packet: new Uint8Array(0) }
    const back = decodeWave(mutated(packet, seed))
    // Harm that undoes itself, or that changes no sample, is none.
    if (back.ok && !isSame(back, samples ?? [])) t.fail(`seed ${seed} decodes to other samples`)
  }
  t.pass('1500 packets')
})

t.test('wave: bytes of anything decode to an error', async (t) => {
  assert(
    property(uint8Array({ maxLength: 60 }), (bytes) => !decodeWave(bytes).ok),
    { numRuns: 2_000, seed: 3 },
  )
  t.pass('2000 draws')
})
