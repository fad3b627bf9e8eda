/** A backlog for a journal: packets of waveform that nobody was there to receive. */
import type { ChainProfile } from '../protocols/ecg-codec/chain.ts'
import type { Journal } from '../gateway/journal/journal.ts'

/** Packing is not what these benchmarks measure, and takes most of the time of filling. */
export const fillingWaves: ChainProfile = 'light'

const samplesPerPacket = 250
const samplesPerBreath = 90

/** Ten seconds of breathing at 25 Hz in each packet, as of a monitor that nobody watches. */
export async function fill(journal: Journal, packets: number): Promise<void> {
  const together = 1_000
  const lead = { code: 'MDC_IMPED_TTHOR', unit: 'count', lsb: 1, zero: 0 }
  for (let made = 0; made < packets; made += together) {
    const count = Math.min(together, packets - made)
    const stored = Array.from({ length: count }, (_none, index) =>
      journal.store('monitor-1', {
        kind: 'waveform',
        atMs: (made + index) * 10_000,
        utcMs: 1_750_000_000_000 + (made + index) * 10_000,
        uncertaintyMs: 20,
        source: 'device',
        simulated: true,
        wave: 'respiration',
        run: 1,
        firstSample: (made + index) * samplesPerPacket,
        rate: { samples: 25, perMs: 1_000 },
        leads: [lead],
        samples: [breaths(made + index)],
      }),
    )
    await Promise.all(stored)
  }
  await journal.sealDue()
}

/** A breath in 3.6 s with a little noise, each packet different. */
function breaths(packet: number): Int32Array {
  let noise = packet + 1
  return Int32Array.from({ length: samplesPerPacket }, (_none, index) => {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0
    const phase = (packet * samplesPerPacket + index) / samplesPerBreath
    return Math.round(120 + 100 * Math.sin(2 * Math.PI * phase)) + ((noise >>> 16) % 5)
  })
}
