/**
 * The door to a real broker. One `connect` is one attempt: MQTT 5 first, 3.1.1 in the same attempt
 * when the broker refuses that version. Nothing is queued, stored or tried again here.
 */
import type { Broker, BrokerConnection, BrokerHears, BrokerOptions } from '../world/broker.ts'
import type { Clock } from '../world/clock.ts'
import type {
  MqttClient,
  MqttConnack,
  MqttConnackProperties,
  MqttConnectOptions,
  MqttLibrary,
} from './library.ts'
import {
  endingOfError,
  endingOfReasonCode,
  endingOfUnusableSettings,
  refusesVersion,
  wordsOfReasonCode,
  type Ending,
} from './reasons.ts'

export interface MqttSettings {
  /** `mqtt://host:1883` or `mqtts://host:8883`. */
  readonly url: string
  readonly userName: string | null
  readonly password: string | null
  /**
   * null for an address without TLS, or with TLS and the authorities of the system. A function is
   * asked at each attempt, so that a renewed certificate is used; the attempt ends with what it
   * throws.
   */
  readonly tls: MqttTls | (() => MqttTls) | null
  /** Tried in this order. `['3.1.1']` is for brokers that hang up on MQTT 5 without a word. */
  readonly protocols: readonly ('5' | '3.1.1')[]
  /**
   * How long the broker keeps our subscriptions and what comes for them while we are away, in
   * seconds. 0: not at all. 3.1.1 knows only for ever and not at all.
   */
  readonly sessionExpirySeconds: number
  /** How long the broker waits with our will, so that a short gap is no news. MQTT 5 only. */
  readonly willDelaySeconds: number
  /** The time of one attempt until CONNACK, name lookup and TLS included. */
  readonly connectTimeoutMs: number
  /** The largest packet that we take. MQTT 5 only: 3.1.1 has no way to say it. */
  readonly inboundLimitBytes: number
}

/** All three are PEM texts. */
export interface MqttTls {
  /** null: the authorities of the system. */
  readonly authority: string | null
  /** null: the broker does not ask for one. */
  readonly client: { readonly certificate: string; readonly key: string } | null
  /** The name in the broker's certificate; null: the host of the address. */
  readonly serverName: string | null
}

export const mqttDefaults = {
  userName: null,
  password: null,
  tls: null,
  protocols: ['5', '3.1.1'],
  sessionExpirySeconds: 24 * 3600,
  willDelaySeconds: 30,
  connectTimeoutMs: 30_000,
  inboundLimitBytes: 1024 * 1024,
} as const satisfies Omit<MqttSettings, 'url'>

/** What a broker of 3.1.1 lets us have unacknowledged: it cannot say, and mosquitto's own is 20. */
export const receiveMaximumOf311 = 20
/** MQTT 5 section 3.2.2.3.3: without the property there is no limit below the protocol's own. */
const receiveMaximumDefault = 65_535
/** The largest packet that MQTT can write: a fixed header of 5 bytes and 256 MiB less one. */
const packetBytesMax = 268_435_460

/** A socket that does not close within this time is given up, so that `closed` is heard. */
const closeTimeoutMs = 3_000

export function mqttBroker<Bytes extends Uint8Array>(
  library: MqttLibrary<Bytes>,
  clock: Clock,
  settings: MqttSettings,
): Broker {
  const memory: Memory = { refusedFive: false }
  return {
    connect(options, hears) {
      const attempt = new Attempt({ library, clock, settings, memory, options, hears })
      attempt.start()
      return attempt
    },
  }
}

/**
 * Kept from one attempt to the next, so that MQTT 5 is not offered again and again to a broker that
 * has refused it; forgotten when a session ends, since brokers are renewed.
 */
interface Memory {
  refusedFive: boolean
}

interface Parts<Bytes extends Uint8Array> {
  readonly library: MqttLibrary<Bytes>
  readonly clock: Clock
  readonly settings: MqttSettings
  readonly memory: Memory
  readonly options: BrokerOptions
  readonly hears: BrokerHears
}

const asked: Ending = { reason: '', retriable: true, code: 'asked' }

class Attempt<Bytes extends Uint8Array> implements BrokerConnection {
  readonly #parts: Parts<Bytes>
  #client: MqttClient<Bytes> | null = null
  #version: 4 | 5 = 5
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  /** The first thing that went wrong; what follows is its echo. */
  #ending: Ending | null = null
  #connack: MqttConnackProperties | undefined
  /** Of the PUBACK that is being handled: the library keeps the code of a success to itself. */
  #pubackCode: number | undefined
  #cancelTimer = () => {}

  constructor(parts: Parts<Bytes>) {
    this.#parts = parts
  }

  start(): void {
    const { clock, settings, memory } = this.#parts
    const seconds = Math.round(settings.connectTimeoutMs / 1000)
    this.#cancelTimer = clock.after('broker attempt', settings.connectTimeoutMs, () =>
      this.#fail({
        reason: `The broker did not answer within ${seconds} s.`,
        retriable: true,
        code: 'timeout',
      }),
    )
    const old = !settings.protocols.includes('5')
    const refused = memory.refusedFive && settings.protocols.includes('3.1.1')
    this.#dial(old || refused ? 4 : 5)
  }

  #dial(version: 4 | 5): void {
    const { library, settings, options } = this.#parts
    this.#version = version
    let client: MqttClient<Bytes>
    try {
      client = library.connect(settings.url, connectOptions(version, library, settings, options))
    } catch (error) {
      // `connect` has not returned yet, and its caller must have the connection before it hears.
      const ending = endingOfUnusableSettings(error)
      void Promise.resolve().then(() => this.#fail(ending))
      return
    }
    this.#client = client
    // Nagle's algorithm would hold an emergency back until everything before it was acknowledged.
    client.stream.setNoDelay?.(true)
    const mine = <Values extends readonly unknown[]>(hear: (...values: Values) => void) => {
      return (...values: Values) => {
        if (this.#client === client) hear(...values)
      }
    }
    client.on(
      'packetreceive',
      mine((packet) => {
        if (packet.cmd === 'connack') this.#connack = packet.properties
        // 0 says nothing more than the PUBACK itself.
        this.#pubackCode = (packet.cmd === 'puback' && packet.reasonCode) || undefined
      }),
    )
    client.on(
      'connect',
      mine((connack) => this.#opened(connack)),
    )
    client.on(
      'message',
      mine((topic, payload) => {
        // What the broker kept for our session comes on the heels of CONNACK, and the library
        // hands it out before it says that it is connected.
        this.#opened({ ...(this.#connack && { properties: this.#connack }) })
        if (this.#state === 'open') this.#parts.hears.message(topic, payload)
      }),
    )
    client.on(
      'disconnect',
      mine((packet) => this.#fail(endingOfReasonCode(packet.reasonCode ?? 0x80))),
    )
    client.on(
      'error',
      mine((error) => this.#failed(error)),
    )
    client.on(
      'close',
      mine(() => this.#finish()),
    )
  }

  #opened(connack: MqttConnack): void {
    if (this.#state !== 'connecting') return
    const properties = connack.properties ?? {}
    if (properties.maximumQoS === 0) return this.#fail(endingOfReasonCode(0x9b))
    if (properties.retainAvailable === false) return this.#fail(endingOfReasonCode(0x9a))
    this.#cancelTimer()
    this.#state = 'open'
    const five = this.#version === 5
    this.#parts.hears.opened({
      protocol: five ? '5' : '3.1.1',
      receiveMaximum: five
        ? (properties.receiveMaximum ?? receiveMaximumDefault)
        : receiveMaximumOf311,
      maximumPacketBytes: properties.maximumPacketSize ?? packetBytesMax,
    })
  }

  #failed(error: unknown): void {
    const { settings, memory } = this.#parts
    const code = (error as { readonly code?: unknown } | null)?.code
    const versionRefused =
      this.#state === 'connecting' &&
      this.#version === 5 &&
      typeof code === 'number' &&
      refusesVersion(code)
    if (!versionRefused || !settings.protocols.includes('3.1.1')) {
      return this.#fail(endingOfError(error))
    }
    memory.refusedFive = true
    const refusing = this.#client
    this.#dial(4)
    refusing?.end(true)
  }

  /** The library does not end the connection after each of its errors, so we do. */
  #fail(ending: Ending): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#ending ??= ending
    this.#leave(true)
  }

  #leave(force: boolean): void {
    if (this.#state === 'open') this.#parts.memory.refusedFive = false
    this.#state = 'closing'
    this.#cancelTimer()
    const client = this.#client
    if (client === null) return this.#finish()
    this.#cancelTimer = this.#parts.clock.after('broker close', closeTimeoutMs, () => {
      client.stream.destroy()
      this.#finish()
    })
    client.end(force)
  }

  #finish(): void {
    if (this.#state === 'closed') return
    if (this.#state === 'open') this.#parts.memory.refusedFive = false
    const ending = this.#ending ?? endingOfSilence(this.#state)
    this.#state = 'closed'
    this.#client = null
    this.#cancelTimer()
    const { reason, retriable, code } = ending
    this.#parts.hears.closed(code === 'asked' ? null : reason, retriable, code)
  }

  publish(
    topic: string,
    payload: Uint8Array,
    options: { readonly retain: boolean },
    acknowledged: (refused: string | null, code?: number) => void,
  ): void {
    if (this.#state !== 'open' || this.#client === null) return
    const bytes = this.#parts.library.buffer(payload)
    this.#client.publish(topic, bytes, { qos: 1, retain: options.retain }, (error) => {
      if (this.#state !== 'open') return
      // An error without a number is the library's own: the connection is about to close.
      const code = (error as { readonly code?: unknown } | null | undefined)?.code
      if (typeof code === 'number') acknowledged(wordsOfReasonCode(code), code)
      else if (error === null || error === undefined) acknowledged(null, this.#pubackCode)
    })
  }

  subscribe(filters: readonly string[], done: (refused: string | null) => void): void {
    if (this.#state !== 'open' || this.#client === null) return
    this.#client.subscribe([...filters], { qos: 1 }, (error) => {
      if (this.#state !== 'open') return
      const code = (error as { readonly code?: unknown } | null)?.code
      if (error === null) done(null)
      else done(typeof code === 'number' ? wordsOfReasonCode(code) : error.message)
    })
  }

  close(how: 'farewell' | 'destroy'): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#ending ??= asked
    const client = this.#client
    const open = this.#state === 'open'
    if (how === 'destroy' || !open || client === null) return this.#leave(true)
    this.#state = 'closing'
    this.#parts.memory.refusedFive = false
    // The library waits with DISCONNECT for every answer, and those may never come.
    for (const messageId of Object.keys(client.outgoing)) {
      client.removeOutgoingMessage(Number(messageId))
    }
    this.#leave(false)
  }
}

function endingOfSilence(state: 'connecting' | 'open' | 'closing'): Ending {
  const reason =
    state === 'connecting'
      ? 'The broker closed the connection before it answered.'
      : 'The connection to the broker was lost.'
  return { reason, retriable: true, code: 'lost' }
}

function connectOptions<Bytes extends Uint8Array>(
  version: 4 | 5,
  library: MqttLibrary<Bytes>,
  settings: MqttSettings,
  options: BrokerOptions,
): MqttConnectOptions<Bytes> {
  const { userName, password, sessionExpirySeconds, willDelaySeconds } = settings
  const tls = typeof settings.tls === 'function' ? settings.tls() : settings.tls
  const { will } = options
  return {
    protocolVersion: version,
    clientId: options.clientId,
    clean: sessionExpirySeconds === 0,
    keepalive: options.keepaliveSeconds,
    reconnectPeriod: 0,
    // Ours fires first, and says it in words.
    connectTimeout: settings.connectTimeoutMs * 2,
    resubscribe: false,
    autoAssignTopicAlias: version === 5,
    rejectUnauthorized: true,
    ...(userName !== null && { username: userName }),
    ...(password !== null && { password }),
    ...(tls !== null && tls.authority !== null && { ca: tls.authority }),
    ...(tls !== null &&
      tls.client !== null && { cert: tls.client.certificate, key: tls.client.key }),
    ...(tls !== null && tls.serverName !== null && { servername: tls.serverName }),
    ...(version === 5 && {
      properties: {
        sessionExpiryInterval: sessionExpirySeconds,
        maximumPacketSize: settings.inboundLimitBytes,
      },
    }),
    ...(will !== null && {
      will: {
        topic: will.topic,
        payload: library.buffer(will.payload),
        qos: 1,
        retain: will.retain,
        ...(version === 5 && { properties: { willDelayInterval: willDelaySeconds } }),
      },
    }),
  }
}
