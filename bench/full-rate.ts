/** A device that says ECG frames as fast as 115,200 baud carry, numbered, so that a lost one is seen. */
import { hostLinks } from '../gateway/links/links.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { encodePm6750 } from '../protocols/berrymed/frame.ts'
import { streamFor } from '../protocols/packet/topics.ts'
import { landedRecords } from '../upstream/landed.ts'

/** 10 bits on the line for each byte. */
const bytesPerSecond = 11_520
const tickMs = 20
/** Values of a lead that are safe from being read as saturated. */
const digits = 200
const lowest = 20

/** The number of a frame, in three leads of a base of 200: it repeats after eight million frames. */
function leadsOf(number: number): readonly number[] {
  const digit = (place: number) => lowest + (Math.floor(number / digits ** place) % digits)
  return [digit(0), digit(1), digit(2), 128, 128, 128, 128]
}

/** Speaks for so long and resolves with the number of frames that left. */
export async function fullRateFeed(path: string, seconds: number): Promise<number> {
  const clock = systemClock()
  const line = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const
  const link = await hostLinks().open({ kind: 'serial', path, line }, 'bytes', {
    bytes: () => {},
    closed: () => {},
  })
  const frameBytes = encodePm6750({ kind: 'ecg', leads: leadsOf(0) }).length
  const beganMs = clock.monotonicMs()
  let frames = 0
  for (;;) {
    const elapsedMs = clock.monotonicMs() - beganMs
    if (elapsedMs >= seconds * 1_000) break
    const due = Math.floor((elapsedMs * bytesPerSecond) / 1_000 / frameBytes)
    const parts: Uint8Array[] = []
    for (; frames < due; frames++) {
      parts.push(encodePm6750({ kind: 'ecg', leads: leadsOf(frames) }))
    }
    // Like a wire, it does not wait for who listens; a full line loses what does not fit.
    if (parts.length > 0) await link.write(new Uint8Array(Buffer.concat(parts)))
    await clock.sleep(tickMs)
  }
  await link.close()
  return frames
}

export interface Counted {
  readonly inOrder: number
  /** Samples that do not follow the one before. */
  readonly broken: number
}

/** Counts the frames that reached the hospital, and checks that each follows the one before. */
export function samplesInOrder(landingFolder: string, device: string): Counted {
  let expected = 0
  let broken = 0
  for (const { stream, records } of landedRecords(landingFolder)) {
    if (stream !== streamFor(device, 'waveform')) continue
    for (const record of records) {
      if (record.kind !== 'waveform' || record.wave !== 'ecg') continue
      const length = record.samples[0]?.length ?? 0
      for (let at = 0; at < length; at++, expected++) {
        const wanted = leadsOf(expected).slice(0, 3)
        if (wanted.some((value, lead) => record.samples[lead]?.[at] !== value)) broken += 1
      }
    }
  }
  return { inOrder: expected, broken }
}
