/**
 * What this program needs of the npm package mqtt (5.16), in types of our own: both ends of the
 * wire hand their copy in, so that nothing here touches a socket.
 */

/** `Bytes` is the platform's own kind of buffer. */
export interface MqttLibrary<Bytes extends Uint8Array> {
  /** Starts connecting. Throws when the address or a key cannot be used. */
  connect(url: string, options: MqttConnectOptions<Bytes>): MqttClient<Bytes>
  /**
   * The same bytes, not copied. The library copies each payload it publishes, and of any other kind
   * of view it copies the whole memory that the view looks at.
   */
  buffer(bytes: Uint8Array): Bytes
}

/**
 * Whoever implements `connect` adds three things. A provider of unique message ids: the default one
 * hands out ids that are still in use, and the message that had it before vanishes. An outgoing
 * store that keeps nothing (`emptyStore`): the journal is the queue, and the library's own store
 * repeats one message per round trip after a reconnect. And `queueQoSZero: false`.
 */
export interface MqttConnectOptions<Bytes extends Uint8Array> {
  readonly protocolVersion: 4 | 5
  readonly clientId: string
  readonly clean: boolean
  readonly keepalive: number
  /** 0: never reconnects by itself. */
  readonly reconnectPeriod: 0
  readonly connectTimeout: number
  readonly resubscribe: false
  readonly autoAssignTopicAlias: boolean
  readonly username?: string
  readonly password?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: true
  readonly properties?: {
    readonly sessionExpiryInterval: number
    readonly maximumPacketSize: number
  }
  readonly will?: {
    readonly topic: string
    readonly payload: Bytes
    readonly qos: 1
    readonly retain: boolean
    readonly properties?: { readonly willDelayInterval: number }
  }
}

export interface MqttClient<Bytes extends Uint8Array> {
  readonly stream: MqttStream
  /** Messages without an answer, by message id. */
  readonly outgoing: Readonly<{ [messageId: number]: unknown }>
  on(event: 'connect', hear: MqttEvents['connect']): unknown
  on(event: 'message', hear: MqttEvents['message']): unknown
  on(event: 'packetreceive', hear: MqttEvents['packetreceive']): unknown
  on(event: 'disconnect', hear: MqttEvents['disconnect']): unknown
  on(event: 'error', hear: MqttEvents['error']): unknown
  on(event: 'close', hear: MqttEvents['close']): unknown
  publish(
    topic: string,
    payload: Bytes,
    options: { readonly qos: 1; readonly retain: boolean },
    done: (error?: unknown) => void,
  ): unknown
  subscribe(
    filters: string[],
    options: { readonly qos: 1 },
    done: (error: Error | null) => void,
  ): unknown
  removeOutgoingMessage(messageId: number): unknown
  /** `force` destroys the socket; otherwise DISCONNECT is sent once nothing waits for an answer. */
  end(force: boolean): unknown
}

export interface MqttStream {
  destroy(): unknown
  /** Only TCP and TLS have it. */
  readonly setNoDelay?: (noDelay: boolean) => unknown
}

export interface MqttEvents {
  connect(connack: MqttConnack): void
  message(topic: string, payload: Uint8Array): void
  /** Each packet before it is handled. */
  packetreceive(packet: MqttPacket): void
  /** The broker said DISCONNECT, with a reason (MQTT 5). */
  disconnect(packet: { readonly reasonCode?: number }): void
  error(error: unknown): void
  close(): void
}

export interface MqttPacket {
  readonly cmd: string
  readonly reasonCode?: number
  readonly properties?: MqttConnackProperties
}

export interface MqttConnack {
  readonly properties?: MqttConnackProperties
}

/** MQTT 5, section 3.2.2.3. What is absent has the default of the standard. */
export interface MqttConnackProperties {
  readonly receiveMaximum?: number
  readonly maximumPacketSize?: number
  readonly maximumQoS?: number
  readonly retainAvailable?: boolean
}

/** A store that keeps nothing, in the shape that the library wants of one. */
export interface EmptyStore<Stream> {
  put(packet: unknown, done: (error?: Error) => void): EmptyStore<Stream>
  get(packet: unknown, done: (error?: Error) => void): EmptyStore<Stream>
  del(packet: unknown, done: (error?: Error) => void): EmptyStore<Stream>
  createStream(): Stream
  close(done: (error?: Error) => void): void
}

/** `emptyStream` makes a readable stream of objects that ends at once. */
export function emptyStore<Stream>(emptyStream: () => Stream): EmptyStore<Stream> {
  const store: EmptyStore<Stream> = {
    put: (_packet, done) => answered(done),
    get: (_packet, done) => answered(done),
    del: (_packet, done) => answered(done),
    createStream: emptyStream,
    close: (done) => void answered(done),
  }
  function answered(done: ((error?: Error) => void) | undefined): EmptyStore<Stream> {
    done?.()
    return store
  }
  return store
}
