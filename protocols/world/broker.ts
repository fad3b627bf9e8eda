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
  /**
   * `reason` is a sentence, or null when `close` was called. `retriable` is false when trying again
   * cannot help before a person has changed something. `code` says the same as the reason to a
   * program. May be called from within `close`. Nothing is heard afterwards.
   */
  closed(reason: string | null, retriable: boolean, code?: CloseCode): void
}

/** Why a connection ended. */
export type CloseCode =
  /** `close` was called. */
  | 'asked'
  /** Nobody answers at the address, or the way there is broken. */
  | 'unreachable'
  /** The name of the broker cannot be resolved. */
  | 'name-unknown'
  /** No answer within the time of an attempt. */
  | 'timeout'
  /** An open connection broke, or one was ended before the broker had answered. */
  | 'lost'
  /** The broker's certificate is not one that we trust, or names somebody else. */
  | 'certificate'
  /** A certificate is not valid at this time: either it is old, or our clock is wrong. */
  | 'certificate-time'
  /** The broker does not accept our certificate, or wants one. */
  | 'certificate-refused'
  /** Our own address, certificate or key cannot be used. */
  | 'settings'
  | 'credentials'
  | 'client-id'
  /** Another connection with our client id pushed this one out. */
  | 'taken-over'
  /** The broker lacks what we need, or one of us broke the protocol. */
  | 'protocol'
  /** The broker closed because of a packet that is larger than it takes. */
  | 'packet-too-large'
  /** The broker is busy, restarting, or limits us. */
  | 'busy'

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
