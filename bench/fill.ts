/** A backlog for a journal: packets of waveform that nobody was there to receive. */
import type { Journal } from '../gateway/journal/journal.ts'

/** Ten seconds of one lead at 125 Hz in each packet, as of a monitor that nobody watches. */
export async function fill(journal: Journal, packets: number): Promise<void> {
  const together = 1_000
  const samplesPerPacket = 1_250
  const lead = { code: 'MDC_ECG_ELEC_POTL_II', unit: 'mV', lsb: 0.005, zero: 0 }
  for (let made = 0; made < packets; made += together) {
    const count = Math.min(together, packets - made)
    const stored = Array.from({ length: count }, (_none, index) =>
      journal.store('ecg-1', {
        kind: 'waveform',
        atMs: (made + index) * 10_000,
        utcMs: 1_750_000_000_000 + (made + index) * 10_000,
        uncertaintyMs: 20,
        source: 'device',
        simulated: true,
        wave: 'ecg',
        run: 1,
        firstSample: (made + index) * samplesPerPacket,
        rate: { samples: 125, perMs: 1_000 },
        leads: [lead],
        samples: [heartbeats(made + index, samplesPerPacket)],
      }),
    )
    await Promise.all(stored)
  }
  await journal.sealDue()
}

/** A beat a second with a little noise, each packet different. */
function heartbeats(packet: number, count: number): Int32Array {
  let noise = packet + 1
  return Int32Array.from({ length: count }, (_none, index) => {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0
    const phase = index % 125
    const spike = phase > 40 && phase < 46 ? 200 - Math.abs(43 - phase) * 60 : 0
    return spike + Math.round(10 * Math.sin(phase / 20)) + ((noise >>> 16) % 5)
  })
}
