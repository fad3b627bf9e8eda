import t from 'tap'
import type { Decoded } from '../packet/decoded.ts'
import { WaveDecoder, WaveEncoder } from './chain.ts'
import { generator, mutated, signals } from './testing.ts'
import { decodeWave, encodeWave, isSame } from './wave.ts'

const samples = signals(2_000).get('beats in four leads') ?? []

function part(from: number, to: number, of: readonly Int32Array[] = samples): Int32Array[] {
  return of.map((lead) => lead.slice(from, to))
}

/** So many packets of `length` samples, a key every `keyEvery`. */
function packets(count: number, length: number, keyEvery = count): Uint8Array[] {
  const encoder = new WaveEncoder('live')
  return Array.from({ length: count }, (_, at) =>
    encoder.encode(part(at * length, (at + 1) * length), { key: at % keyEvery === 0 }),
  )
}

function reasonOf(back: Decoded<unknown>): string {
  return back.ok ? 'decoded' : back.reason
}

t.test('chain: packets of any length come back, key or not', async (t) => {
  for (const [name, whole] of signals(700)) {
    // Without a second look that would put a raw packet in place of a wrong one.
    const encoder = new WaveEncoder('live', { selfCheck: false })
    const decoder = new WaveDecoder()
    const random = generator(3)
    let at = 0
    while (at < 700) {
      const to = Math.min(700, at + random(200))
      const piece = part(at, to, whole)
      const packet = encoder.encode(piece, { key: random(8) === 0 })
      if (!isSame(decoder.decode(packet), piece)) t.fail(`${name}: ${at} to ${to}`)
      at = to
    }
    t.pass(name)
  }
})

t.test('chain: short packets cost little more than the whole', async (t) => {
  const chained = packets(8, 250).reduce((sum, packet) => sum + packet.length, 0)
  const whole = encodeWave(samples, 'best').length
  t.ok(chained < whole * 1.1, `${chained} against ${whole} bytes`)
})

t.test('chain: a lost packet damages nothing beyond its own chain', async (t) => {
  const sent = packets(15, 40, 5)
  const wrong: string[] = []
  for (let lost = 0; lost < sent.length; lost++) {
    const decoder = new WaveDecoder()
    for (const [at, packet] of sent.entries()) {
      if (at === lost) continue
      const back = decoder.decode(packet)
      const hit = at > lost && Math.floor(at / 5) === Math.floor(lost / 5)
      const isRight = back.ok ? isSame(back, part(at * 40, at * 40 + 40)) : true
      if (back.ok === hit || !isRight) wrong.push(`packet ${at} without ${lost}`)
    }
  }
  t.strictSame(wrong, [])
})

t.test('chain: the decoder says what it misses and what it waits for', async (t) => {
  const [key, first, second] = packets(3, 100)
  const decoder = new WaveDecoder()
  t.equal(
    reasonOf(decoder.decode(first ?? new Uint8Array(0))),
    'wave: a packet of a chain that waits for the next key',
  )
  t.ok(decoder.decode(key ?? new Uint8Array(0)).ok)
  t.equal(
    reasonOf(decoder.decode(second ?? new Uint8Array(0))),
    'wave: expected packet 1 of the chain, found 2; waiting for the next key packet',
  )
  t.equal(
    reasonOf(decoder.decode(first ?? new Uint8Array(0))),
    'wave: a packet of a chain that waits for the next key',
  )
})

t.test('chain: a packet that comes again is refused and breaks nothing', async (t) => {
  const sent = packets(4, 100)
  const decoder = new WaveDecoder()
  for (const packet of sent.slice(0, 3)) t.ok(decoder.decode(packet).ok)
  t.equal(
    reasonOf(decoder.decode(sent[1] ?? new Uint8Array(0))),
    'wave: packet 1 of the chain was decoded before',
  )
  t.ok(decoder.decode(sent[3] ?? new Uint8Array(0)).ok)
})

t.test('chain: a packet of another chain is told by its CRC', async (t) => {
  const decoder = new WaveDecoder()
  const [, strange] = packets(2, 50)
  t.ok(decoder.decode(packets(1, 100)[0] ?? new Uint8Array(0)).ok)
  t.match(reasonOf(decoder.decode(strange ?? new Uint8Array(0))), /expected CRC .* waiting for/)
})

t.test('chain: goes on beyond 256 packets, and still knows what came before', async (t) => {
  const encoder = new WaveEncoder('live')
  const decoder = new WaveDecoder()
  const sent: Uint8Array[] = []
  for (let at = 0; at < 600; at++) {
    sent.push(encoder.encode([Int32Array.of(1 + (at % 7), at % 3)], { key: false }))
    if (!decoder.decode(sent[at] ?? new Uint8Array(0)).ok) t.fail(`packet ${at}`)
  }
  t.match(reasonOf(decoder.decode(sent[511] ?? new Uint8Array(0))), /packet 255 .*before/)
  t.equal(
    reasonOf(decoder.decode(Uint8Array.of(0x1a, 90, 0, 0, 0, 0))),
    'wave: expected packet 88 of the chain, found 90; waiting for the next key packet',
  )
})

t.test('chain: packets alone and packets of a chain are not mistaken', async (t) => {
  const alone = encodeWave(part(0, 50), 'best')
  const [key] = packets(1, 50)
  t.match(reasonOf(new WaveDecoder().decode(alone)), /not part of a chain/)
  t.match(reasonOf(decodeWave(key ?? alone)), /packet of a chain/)
})

t.test('chain: a lead that breaks its rule begins a new chain, twice at most', async (t) => {
  const encoder = new WaveEncoder('live')
  const decoder = new WaveDecoder()
  const flat = new Int32Array(50).fill(7)
  const first = (samples[0] ?? flat).slice(0, 50)
  const free = part(200, 250)[1] ?? flat
  const keys = [flat, flat, first, free, flat, flat, free, flat, free].map((second) => {
    const packet = encoder.encode([first, second], { key: false })
    t.ok(isSame(decoder.decode(packet), [first, second]))
    return ((packet[0] ?? 0) & 3) === 1
  })
  // It was flat, a copy of the first lead, plain; and is never again taken for flat.
  t.strictSame(keys, [true, false, true, true, false, false, false, false, false])
})

t.test('chain: another number of leads begins a new chain', async (t) => {
  const encoder = new WaveEncoder('live')
  const decoder = new WaveDecoder()
  for (const leads of [4, 2, 4]) {
    const piece = part(0, 80).slice(0, leads)
    t.ok(isSame(decoder.decode(encoder.encode(piece, { key: false })), piece))
  }
})

t.test('chain: harmed packets decode to an error, and the next key heals', async (t) => {
  const [key = new Uint8Array(0), ...nexts] = packets(4, 25)
  for (let seed = 0; seed < 150; seed++) {
    const decoder = new WaveDecoder()
    t.ok(decoder.decode(key).ok)
    const at = seed % 3
    for (const packet of nexts.slice(0, at)) decoder.decode(packet)
    const back = decoder.decode(mutated(nexts[at] ?? key, seed))
    const from = (at + 1) * 25
    if (back.ok && !isSame(back, part(from, from + 25))) t.fail(`seed ${seed}`)
    t.ok(isSame(decoder.decode(key), part(0, 25)))
  }
})
