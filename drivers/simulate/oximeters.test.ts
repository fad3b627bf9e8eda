import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { formatSaid } from '../capture-said.ts'
import { driverOf } from '../index.ts'
import { Player } from '../replay.ts'
import { simulateOximeter } from './oximeter.ts'
import { oximeters } from './oximeters.ts'

const forMs = 20_000

t.test('oximeters: each is understood, at its own pace and without noise', async (t) => {
  for (const [id, oximeter] of Object.entries(oximeters)) {
    const driver = driverOf(id)
    if (driver === null) throw new Error(`no driver ${id}`)
    const player = new Player(driver.session())
    const device = simulateOximeter(oximeter, seededRandom(7))
    let next = device.next()
    if (oximeter.startedBy !== null) {
      t.equal(
        next.done === true ? null : next.value.bytes.length,
        0,
        `${id} is silent until it is told`,
      )
      next = device.next(oximeter.startedBy)
    }
    for (let nowMs = 0; nowMs < forMs && next.done !== true;) {
      nowMs += next.value.afterMs
      player.pass(next.value.afterMs)
      if (next.value.bytes.length > 0) player.hear(next.value.bytes)
      next = device.next()
    }
    t.equal(player.noiseBytes, 0, id)
    const samples = player.said.filter(({ kind }) => kind === 'samples')
    const rate = driver.waves[0]?.rate.samples ?? 0
    t.equal(samples.length, (rate * forMs) / 1_000, `${id}: samples`)
    const numerics = player.said.filter(({ kind }) => kind === 'numerics')
    const expected = Math.min(1, oximeter.framesPerSecond) * (forMs / 1_000)
    t.ok(Math.abs(numerics.length - expected) <= 2, `${id}: ${numerics.length} times numbers`)
    for (const one of numerics) t.match(formatSaid(one), / 9[5-9] % \w+ [67]\d \/min/)
  }
})
