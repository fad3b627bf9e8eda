/**
 * How much what was heard speaks for a driver. Not asked of the driver but measured: the same bytes
 * are heard again with a single bit flipped, many times. A driver that notices each flip has shown
 * that all of these bytes had to be as they were; one that takes anything has shown nothing.
 *
 *     evidence = 8 bits * bytes heard * share of flips that are noticed - 3 bits * noise bytes
 *
 * It is a bound from above on how improbable the bytes are without the device, in bits. And when no
 * flip went unnoticed that changed what the device said, a check sum (or its like) stands over it.
 */
import type { Driver } from '../../../drivers/driver.ts'
import type { Piece, Transcript } from './transcript.ts'
import { Trial } from './trial.ts'

export interface Evidence {
  /** Of the flips that are noticed. */
  readonly share: number
  /** No flipped bit changes what is said without being noticed. */
  readonly isChecked: boolean
}

export const noEvidence: Evidence = { share: 0, isChecked: false }

const noiseBitsPerByte = 3
/** So much is heard again and again: the first amount in which there is a packet. */
const againBytes = [512, 2_048] as const
const flipsMax = 32
/** Of the first packets each byte is flipped. */
const denseFlipsMax = 80
/** A check sum leaves some bytes out, such as an address or a line end. */
const checkedShareMin = 0.9
/** What ends by a silence, ends within it. */
const settleMs = 3_000

/** May be negative: more noise than sense. */
export function bitsOf(evidence: Evidence, heardBytes: number, noiseBytes: number): number {
  return 8 * heardBytes * evidence.share - noiseBitsPerByte * noiseBytes
}

/**
 * `beganMs` is when the driver's session began, on the clock of the transcript. Pauses after each
 * time that the bytes were heard: together that is long for a thread that hears other devices.
 */
export function* evidenceFor(
  driver: Driver,
  transcript: Pick<Transcript, 'head'>,
  beganMs: number,
): Generator<void, Evidence, void> {
  for (const limitBytes of againBytes) {
    const heard = transcript.head(limitBytes)
    const plain = hearAll(driver, heard, beganMs)
    yield
    if (plain.packets > 0) return yield* flipAll(driver, heard, plain, beganMs)
  }
  return noEvidence
}

function* flipAll(
  driver: Driver,
  heard: readonly Piece[],
  plain: Heard,
  beganMs: number,
): Generator<void, Evidence, void> {
  const bytes = heard.reduce((sum, piece) => sum + piece.bytes.length, 0)
  function* tried(
    flips: number,
    among: number,
    bitOf: (flip: number) => number,
  ): Generator<void, Tried, void> {
    let taken = 0
    let noticed = 0
    let misled = 0
    for (let flip = 0; flip < flips; flip++) {
      const at = Math.floor((flip * among) / flips)
      const one = hearAll(driver, flipped(heard, at, bitOf(flip)), beganMs)
      yield
      const isNoticed = one.packets < plain.packets
      // A driver that is given pieces, and not packets, shows only in what it says what it took.
      if (isNoticed || one.saidCount < plain.saidCount) taken++
      if (isNoticed) noticed++
      // Who says less and leaves more over has noticed as well, if not at the packet.
      else if (one.said !== plain.said && one.noiseBytes <= plain.noiseBytes) misled++
    }
    return { share: taken / flips, packetShare: noticed / flips, misled }
  }
  const all = yield* tried(Math.min(flipsMax, 8 * bytes), bytes, (flip) => flip % 8)
  // The lowest bit makes another digit of a digit: only a check sum notices that.
  const dense = Math.min(denseFlipsMax, bytes)
  const lowest = yield* tried(dense, dense, () => 0)
  const shareMin = checkedShareMin * (1 - Math.min(1, plain.noiseBytes / bytes))
  return {
    share: all.share,
    isChecked: all.misled + lowest.misled === 0 && lowest.packetShare >= shareMin,
  }
}

interface Tried {
  /** Of the flips that cost a packet, or something that is said. */
  readonly share: number
  /** Of those that cost a packet. */
  readonly packetShare: number
  /** Flips that are not noticed and change what is said. */
  readonly misled: number
}

interface Heard {
  readonly packets: number
  readonly noiseBytes: number
  /** Stands for all that was said. */
  readonly said: number
  readonly saidCount: number
}

function hearAll(driver: Driver, heard: readonly Piece[], beganMs: number): Heard {
  let said = 0
  let saidCount = 0
  const trial = new Trial(driver, {
    beganMs,
    said: (one) => {
      said = hashed(said, JSON.stringify(one))
      saidCount++
    },
  })
  for (const { bytes, atMs } of heard) trial.hear(bytes, atMs)
  trial.pass((heard.at(-1)?.atMs ?? beganMs) + settleMs)
  const { packets, noiseBytes } = trial
  trial.stop()
  return { packets, noiseBytes, said, saidCount }
}

function flipped(heard: readonly Piece[], at: number, bit: number): readonly Piece[] {
  let from = 0
  return heard.map((piece) => {
    const index = at - from
    from += piece.bytes.length
    if (index < 0 || index >= piece.bytes.length) return piece
    // Not `slice`: of a Buffer that is a view, and what was heard would be changed.
    const bytes = Uint8Array.from(piece.bytes)
    bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
    return { ...piece, bytes }
  })
}

function hashed(before: number, text: string): number {
  let hash = before ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}
