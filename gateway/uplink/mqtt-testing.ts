/** A door to a real broker with everything it says written down, and an uplink behind one. */
import type { MqttSettings } from '../../protocols/mqtt/broker.ts'
import { mqttDefaults } from '../../protocols/mqtt/broker.ts'
import type {
  Broker,
  BrokerConnection,
  BrokerOptions,
  BrokerSession,
  CloseCode,
} from '../../protocols/world/broker.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { Journal } from '../journal/journal.ts'
import type { Log } from '../world.ts'
import { openMqttBroker } from './mqtt.ts'
import { createUplink, uplinkDefaults, type Uplink, type UplinkOptions } from './uplink.ts'

export interface Closed {
  readonly reason: string | null
  readonly retriable: boolean
  readonly code: CloseCode | undefined
}

export interface Dialled {
  readonly connection: BrokerConnection
  /** Rejects with the reason when it closes without having opened. */
  readonly opened: Promise<BrokerSession>
  readonly closed: Promise<Closed>
  /** How often `closed` was called. */
  readonly closedCount: () => number
  readonly messages: { readonly topic: string; readonly payload: Uint8Array }[]
  /** Resolves when so many messages are there. */
  heard(count: number): Promise<void>
  /** Null or the refusal, and the code. */
  publish(topic: string, payload: Uint8Array, retain?: boolean): Promise<Answer>
  subscribe(...filters: string[]): Promise<string | null>
}

export interface Answer {
  readonly refused: string | null
  readonly code: number | undefined
}

export function door(port: number, settings: Partial<MqttSettings> = {}): Broker {
  const url = `mqtt://127.0.0.1:${port}`
  return openMqttBroker(systemClock(), { ...mqttDefaults, url, ...settings })
}

export function dial(broker: Broker, options: Partial<BrokerOptions> = {}): Dialled {
  const messages: { topic: string; payload: Uint8Array }[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const opened = Promise.withResolvers<BrokerSession>()
  const closed = Promise.withResolvers<Closed>()
  opened.promise.catch(() => {})
  let closedCount = 0
  const connection = broker.connect(
    { clientId: 'van-02', keepaliveSeconds: 60, will: null, ...options },
    {
      opened: (session) => opened.resolve(session),
      message(topic, payload) {
        messages.push({ topic, payload: payload.slice() })
        for (const { count, resolve } of waiting) if (messages.length >= count) resolve()
      },
      closed(reason, retriable, code) {
        closedCount++
        opened.reject(new Error(reason ?? 'closed'))
        closed.resolve({ reason, retriable, code })
      },
    },
  )
  return {
    connection,
    opened: opened.promise,
    closed: closed.promise,
    closedCount: () => closedCount,
    messages,
    heard: (count) =>
      new Promise((resolve) => {
        if (messages.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    publish: (topic, payload, retain = false) =>
      new Promise((resolve) => {
        connection.publish(topic, payload, { retain }, (refused, code) =>
          resolve({ refused, code }),
        )
      }),
    subscribe: (...filters) =>
      new Promise((resolve) => {
        connection.subscribe(filters, resolve)
      }),
  }
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

export function realUplink(
  port: number,
  journal: Journal,
  options: Partial<UplinkOptions> = {},
): Uplink {
  const clock = systemClock()
  const world = { clock, random: seededRandom(1), broker: door(port), log: quiet }
  return createUplink(world, journal, {
    ...uplinkDefaults,
    van: 'van-02',
    software: 'test',
    stamp: () => ({ atMs: clock.monotonicMs(), utcMs: null, uncertaintyMs: null }),
    ...options,
  })
}
