import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { watchNetworks } from './networks.ts'

t.test(
  'networks: tells a new address once, and neither the first nor a vanished one',
  async (t) => {
    const clock = fakeClock()
    let addresses: readonly string[] = ['10.0.0.2']
    let told = 0
    const stop = watchNetworks(
      clock,
      () => told++,
      () => addresses,
    )
    await clock.advance(10_000)
    t.equal(told, 0)
    addresses = []
    await clock.advance(10_000)
    t.equal(told, 0)
    addresses = ['10.0.0.2', '192.168.8.100']
    await clock.advance(10_000)
    t.equal(told, 1)
    stop()
    addresses = ['172.16.0.9']
    await clock.advance(10_000)
    t.equal(told, 1)
  },
)
