/**
 * The dialogue with an IntelliVue: it is asked for an association, tells that it is ready, and then
 * answers polls and sends waves for as long as it hears from us.
 *
 *   associate --- accepted --> ready? --- ready --> monitor: numbers every 2 s, waves as they come
 *       ^            |           |                        |
 *       +-- rest ----+-----------+------- aborted, or nothing for 10 s
 */
import { Framer } from '../protocols/bytes/framer.ts'
import {
  encodeReadyResult,
  readApdu,
  type IntellivueApdu,
} from '../protocols/philips-intellivue/apdu.ts'
import { monitorIdentity } from '../protocols/philips-intellivue/attributes.ts'
import {
  frameOf,
  intellivueFrameLimitBytes,
  scanIntellivueFrame,
} from '../protocols/philips-intellivue/frame.ts'
import {
  associationRequest,
  exportedWavesRequest,
  numbersRequest,
  releaseRequest,
  wavesRequest,
} from '../protocols/philips-intellivue/requests.ts'
import type { Heard, Session, Want } from './driver.ts'
import { IntellivueReader } from './philips-intellivue-reader.ts'
import { exported } from './philips-intellivue-waves.ts'

const answerWithinMs = 5_000
/** After a refusal, or no answer at all. */
const restMs = 5_000
const numbersEveryMs = 2_000
const wavesForSeconds = 600
const wavesAgainAfterMs = 540_000
/** A monitor that is well answers every poll. */
const lostAfterMs = 10_000
/** So long without a byte, and half a frame will not be completed. */
const pausedAfterMs = 500

/** Ids under which the monitor answers; any would do. */
const invokeIds = { numbers: 1, exported: 2, waves: 4 } as const

/** `frames` on a serial line; over UDP each datagram is a message. */
export function intellivueSession(carries: 'frames' | 'datagrams'): Session {
  return new Dialogue(carries).run()
}

class Dialogue {
  readonly #carries: 'frames' | 'datagrams'
  readonly #framer = new Framer(scanIntellivueFrame, intellivueFrameLimitBytes)
  #reader = new IntellivueReader()
  #nowMs = 0
  #lastByteMs = 0
  /** Never more than one piece of bytes holds. */
  #waiting: { readonly apdu: IntellivueApdu; readonly atMs: number }[] = []

  constructor(carries: 'frames' | 'datagrams') {
    this.#carries = carries
  }

  *run(): Session {
    for (;;) {
      const isReady = yield* this.#associate()
      if (isReady) yield* this.#monitor()
      yield* this.#rest(restMs)
    }
  }

  *#associate(): Generator<Want, boolean, Heard | undefined> {
    yield this.#say(associationRequest, 'associate')
    const answer = yield* this.#waitFor(['accepted', 'refused', 'aborted'])
    if (answer === null) {
      // One from before our start may still stand.
      yield this.#say(releaseRequest, 'end an association')
      return false
    }
    if (answer.kind !== 'accepted') return false
    const ready = yield* this.#waitFor(['ready', 'refused', 'aborted'])
    if (ready?.kind !== 'ready') return false
    const identity = monitorIdentity(ready.attributes)
    if (identity.model !== null) yield { kind: 'identity', ...identity }
    yield this.#say(encodeReadyResult(ready.invokeId), 'we are ready too')
    return true
  }

  *#monitor(): Session {
    this.#reader = new IntellivueReader()
    yield this.#say(exportedWavesRequest(invokeIds.exported, exported), 'which waves')
    let numbersAtMs = this.#nowMs
    let wavesAtMs = this.#nowMs
    let lastMs = this.#nowMs
    while (this.#nowMs - lastMs < lostAfterMs) {
      if (this.#nowMs >= wavesAtMs) {
        yield this.#say(wavesRequest(invokeIds.waves, 3, wavesForSeconds), 'waves')
        wavesAtMs = this.#nowMs + wavesAgainAfterMs
      }
      if (this.#nowMs >= numbersAtMs) {
        yield this.#say(numbersRequest(invokeIds.numbers, 1), 'numbers')
        numbersAtMs = this.#nowMs + numbersEveryMs
      }
      const apdu = yield* this.#next(Math.min(numbersAtMs, wavesAtMs, lastMs + lostAfterMs))
      if (apdu === null) continue
      lastMs = this.#nowMs
      if (apdu.kind === 'aborted' || apdu.kind === 'refused' || apdu.kind === 'released') return
      if (apdu.kind === 'ready') {
        yield this.#say(encodeReadyResult(apdu.invokeId), 'we are ready too')
      }
      if (apdu.kind === 'poll') yield* this.#tell(apdu)
    }
  }

  *#tell(poll: Extract<IntellivueApdu, { kind: 'poll' }>): Session {
    for (const said of this.#reader.poll(poll)) yield said
  }

  #say(message: Uint8Array, why: string): Want {
    const bytes = this.#carries === 'frames' ? frameOf(message) : message
    return { kind: 'send', bytes, why }
  }

  *#waitFor(
    kinds: readonly IntellivueApdu['kind'][],
  ): Generator<Want, IntellivueApdu | null, Heard | undefined> {
    const untilMs = this.#nowMs + answerWithinMs
    for (;;) {
      const apdu = yield* this.#next(untilMs)
      if (apdu === null || kinds.includes(apdu.kind)) return apdu
    }
  }

  *#rest(ms: number): Session {
    const untilMs = this.#nowMs + ms
    while (this.#nowMs < untilMs) yield* this.#next(untilMs)
  }

  /** The next message; null when none came until then. */
  *#next(untilMs: number): Generator<Want, IntellivueApdu | null, Heard | undefined> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) {
        yield { kind: 'packet', atMs: next.atMs }
        return next.apdu
      }
      if (this.#nowMs >= untilMs) return null
      const heard: Heard | undefined = yield { kind: 'listen', ms: untilMs - this.#nowMs }
      if (heard === undefined) return null
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') yield* this.#take(heard.bytes, heard.atMs)
      else if (this.#nowMs - this.#lastByteMs >= pausedAfterMs) {
        yield* this.#keep(this.#framer.pause())
      }
    }
  }

  *#take(bytes: Uint8Array, atMs: number): Session {
    this.#lastByteMs = atMs
    if (this.#carries === 'frames') yield* this.#keep(this.#framer.feed(bytes, atMs))
    else {
      const apdu = readApdu(bytes)
      if (apdu.kind === 'unknown') yield { kind: 'noise', reason: 'no data export', bytes }
      else this.#waiting.push({ apdu, atMs })
    }
  }

  *#keep(framed: ReturnType<Framer<IntellivueApdu>['pause']>): Session {
    for (const one of framed) {
      if (one.kind === 'noise') yield one
      else this.#waiting.push({ apdu: one.packet, atMs: one.atMs })
    }
  }
}
