/**
 * The door to a message broker, as both ends of the wire use it. One connection is one attempt: it
 * opens or closes, and never reconnects, stores or retries by itself. That is its owner's business.
 */
export interface Broker {
  /** Starts an attempt. Exactly one `closed` follows, whether it ever opened or not. */
  connect(options: BrokerOptions, hears: BrokerHears): BrokerConnection
}

export interface BrokerOptions {
  /** Unique per broker. A second connection with the same id pushes out the first. */
  readonly clientId: string
  readonly keepaliveSeconds: number
  /** Published by the broker when this connection dies without a farewell. */
  readonly will: {
    readonly topic: string
    readonly payload: Uint8Array
    readonly retain: boolean
  } | null
}

export interface BrokerHears {
  opened(session: BrokerSession): void
  message(topic: string, payload: Uint8Array): void
  /** `reason` is a sentence, or null when `close` was called. Nothing is heard afterwards. */
  closed(reason: string | null, retriable: boolean): void
}

export interface BrokerSession {
  readonly protocol: '5' | '3.1.1'
  /** How many QoS 1 messages the broker lets us have unacknowledged. */
  readonly receiveMaximum: number
  /** The largest whole MQTT packet that the broker takes, in bytes. */
  readonly maximumPacketBytes: number
}

export interface BrokerConnection {
  /**
   * Publishes at QoS 1. `acknowledged` is called once when the broker has answered, and never
   * when the connection closes first. `refused` is null, or the broker's reason in words; `code` is
   * the reason code of MQTT 5 (section 3.4.2.1), absent where the broker gives none. A code with
   * `refused` null is `noMatchingSubscribers`: taken, but nobody gets it.
   */
  publish(
    topic: string,
    payload: Uint8Array,
    options: { readonly retain: boolean },
    acknowledged: (refused: string | null, code?: number) => void,
  ): void
  /** Wildcards as in MQTT. `done` says null, or why the broker refused. */
  subscribe(filters: readonly string[], done: (refused: string | null) => void): void
  /** `farewell` says DISCONNECT, so that no will is sent; otherwise the socket is destroyed. */
  close(how: 'farewell' | 'destroy'): void
}

/** Reason codes of PUBACK in MQTT 5 that call for different things to be done. */
export const noMatchingSubscribers = 0x10
export const notAuthorised = 0x87
export const topicNameInvalid = 0x90
export const payloadFormatInvalid = 0x99
export const quotaExceeded = 0x97
