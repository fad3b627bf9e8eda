/**
 * From the sentences of a satellite receiver to where the van is. Two sentences of the same instant
 * belong together: one has the speed, the other how good the position is.
 */
import type {
  NmeaDate,
  NmeaFix,
  NmeaMinimum,
  NmeaPosition,
  NmeaSentence,
} from '../protocols/nmea/sentence.ts'
import type { Words } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import type { Reader } from './streaming.ts'

type Saying = Generator<Said, void, undefined>

/** One instant of the receiver. */
interface Instant {
  readonly timeMs: number
  minimum: NmeaMinimum | null
  fix: NmeaFix | null
}

/** Where it is, when all that the receiver says of it is good. */
interface Place {
  readonly position: NmeaPosition
  readonly speedKmPerHour: number | null
  readonly minimum: NmeaMinimum | null
  readonly fix: NmeaFix | null
}

const everyMs = 30_000
const movedM = 50
/** Between the two it is as it was. */
const drivesFromKmPerHour = 5
const standsBelowKmPerHour = 2
const lostAfterMs = 60_000
/** No van is that fast: the position jumped. */
const fastestKmPerHour = 200
const dilutionMax = 5
/** The error of a position at a dilution of 1. */
const accuracyM = 5
/** Of one kind in a row, before we believe that the receiver never sends the other. */
const aloneMax = 3
/** Receivers that have counted their weeks once too often are 1,024 weeks back. */
const earliestYear = 2024

const trustedModes: readonly (string | null)[] = [null, 'A', 'D', 'R', 'F']
const qualityWords: { readonly [quality: number]: string } = {
  1: 'satellites',
  2: 'differential',
  4: 'kinematic',
  5: 'kinematic-float',
}

export class PositionReader implements Reader<NmeaSentence> {
  readonly #lost = new Current()
  readonly #live = new Live()
  #instant: Instant | null = null
  #hasPaired = false
  #alone = 0
  #lastFixMs: number | null = null
  #before: { readonly position: NmeaPosition; readonly atMs: number } | null = null
  #said: {
    readonly position: NmeaPosition
    readonly drives: boolean
    readonly atMs: number
  } | null = null;

  *packet(sentence: NmeaSentence, atMs: number): Saying {
    if (sentence.kind === 'other') return
    this.#lastFixMs ??= atMs
    if (sentence.timeMs === null) {
      yield* this.#withoutFix(atMs)
      return
    }
    if (this.#instant?.timeMs !== sentence.timeMs) {
      this.#instant = { timeMs: sentence.timeMs, minimum: null, fix: null }
    }
    const instant = this.#instant
    const isSecond = instant.minimum !== null || instant.fix !== null
    if (sentence.kind === 'minimum') instant.minimum = sentence
    else instant.fix = sentence
    if (isSecond) {
      this.#hasPaired ||= instant.minimum !== null && instant.fix !== null
      this.#alone = 0
    } else {
      this.#alone++
    }
    const isWhole = instant.minimum !== null && instant.fix !== null
    if (isWhole || (!this.#hasPaired && this.#alone >= aloneMax)) yield* this.#tell(instant, atMs)
  }

  *#tell(instant: Instant, atMs: number): Saying {
    const place = placeOf(instant)
    if (place === null) {
      yield* this.#withoutFix(atMs)
      return
    }
    const { position } = place
    const before = this.#before
    this.#before = { position, atMs }
    if (before !== null && isJump(before, { position, atMs })) return
    this.#lastFixMs = atMs
    yield* this.#lost.become(null)
    const drives = this.#drives(place)
    const said = this.#said
    const isNews =
      said === null ||
      said.drives !== drives ||
      atMs - said.atMs >= everyMs ||
      metresBetween(said.position, position) > movedM
    if (!isNews) return
    this.#said = { position, drives, atMs }
    yield* this.#live.say('position', valuesOf(place), wordsOf(place))
  }

  #drives({ speedKmPerHour }: Place): boolean {
    const before = this.#said?.drives ?? false
    if (speedKmPerHour === null) return before
    return speedKmPerHour >= (before ? standsBelowKmPerHour : drivesFromKmPerHour)
  }

  *#withoutFix(atMs: number): Saying {
    if (atMs - (this.#lastFixMs ?? atMs) < lostAfterMs) return
    this.#said = null
    yield* this.#lost.become({ code: 'position-lost', level: 'warning' })
    yield* this.#live.say('position', [
      valueOf(terms.latitude, null),
      valueOf(terms.longitude, null),
    ])
  }
}

/** null when any of its sentences says that the position is not to be used. */
function placeOf({ minimum, fix }: Instant): Place | null {
  if (minimum !== null && !(minimum.isValid && trustedModes.includes(minimum.mode))) return null
  if (fix !== null && !Object.hasOwn(qualityWords, fix.quality)) return null
  if ((fix?.dilution ?? 0) > dilutionMax) return null
  const position = fix?.position ?? minimum?.position ?? null
  if (position === null) return null
  const knots = minimum?.speedKnots ?? null
  const kmPerHour = converted(knots, '[kn_i]', 'km/h')
  const speedKmPerHour = kmPerHour === null ? null : Math.round(kmPerHour * 100) / 100
  return { position, speedKmPerHour, minimum, fix }
}

function valuesOf({ position, speedKmPerHour, minimum, fix }: Place) {
  const movement = [
    valueOf(terms.speed, speedKmPerHour),
    valueOf(terms.course, minimum?.courseDeg ?? null),
  ]
  const dilution = fix?.dilution ?? null
  const accuracy = dilution === null ? null : Math.round(accuracyM * dilution * 10) / 10
  const quality = [
    valueOf(terms.altitude, fix?.altitudeM ?? null),
    valueOf(terms.satellites, fix?.satellites ?? null),
    valueOf(terms.positionDilution, dilution),
    valueOf(terms.positionAccuracy, accuracy),
  ]
  return [
    valueOf(terms.latitude, position.latitudeDeg),
    valueOf(terms.longitude, position.longitudeDeg),
    ...(minimum === null ? [] : movement),
    ...(fix === null ? [] : quality),
  ]
}

function wordsOf({ minimum, fix }: Place): Words {
  const date = minimum?.date ?? null
  const timeMs = minimum?.timeMs ?? null
  const word = fix === null ? undefined : qualityWords[fix.quality]
  return {
    ...(word === undefined ? {} : { fix: word }),
    ...(date === null || timeMs === null ? {} : { receiverUtc: utcText(date, timeMs) }),
    ...(date !== null && date.year < earliestYear ? { receiverClock: 'implausible' } : {}),
  }
}

function utcText({ year, month, day }: NmeaDate, timeMs: number): string {
  const seconds = Math.trunc(timeMs / 1_000)
  const clock = [Math.trunc(seconds / 3_600), Math.trunc(seconds / 60) % 60, seconds % 60].map(two)
  const fraction = String(timeMs % 1_000).padStart(3, '0')
  return `${year}-${two(month)}-${two(day)}T${clock.join(':')}.${fraction}Z`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}

function isJump(
  before: { readonly position: NmeaPosition; readonly atMs: number },
  now: { readonly position: NmeaPosition; readonly atMs: number },
): boolean {
  const metres = metresBetween(before.position, now.position)
  const seconds = Math.max(1, (now.atMs - before.atMs) / 1_000)
  return (metres / seconds) * 3.6 > fastestKmPerHour
}

const metresPerDegree = 111_195

/** Good for the distances between two fixes; at the poles there is no clinic. */
function metresBetween(one: NmeaPosition, other: NmeaPosition): number {
  const north = other.latitudeDeg - one.latitudeDeg
  const around = ((other.longitudeDeg - one.longitudeDeg + 540) % 360) - 180
  const east = around * Math.cos((one.latitudeDeg * Math.PI) / 180)
  return Math.hypot(north, east) * metresPerDegree
}
