/** One session with a personal health device: the manager of IEEE 11073, on any link. */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import type { Scan } from '../protocols/bytes/scan.ts'
import { apduLimitBytes, encodeApdu, scanApdu, type Apdu } from '../protocols/ieee11073/apdu.ts'
import type { ManagerAction, ManagerEvent } from '../protocols/ieee11073/manager-actions.ts'
import { Manager, type ManagerOptions } from '../protocols/ieee11073/manager.ts'
import type { Heard, Session, Want } from './driver.ts'
import { PersonalHealthSaid } from './ieee11073-said.ts'

/** There is no mark of a beginning: after such a silence the rest of an APDU does not come. */
const pausedAfterMs = 1_000
/** How long a session listens when it waits for nothing in particular. */
const idleMs = 60_000

export function managerSession(options: ManagerOptions): Session {
  return new ManagerSession(options).run()
}

class ManagerSession {
  readonly #manager: Manager
  readonly #said = new PersonalHealthSaid()
  readonly #framer = new Framer((bytes) => this.#scan(bytes), apduLimitBytes)
  /** The last bytes that were looked at begin an APDU whose rest has not come. */
  #hasHalf = false
  #nowMs = 0
  #lastByteMs = 0
  #isOver = false

  constructor(options: ManagerOptions) {
    this.#manager = new Manager(options)
  }

  *run(): Session {
    while (!this.#isOver) {
      const heard: Heard | undefined = yield { kind: 'listen', ms: this.#waitMs() }
      if (heard === undefined) continue
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') {
        this.#lastByteMs = heard.atMs
        yield* this.#take(this.#framer.feed(heard.bytes, heard.atMs))
      } else if (this.#framer.isWaiting && this.#nowMs - this.#lastByteMs >= pausedAfterMs) {
        const wasLost = this.#hasHalf
        yield* this.#take(this.#framer.pause())
        this.#hasHalf = false
        if (wasLost) yield* this.#tell({ kind: 'garbled' })
      }
      // An agent that talks without a pause must not keep us from noticing that it never answers.
      const { dueMs } = this.#manager
      if (dueMs !== null && heard.atMs >= dueMs) yield* this.#tell({ kind: 'time' })
    }
  }

  #scan(bytes: Uint8Array): Scan<Apdu> {
    const found = scanApdu(bytes)
    this.#hasHalf = found.kind === 'incomplete'
    return found
  }

  #waitMs(): number {
    const pauseMs = this.#framer.isWaiting ? this.#lastByteMs + pausedAfterMs : Infinity
    const nextMs = Math.min(pauseMs, this.#manager.dueMs ?? Infinity, this.#nowMs + idleMs)
    return Math.max(0, nextMs - this.#nowMs)
  }

  *#take(framed: Iterable<Framed<Apdu>>): Session {
    for (const one of framed) {
      if (one.kind === 'packet') {
        yield { kind: 'packet', atMs: one.atMs }
        yield* this.#tell({ kind: 'apdu', apdu: one.packet })
      } else {
        yield one
      }
    }
  }

  *#tell(event: ManagerEvent): Session {
    let actions = this.#manager.handle(event, this.#nowMs)
    while (actions.length > 0) {
      const isStored = yield* this.#act(actions)
      // A commit is the last of its actions, and what follows from it is said then.
      actions =
        isStored === null ? [] : this.#manager.handle({ kind: 'committed', isStored }, this.#nowMs)
    }
  }

  /** Whether all was stored; null when that was not asked. */
  *#act(actions: readonly ManagerAction[]): Generator<Want, boolean | null, Heard | undefined> {
    let isStored: boolean | null = null
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          yield { kind: 'send', bytes: encodeApdu(action.apdu), why: action.why }
          break
        case 'commit': {
          const heard: Heard | undefined = yield { kind: 'commit' }
          isStored = heard?.kind === 'committed' && heard.isStored
          this.#said.settle(isStored)
          break
        }
        case 'close':
          this.#isOver = true
          break
        default:
          for (const said of this.#said.tell(action)) yield said
      }
    }
    if (isStored === null) this.#said.settle(true)
    return isStored
  }
}
