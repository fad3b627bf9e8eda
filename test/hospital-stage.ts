/** A hospital in a simulated world, for the tests of those who read from it. */
import type { Test } from 'tap'
import { fakeClock, type FakeClock } from '../gateway/clock/fake-clock.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { createSimBroker, type SimBroker } from '../gateway/sim/broker.ts'
import { incarnation } from '../gateway/sim/incarnation.ts'
import { connect } from '../upstream/subscriber/subscriber.ts'
import { listener, quiet, startLanding, type Scene } from '../upstream/testing/scene.ts'
import { TestVan, type TestPacket } from '../upstream/testing/van.ts'

export interface SimScene extends Scene {
  readonly clock: FakeClock
  readonly broker: SimBroker
}

export function scene(t: Test, seed: number | string): SimScene {
  const clock = fakeClock()
  const random = seededRandom(seed)
  const limits = { receiveMaximum: 20, maximumPacketBytes: 1_048_576, latencyMs: 20 }
  const broker = createSimBroker(clock, random.fork('broker'), limits)
  const world = { clock, random: random.fork('world'), broker, log: quiet }
  return { clock, broker, world, folder: t.testdir({ here: {} }), life: () => incarnation(clock) }
}

/** A landing, a reader, and a connection that publishes what it is told. */
export async function stage(t: Test, seed: number) {
  const place = scene(t, seed)
  const van = new TestVan('van-02')
  const running = startLanding(place, van.trust)
  const subscriber = connect(place.world, { clientId: 'reader' })
  await place.clock.advance(1_000)
  const { connection } = await listener(place, [])
  const publish = async (packets: readonly TestPacket[]) => {
    for (const { topic, bytes } of packets) {
      connection.publish(topic, bytes, { retain: false }, () => {})
      await place.clock.advance(100)
    }
  }
  return { ...place, place, van, running, subscriber, publish }
}
