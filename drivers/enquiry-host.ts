/**
 * Makes the driver of an instrument that asks before it sends: ENQ, then a frame, then EOT. Nothing
 * is sent to one that does not ask.
 */
import { control } from '../protocols/astm/frame.ts'
import type { EnquiryPacket } from '../protocols/bytes/enquiry.ts'
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import type { Scanner } from '../protocols/bytes/scan.ts'
import type { Driver, Heard, Said, Session, Want } from './driver.ts'
import { Recent } from './recent.ts'

export interface EnquiryHost<Frame extends { readonly kind: 'frame' }> extends Omit<
  Driver,
  'session'
> {
  readonly scan: Scanner<EnquiryPacket<Frame>>
  readonly frameLimitBytes: number
  readonly read: (frame: Frame) => readonly Said[]
}

/** The frames are short: what does not come within it does not come. */
const halfFrameMs = 3_000
const idleMs = 60_000
const framesRemembered = 64

export function enquiryHost<Frame extends { readonly kind: 'frame' }>(
  options: EnquiryHost<Frame>,
): Driver {
  const { scan, frameLimitBytes, read, ...card } = options
  return { ...card, session: () => new Host({ scan, frameLimitBytes, read }).run() }
}

type Rules<Frame extends { readonly kind: 'frame' }> = Omit<EnquiryHost<Frame>, keyof Driver>

class Host<Frame extends { readonly kind: 'frame' }> {
  readonly #rules: Rules<Frame>
  readonly #framer: Framer<EnquiryPacket<Frame>>
  #isAsked = false
  #nowMs = 0
  #lastByteMs = 0
  readonly #said = new Recent(framesRemembered)

  constructor(rules: Rules<Frame>) {
    this.#rules = rules
    this.#framer = new Framer(rules.scan, rules.frameLimitBytes)
  }

  *run(): Session {
    for (;;) {
      const leftMs = this.#lastByteMs + halfFrameMs - this.#nowMs
      const isLeft = this.#framer.isWaiting && leftMs > 0
      const heard: Heard | undefined = yield { kind: 'listen', ms: isLeft ? leftMs : idleMs }
      if (heard === undefined) continue
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') {
        this.#lastByteMs = heard.atMs
        yield* this.#take(this.#framer.feed(heard.bytes, heard.atMs))
      } else if (this.#framer.isWaiting && this.#nowMs - this.#lastByteMs >= halfFrameMs) {
        yield* this.#take(this.#framer.pause())
        yield* this.#answer(false)
      }
    }
  }

  *#take(framed: Iterable<Framed<EnquiryPacket<Frame>>>): Generator<Want, void, Heard | undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') {
        yield one
        continue
      }
      const { packet } = one
      switch (packet.kind) {
        case 'enquiry':
          this.#isAsked = true
          yield* this.#answer(true)
          break
        case 'end':
          this.#isAsked = false
          break
        case 'broken':
          yield { ...packet, kind: 'noise' }
          yield* this.#answer(false)
          break
        case 'frame':
          yield { kind: 'packet', atMs: one.atMs }
          yield* this.#answer(yield* this.#store(packet))
          break
        case 'filling':
          break
      }
    }
  }

  *#answer(isTaken: boolean): Session {
    if (!this.#isAsked) return
    const bytes = Uint8Array.of(isTaken ? control.ack : control.nak)
    yield { kind: 'send', bytes, why: isTaken ? 'it arrived' : 'it did not arrive' }
  }

  /** The same frame again is the same result: each has the time of its test in it. */
  *#store(frame: Frame): Generator<Want, boolean, Heard | undefined> {
    const key = JSON.stringify(frame)
    if (this.#said.has(key)) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
    } else {
      for (const said of this.#rules.read(frame)) yield said
      this.#said.add(key)
    }
    const committed: Heard | undefined = yield { kind: 'commit' }
    return committed?.kind === 'committed' && committed.isStored
  }
}
