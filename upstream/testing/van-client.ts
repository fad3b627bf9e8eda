/** A van at a broker, for tests: sends until receipts cover it, and what is asked for. */
import {
  decodeBackfill,
  decodeReceipt,
  type Backfill,
  type Receipt,
} from '../../protocols/packet/messages.ts'
import { downTopic, stateTopic } from '../../protocols/packet/topics.ts'
import type { Broker, BrokerConnection } from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { TestPacket, TestVan } from './van.ts'

/** What was sent and not receipted is sent again after this. */
const resendEveryMs = 4_000
const reconnectAfterMs = 700

export class VanClient {
  readonly #van: TestVan
  readonly #clock: Clock
  readonly #broker: Broker
  readonly #kept = new Map<string, TestPacket>()
  readonly #sentAtMs = new Map<string, number>()
  #connection: BrokerConnection | null = null
  #unacknowledged = 0
  #windowMost = 10
  readonly receipts: Receipt[] = []
  readonly backfills: Backfill[] = []
  /** Packets that it keeps to itself until they are asked for. */
  readonly hidden = new Set<string>()

  constructor(van: TestVan, clock: Clock, broker: Broker) {
    this.#van = van
    this.#clock = clock
    this.#broker = broker
    this.#connect()
    this.#tick()
  }

  /** Packets without a receipt. */
  get keptCount(): number {
    return this.#kept.size
  }

  add(packets: readonly TestPacket[]): void {
    for (const packet of packets) this.#kept.set(keyOf(packet), packet)
    this.#send()
  }

  #connect(): void {
    const { van } = this.#van
    const will = { topic: stateTopic(van), payload: this.#van.state(false).payload, retain: true }
    const options = { clientId: van, keepaliveSeconds: 30, will }
    const connection: BrokerConnection = this.#broker.connect(options, {
      opened: (session) => {
        this.#windowMost = Math.min(10, session.receiveMaximum)
        connection.subscribe([downTopic(van, 'receipt'), downTopic(van, 'backfill')], () => {
          const { topic, payload } = this.#van.state(true)
          connection.publish(topic, payload, { retain: true }, () => {})
          this.#connection = connection
          this.#unacknowledged = 1
          this.#sentAtMs.clear()
          this.#send()
        })
      },
      message: (topic, payload) => this.#heard(topic, payload),
      closed: () => {
        this.#connection = null
        this.#clock.after('van reconnects', reconnectAfterMs, () => this.#connect())
      },
    })
    // An attempt that is never answered is given up.
    this.#clock.after('van waits for the broker', 5_000, () => {
      if (this.#connection !== connection) connection.close('destroy')
    })
  }

  #tick(): void {
    this.#clock.after('van resends', resendEveryMs, () => {
      // Acknowledgements that never come must not close the window for ever.
      this.#unacknowledged = 0
      this.#send()
      this.#tick()
    })
  }

  #heard(topic: string, payload: Uint8Array): void {
    if (topic === downTopic(this.#van.van, 'receipt')) {
      const receipt = decodeReceipt(payload)
      if (!receipt.ok) return
      this.receipts.push(receipt.value)
      this.#forget(receipt.value)
    } else {
      const backfill = decodeBackfill(payload)
      if (!backfill.ok) return
      this.backfills.push(backfill.value)
      const { stream, from, to } = backfill.value
      for (const [key, packet] of this.#kept) {
        const { seq } = packet.header
        if (packet.header.stream !== stream || seq < from || seq > to) continue
        this.hidden.delete(key)
        this.#sentAtMs.delete(key)
      }
    }
    this.#send()
  }

  #forget(receipt: Receipt): void {
    for (const { stream, ranges } of receipt.receipts)
      for (const { from, to } of ranges)
        for (let seq = from; seq <= to; seq++)
          this.#kept.delete(`${receipt.epoch} ${stream} ${seq}`)
  }

  #send(): void {
    const connection = this.#connection
    const nowMs = this.#clock.monotonicMs()
    if (connection === null) return
    for (const [key, packet] of this.#kept) {
      if (this.#unacknowledged >= this.#windowMost) return
      const sentAtMs = this.#sentAtMs.get(key)
      if (this.hidden.has(key)) continue
      if (sentAtMs !== undefined && nowMs - sentAtMs < resendEveryMs) continue
      this.#sentAtMs.set(key, nowMs)
      this.#unacknowledged += 1
      connection.publish(packet.topic, packet.bytes, { retain: false }, () => {
        this.#unacknowledged = Math.max(0, this.#unacknowledged - 1)
        this.#send()
      })
    }
  }
}

export function keyOf({ header }: TestPacket): string {
  return `${header.epoch} ${header.stream} ${header.seq}`
}
