/** A broker, a clock, and who talks over them, for the tests of landing and subscriber. */
import type { Broker, BrokerConnection } from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { createLanding, type Landing, type LandingOptions } from '../landing/landing.ts'
import { LandingStore, type StoreOptions } from '../landing/store.ts'
import type { UpstreamWorld } from '../world.ts'
import { openPrepared } from './prepared-database.ts'

export interface MovingClock extends Clock {
  advance(ms: number): Promise<void>
}

export interface Scene {
  readonly clock: MovingClock
  readonly broker: Broker & { dropClient(clientId: string): void }
  readonly world: UpstreamWorld
  readonly folder: string
  /** One life of a process on this clock. */
  readonly life: () => { readonly clock: Clock; kill(): void }
}

export interface Running {
  readonly landing: Landing
  readonly store: LandingStore
  /** As by `kill -9`: nothing is flushed and nobody says goodbye. */
  kill(): void
}

export const quiet = { info: () => {}, warn: () => {}, error: () => {} }

export function startLanding(
  { broker, life, world, folder }: Scene,
  trust: StoreOptions['trust'],
  options: Partial<LandingOptions> = {},
  more: Partial<StoreOptions> = {},
): Running {
  const one = life()
  const store = new LandingStore({
    folder,
    trust,
    trustOnFirstUse: false,
    database: openPrepared,
    ...more,
  })
  const landing = createLanding({ ...world, clock: one.clock }, store, {
    name: 'landing-1',
    ...options,
  })
  return {
    store,
    landing,
    kill() {
      one.kill()
      broker.dropClient('landing-1')
      store.close()
    },
  }
}

export async function stopLanding({ clock }: Scene, { landing }: Running): Promise<void> {
  const stopped = landing.stop()
  await clock.advance(10_000)
  await stopped
}

/** Somebody at the broker who only listens, and publishes what he is told. */
export async function listener(scene: Scene, filters: readonly string[]) {
  const heard: { readonly topic: string; readonly payload: Uint8Array }[] = []
  const options = { clientId: 'listener', keepaliveSeconds: 30, will: null }
  const connection: BrokerConnection = scene.broker.connect(options, {
    opened: () => connection.subscribe(filters, () => {}),
    message: (topic, payload) => heard.push({ topic, payload }),
    closed: () => {},
  })
  await scene.clock.advance(500)
  return { heard, connection }
}
