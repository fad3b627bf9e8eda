/** A capture as a device: it says what was captured, and waits where it was told something. */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { CaptureStep } from '../capture.ts'
import type { Simulated, Spoken } from './simulated.ts'

/** How often it looks whether the host has said what it must. */
const lookEveryMs = 10
/** The real device would wait for ever. Here the play ends, so that a test does. */
const hostWithinMs = 60_000
const heardLimitBytes = 65_536

export function* playCapture(steps: readonly CaptureStep[]): Simulated {
  let waitMs = 0
  let heard: Uint8Array = noBytes
  const hear = (more: Uint8Array | undefined): void => {
    if (more !== undefined) heard = joinBytes(heard, more).slice(-heardLimitBytes)
  }
  for (const step of steps) {
    if (step.kind === 'wait') waitMs += step.ms
    if (step.kind === 'device') {
      hear(yield spoken(waitMs, step.bytes))
      waitMs = 0
    }
    if (step.kind === 'host') {
      for (let waitedMs = 0; indexOf(heard, step.bytes) === -1; waitedMs += lookEveryMs) {
        if (waitedMs >= hostWithinMs) return
        hear(yield spoken(lookEveryMs, noBytes))
        // What passed while it waited for us has passed.
        waitMs = Math.max(0, waitMs - lookEveryMs)
      }
      heard = heard.slice(indexOf(heard, step.bytes) + step.bytes.length)
    }
  }
  if (waitMs > 0) yield spoken(waitMs, noBytes)
}

function spoken(afterMs: number, bytes: Uint8Array): Spoken {
  return { afterMs, bytes }
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (sameBytes(bytes.subarray(at, at + part.length), part)) return at
  }
  return -1
}
