import t from 'tap'
import { WaveDecoder, WaveEncoder } from './chain.ts'
import { decodeWave, encodeWave } from './wave.ts'

function walk(leads: number, count: number, seed: number): Int32Array[] {
  let state = seed
  return Array.from({ length: leads }, () => {
    let value = 0
    return Int32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      value += ((state >>> 16) % 9) - 4
      return value
    })
  })
}

t.test('wave: comes back bit for bit in each profile', async (t) => {
  for (const profile of ['best', 'light'] as const)
    for (const leads of [1, 2, 12, 64]) {
      const samples = walk(leads, 300, leads)
      const back = decodeWave(encodeWave(samples, profile))
      t.strictSame(back, { ok: true, value: samples })
    }
})

t.test('chain: comes back packet by packet', async (t) => {
  const samples = walk(3, 1_000, 5)
  const encoder = new WaveEncoder('live')
  const decoder = new WaveDecoder()
  for (let at = 0; at < 1_000; at += 125) {
    const part = samples.map((lead) => lead.slice(at, at + 125))
    const back = decoder.decode(encoder.encode(part, { key: at === 0 }))
    t.strictSame(back, { ok: true, value: part })
  }
})
