/** A finger in an oximeter, for ever: what the device says in its own frames, at its own pace. */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Simulated } from './simulated.ts'

export interface PulseInstant {
  /** Counts the frames from 0. */
  readonly frame: number
  /** 0 to 1. */
  readonly pulseWave: number
  readonly isBeat: boolean
  readonly saturationPercent: number
  readonly pulsePerMinute: number
  readonly perfusionPercent: number
}

export interface SimulatedOximeter {
  readonly framesPerSecond: number
  readonly encode: (now: PulseInstant) => Uint8Array
  /** Silent until it is told; null: it talks by itself. */
  readonly startedBy: Uint8Array | null
}

/** So often what has come together is said. */
const tickMs = 50
const heardLimitBytes = 256

export function* simulateOximeter(oximeter: SimulatedOximeter, random: Random): Simulated {
  const { startedBy, framesPerSecond, encode } = oximeter
  if (startedBy !== null) yield* waitFor(startedBy)
  const finger = new Finger(random)
  let frame = 0
  for (let tick = 1; ; tick++) {
    const frames: Uint8Array[] = []
    for (; frame < Math.floor((tick * tickMs * framesPerSecond) / 1_000); frame++) {
      frames.push(encode(finger.at(frame, framesPerSecond)))
    }
    yield { afterMs: tickMs, bytes: joinBytes(...frames) }
  }
}

function* waitFor(command: Uint8Array): Simulated {
  let heard: Uint8Array = noBytes
  while (!endsWith(heard, command)) {
    const more: Uint8Array | undefined = yield { afterMs: tickMs, bytes: noBytes }
    heard = joinBytes(heard, more ?? noBytes).slice(-heardLimitBytes)
  }
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return sameBytes(bytes.slice(-end.length), end)
}

class Finger {
  readonly #random: Random
  #saturationPercent = 97
  #pulsePerMinute = 72
  #beats = 0
  #second = 0

  constructor(random: Random) {
    this.#random = random
  }

  at(frame: number, framesPerSecond: number): PulseInstant {
    const second = Math.floor(frame / framesPerSecond)
    if (second > this.#second) {
      this.#second = second
      this.#saturationPercent = this.#wander(this.#saturationPercent, 95, 99)
      this.#pulsePerMinute = this.#wander(this.#pulsePerMinute, 66, 80)
    }
    const before = Math.floor(this.#beats)
    this.#beats += this.#pulsePerMinute / 60 / framesPerSecond
    return {
      frame,
      pulseWave: pulseWave(this.#beats % 1),
      isBeat: Math.floor(this.#beats) > before,
      saturationPercent: this.#saturationPercent,
      pulsePerMinute: this.#pulsePerMinute,
      perfusionPercent: 3.45,
    }
  }

  /** One step up or down, or none. */
  #wander(value: number, least: number, most: number): number {
    return Math.min(most, Math.max(least, value + this.#random.below(3) - 1))
  }
}

/** A steep rise and, behind a notch, a second small wave. `phase` is 0 to 1 of a beat. */
export function pulseWave(phase: number): number {
  const hill = (at: number, width: number): number => Math.exp(-(((phase - at) / width) ** 2))
  return Math.min(1, hill(0.18, 0.09) + 0.4 * hill(0.48, 0.14))
}
