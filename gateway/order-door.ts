/**
 * The port at which a hospital's system says its orders, in HL7 over MLLP. Each message is answered
 * after what it says is on the disk; one that was cut off is not answered, and so comes again.
 */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import { bytesOfMessage, textOfMessage } from '../protocols/hl7/charset.ts'
import { encodeEr7, parseEr7 } from '../protocols/hl7/er7.ts'
import { ackCodes, ackMessage, headOf } from '../protocols/hl7/header.ts'
import { encodeMllp, mllpLimitBytes, scanMllp, type MllpBlock } from '../protocols/hl7/mllp.ts'
import { ordersTrouble } from './errors/orders.ts'
import { Trouble } from './errors/trouble.ts'
import type { HospitalOrders } from './visits/hospital-orders.ts'
import type { Link, Listening, World } from './world.ts'

export interface OrderDoorParts extends Pick<World, 'clock' | 'log'> {
  readonly links: Pick<World['links'], 'listen'>
  readonly port: number
  readonly orders: Pick<HospitalOrders, 'take'>
}

/** A hospital has one system that sends orders, or two. */
const connectionsMax = 8
/** A system that sends without waiting for answers is not read on for ever. */
const messagesWaitingMax = 64
const tryAgainMs = 10_000
/** A message that takes longer is not going to end. */
const messageMs = 30_000

export class OrderDoor {
  readonly #parts: OrderDoorParts
  readonly #open = new Set<Connection>()
  #listening: Listening | null = null
  #opening: Promise<void> = Promise.resolve()
  #cancel: (() => void) | null = null
  #isOver = false

  constructor(parts: OrderDoorParts) {
    this.#parts = parts
  }

  start(): void {
    this.#opening = this.#listen()
  }

  /** What is under way is stored and answered first. */
  async stop(): Promise<void> {
    this.#isOver = true
    this.#cancel?.()
    await this.#opening
    await Promise.all([...this.#open].map((one) => one.end()))
    await this.#listening?.close()
  }

  async #listen(): Promise<void> {
    const { links, port } = this.#parts
    try {
      this.#listening = await links.listen(port, 'bytes', {
        called: (accept) => {
          if (this.#isOver || this.#open.size >= connectionsMax) return
          const connection = new Connection(this.#parts, () => this.#open.delete(connection))
          this.#open.add(connection)
          connection.begin(accept)
        },
        closed: (trouble) => {
          if (trouble !== null) this.#fail(trouble)
        },
      })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const { clock, log } = this.#parts
    this.#listening = null
    if (this.#isOver) return
    const why = error instanceof Error ? error.message : String(error)
    log.error('orders cannot come in', ordersTrouble('orders-port-closed', { why }).logFields())
    this.#cancel = clock.after('open the port for orders', tryAgainMs, () => this.start())
  }
}

class Connection {
  readonly #parts: OrderDoorParts
  readonly #closed: () => void
  readonly #framer = new Framer(scanMllp, mllpLimitBytes)
  #link: Link | null = null
  #waiting = 0
  #last: Promise<void> = Promise.resolve()
  #cancelPause: (() => void) | null = null
  #answers = 0

  constructor(parts: OrderDoorParts, closed: () => void) {
    this.#parts = parts
    this.#closed = closed
  }

  begin(accept: Parameters<Parameters<World['links']['listen']>[2]['called']>[0]): void {
    this.#link = accept({
      bytes: (bytes) => this.#hear(bytes),
      closed: () => {
        this.#link = null
        this.#cancelPause?.()
        this.#closed()
      },
    })
  }

  async end(): Promise<void> {
    await this.#last
    await this.#link?.close()
  }

  #hear(bytes: Uint8Array): void {
    const { clock } = this.#parts
    this.#take(this.#framer.feed(bytes, clock.monotonicMs()))
    this.#cancelPause?.()
    this.#cancelPause = null
    if (!this.#framer.isWaiting) return
    this.#cancelPause = clock.after('the end of an order', messageMs, () => {
      this.#take(this.#framer.pause())
    })
  }

  #take(framed: Iterable<Framed<MllpBlock>>): void {
    const { log } = this.#parts
    for (const one of framed) {
      if (one.kind === 'noise') {
        log.warn('bytes among orders are no message', { bytes: one.bytes.length, why: one.reason })
        continue
      }
      if (this.#waiting >= messagesWaitingMax) {
        // It has not been answered, so it will be sent again.
        log.warn('orders come faster than they are stored', { count: this.#waiting })
        void this.#link?.close()
        return
      }
      this.#waiting++
      this.#last = this.#last
        .then(() => this.#answer(one.packet.message))
        .catch((err: unknown) => log.error('an order was not answered', { err }))
        .then(() => void this.#waiting--)
    }
  }

  async #answer(bytes: Uint8Array): Promise<void> {
    const { log, orders } = this.#parts
    const { text, isSound } = textOfMessage(bytes)
    const parsed = parseEr7(text)
    if (!parsed.ok) {
      log.warn('bytes among orders are no message', { bytes: bytes.length, why: parsed.reason })
      return
    }
    const message = parsed.value
    if (!isSound) log.warn('an order has characters of an unknown set', { bytes: bytes.length })
    const { kind, trouble } = await orders.take(message)
    if (trouble !== null) log.warn('an order was not taken', trouble.logFields())
    for (const code of ackCodes(headOf(message), kind)) {
      const answer = ackMessage(message, code, String(++this.#answers))
      const text = bytesOfMessage(encodeEr7(answer), 'UNICODE UTF-8')
      await this.#say(encodeMllp({ message: text }))
    }
  }

  /** Who has hung up meanwhile asks again. */
  async #say(bytes: Uint8Array): Promise<void> {
    try {
      await this.#link?.write(bytes)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
    }
  }
}
