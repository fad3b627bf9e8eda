/** What the frames of a Nonin mean, one after the other. */
import type { NoninSecond } from '../protocols/nonin/second.ts'
import type { NoninSpotCheck } from '../protocols/nonin/spot-check.ts'
import {
  noninFramesPerPacket,
  noninNumbers,
  type NoninFrame,
  type NoninNumbers,
} from '../protocols/nonin/stream.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current, type Condition } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { measured, valueOf } from './measured.ts'
import type { Reader } from './streaming.ts'

type Saying = Generator<Said, void, undefined>

const everyMs = 1_000

/** Flags that the formats have in common. */
interface Flags {
  readonly isUnplugged: boolean
  readonly isFingerOut: boolean
  readonly isArtifact: boolean
  readonly isArtifactForLong: boolean
}

/**
 * A number lies in one frame of a packet of 25, so it is believed only when all 25 came: with one
 * missing, every frame behind it would mean what its neighbour means. What is missing of the pulse
 * wave is counted when the next packet begins.
 */
export class NoninStreamReader implements Reader<NoninFrame> {
  readonly #second = new NoninSecondReader()
  #frames: NoninFrame[] = []
  /** Since the last first frame; null before there was one. */
  #count: number | null = null
  #saidAtMs: number | null = null;

  *packet(frame: NoninFrame, atMs: number): Saying {
    if (frame.isFirst) {
      for (let missing = missingFrames(this.#count); missing > 0; missing--) {
        yield { kind: 'samples', wave: 'pleth', samples: null }
      }
      this.#count = 0
      this.#frames = []
    }
    if (this.#count !== null) {
      this.#count++
      if (this.#frames.length < noninFramesPerPacket) this.#frames.push(frame)
    }
    const isOff = frame.isUnplugged || frame.isFingerOut
    yield { kind: 'samples', wave: 'pleth', samples: isOff ? null : [frame.pleth] }
    if (this.#count === noninFramesPerPacket) yield* this.#numbers(atMs)
  }

  *#numbers(atMs: number): Saying {
    const frames = this.#frames
    const any = (is: (frame: NoninFrame) => boolean): boolean => frames.some(is)
    const flags: Flags = {
      isUnplugged: any((frame) => frame.isUnplugged),
      isFingerOut: any((frame) => frame.isFingerOut),
      isArtifact: any((frame) => frame.isArtifact),
      isArtifactForLong: any((frame) => frame.isArtifactForLong),
    }
    yield* this.#second.flags(flags)
    const last = this.#saidAtMs
    // Three packets are a second.
    if (last !== null && atMs - last < everyMs - 100) return
    this.#saidAtMs = atMs
    yield* this.#second.numbers(flags, noninNumbers(frames))
  }
}

function missingFrames(count: number | null): number {
  if (count === null) return 0
  const behind = count % noninFramesPerPacket
  return behind === 0 ? 0 : noninFramesPerPacket - behind
}

/** As many as a delay on the way may bring together. */
const secondsTogetherMax = 2

/**
 * Numbers once a second, in three or four bytes that other devices contain as well: they are
 * believed only when the line is silent behind them, which it never is behind those of a stream.
 */
export class NoninSecondReader implements Reader<NoninSecond> {
  #sincePause: { readonly second: NoninSecond; readonly atMs: number }[] = []
  readonly #sensor = new Current()
  readonly #battery = new Current()
  readonly #live = new Live()

  packet(second: NoninSecond, atMs: number): readonly Said[] {
    if (this.#sincePause.length <= secondsTogetherMax) this.#sincePause.push({ second, atMs })
    return []
  }

  *pause(): Generator<{ readonly said: Said; readonly atMs: number }, void, undefined> {
    const seconds = this.#sincePause
    this.#sincePause = []
    if (seconds.length > secondsTogetherMax) return
    for (const { second, atMs } of seconds) {
      for (const said of this.flags(second)) yield { said, atMs }
      for (const said of this.numbers(second, second)) yield { said, atMs }
    }
  }

  *flags(flags: Flags): Saying {
    yield* this.#sensor.become(sensorCondition(flags))
  }

  *numbers(flags: Flags, numbers: NoninNumbers): Saying {
    const isLow = numbers.isBatteryLow
    yield* this.#battery.become(isLow ? { code: 'battery-low', level: 'warning' } : null)
    const isThere = sensorCondition(flags) === null
    yield* this.#live.say(
      'oximeter',
      valuesOf(isThere ? numbers.saturationPercent : null, isThere ? numbers.pulsePerMinute : null),
      isThere ? qualifiersOf(flags, numbers) : {},
    )
  }
}

function sensorCondition(flags: Flags): Condition | null {
  if (flags.isUnplugged) return { code: 'oximeter-sensor-off', level: 'info' }
  return flags.isFingerOut ? { code: 'oximeter-no-finger', level: 'info' } : null
}

function valuesOf(saturation: number | null, pulse: number | null): readonly Value[] {
  return [valueOf(terms.saturation, saturation), valueOf(terms.oximeterPulse, pulse)]
}

function qualifiersOf(flags: Flags, numbers: NoninNumbers): Words {
  return {
    ...(flags.isArtifactForLong ? { signal: 'out-of-track' } : {}),
    ...(flags.isArtifact && !flags.isArtifactForLong ? { signal: 'artifact' } : {}),
    ...(numbers.isGoodForSpotCheck ? { quality: 'spot-check' } : {}),
  }
}

export class NoninSpotCheckReader implements Reader<NoninSpotCheck> {
  readonly #battery = new Current();

  *packet(check: NoninSpotCheck): Saying {
    const isLow = check.isBatteryLow
    yield* this.#battery.become(isLow ? { code: 'battery-low', level: 'warning' } : null)
    if (check.isWithoutMeasurement) {
      yield {
        kind: 'event',
        code: 'measurement-failed',
        level: 'info',
        active: null,
        detail: { error: 'no measurement' },
      }
      return
    }
    yield measured(valuesOf(check.saturationPercent, check.pulsePerMinute), {
      deviceTime: check.deviceTime,
      qualifiers: {
        ...(check.isGoodForSpotCheck ? { quality: 'spot-check' } : {}),
        ...(check.isFromMemory ? { from: 'memory' } : {}),
      },
    })
  }
}
