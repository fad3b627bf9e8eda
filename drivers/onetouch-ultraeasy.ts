/** LifeScan OneTouch UltraEasy and UltraMini: binary frames that are acknowledged one by one. */
import {
  encodeLifescan,
  lifescanLimitBytes,
  linkControl,
  scanLifescan,
  type LifescanFrame,
} from '../protocols/lifescan/frame.ts'
import {
  isLifescanAnswer,
  lifescanData,
  lifescanMessage,
  type LifescanQuestion,
} from '../protocols/lifescan/message.ts'
import { noBytes } from '../protocols/bytes/bytes.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import { newMeterMemory, readLifescanMeter } from './lifescan-meter.ts'

const questionTries = 3
const drainMs = 200

export const onetouchUltraEasy = polling({
  id: 'onetouch-ultraeasy',
  label: 'LifeScan OneTouch UltraEasy, UltraMini glucose meter',
  source:
    'LifeScan, UltraMini communication specification, as two published drivers have it; no ' +
    'capture of one was available',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['067b:2303', '0403:6001', '1a86:7523'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  // The meter listens only while it is plugged in.
  silentAfterMs: null,

  scan: scanLifescan,
  packetLimitBytes: lifescanLimitBytes,
  answerWithinMs: 1_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 5_000,
  remember: newMeterMemory,
  *talk(ask, memory) {
    const line = new AcknowledgedLine(ask)
    if (!(yield* line.reset())) return
    yield* readLifescanMeter('ultraeasy', (question) => line.asked(question), memory)
  },
})

/** Both ends count what they sent and what they have received, with one bit each. */
class AcknowledgedLine {
  readonly #ask: Ask<LifescanFrame>
  #bits = 0

  constructor(ask: Ask<LifescanFrame>) {
    this.#ask = ask
  }

  /** Both counters begin at 0. */
  *reset(): Talk<boolean> {
    this.#bits = 0
    const bytes = encodeLifescan({ control: linkControl.disconnect, message: noBytes })
    const answer = yield* this.#ask(
      { bytes, why: 'begin anew' },
      ({ control }) => (control & linkControl.disconnect) !== 0,
    )
    return answer !== null
  }

  *asked(question: LifescanQuestion): Talk<Uint8Array | null> {
    for (let tried = 0; tried < questionTries; tried++) {
      if (tried > 0) {
        yield* leaveAlone(drainMs)
        if (!(yield* this.reset())) continue
      }
      const data = yield* this.#exchange(question)
      if (data !== null) return data
    }
    return null
  }

  *#exchange(question: LifescanQuestion): Talk<Uint8Array | null> {
    const message = lifescanMessage('ultraeasy', question)
    const acknowledged = yield* this.#ask(
      { bytes: encodeLifescan({ control: this.#bits, message }), why: question.kind },
      (frame) => frame.message.length === 0 && (frame.control & linkControl.acknowledge) !== 0,
    )
    if (acknowledged === null) return null
    this.#bits ^= linkControl.sent
    const answer = yield* this.#ask(null, (frame) => frame.message.length > 0)
    if (answer === null) return null
    this.#bits ^= linkControl.expected
    const control = this.#bits | linkControl.acknowledge
    const bytes = encodeLifescan({ control, message: noBytes })
    yield { kind: 'send', bytes, why: 'received' }
    const data = lifescanData('ultraeasy', answer)
    return data !== null && isLifescanAnswer('ultraeasy', question.kind, data) ? data : null
  }
}
