/** Devices that only speak when they are asked: their answers come one after the other. */
import t from 'tap'
import { driverOf, drivers } from '../../../drivers/index.ts'
import { linkOf } from '../../../drivers/link.ts'
import { goodCapture } from '../../cli/good-capture.ts'
import { repeatCapture } from '../../../drivers/simulate/repeat-capture.ts'
import type { Simulated } from '../../../drivers/simulate/simulated.ts'
import { joinBytes, noBytes } from '../../../protocols/bytes/bytes.ts'
import type { Clock } from '../../../protocols/world/clock.ts'
import { identifyingVan, type PluggedIn } from './identify-testing.ts'

const answersAfterMs = [10, 30, 45, 60, 90, 150] as const

for (const driver of drivers.filter(({ asks }) => asks === 'harmless')) {
  const [line] = linkOf(driver, 'serial')?.lines ?? []
  const capture = goodCapture(driver)
  if (line === undefined || capture === null) continue
  t.test(`identify: ${driver.id} is found, however fast it answers`, async (t) => {
    const found: number[] = []
    for (const ms of answersAfterMs) {
      const van = await identifyingVan({ drivers: [driver] })
      play(van.clock, van.plugIn('/dev/ttyUSB0', line), repeatCapture(capture, 1_000), ms)
      const isFound = () => van.identification.searched()[0]?.state.kind === 'found'
      await van.until(isFound, 20_000).then(
        () => found.push(ms),
        () => {},
      )
      await van.stop()
    }
    t.strictSame(found, answersAfterMs)
  })
}

t.test("identify: an analyser that answers a meter's question is not that meter", async (t) => {
  const analysers = ['astm-analyser', 'genexpert'].flatMap((id) => driverOf(id) ?? [])
  const meter = driverOf('contour')
  if (meter === null) throw new Error('there is no such driver')
  for (const analyser of analysers) {
    const capture = goodCapture(analyser)
    const [line] = linkOf(meter, 'serial')?.lines ?? []
    if (capture === null || line === undefined) throw new Error(`${analyser.id} cannot be played`)
    const van = await identifyingVan({ drivers: [meter] })
    play(van.clock, van.plugIn('/dev/ttyUSB0', line), repeatCapture(capture, 1_000), 30)
    const isFound = () => van.identification.searched()[0]?.state.kind === 'found'
    await t.rejects(van.until(isFound, 120_000), { message: /not so/ }, analyser.id)
    await van.stop()
  }
})

t.test('identify: who speaks at an even pace is heard, whenever it began', async (t) => {
  const hello = Uint8Array.of(0x53, 0x20, 0x04, 0x10, 0x30, 0x20, 0xaa)
  const line = { baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 } as const
  const found: number[] = []
  const phases = Array.from({ length: 20 }, (_, index) => index * 250)
  for (const phaseMs of phases) {
    const van = await identifyingVan({ drivers })
    const device = van.plugIn('/dev/ttyUSB0', line)
    const speak = () => {
      device.say(hello)
      van.clock.after('device', 5_000, speak)
    }
    van.clock.after('device', phaseMs, speak)
    const isFound = () => van.identification.searched()[0]?.state.kind === 'found'
    await van.until(isFound, 300_000).then(
      () => found.push(phaseMs),
      () => {},
    )
    await van.stop()
  }
  t.strictSame(found, phases)
})

function play(clock: Clock, device: PluggedIn, played: Simulated, answersMs: number): void {
  let heard: Uint8Array = noBytes
  device.onHeard((bytes) => {
    heard = joinBytes(heard, bytes)
  })
  const step = (next: ReturnType<typeof played.next>): void => {
    if (next.done === true) return
    const { afterMs, bytes } = next.value
    const waitMs = bytes.length > 0 ? Math.max(afterMs, answersMs) : afterMs
    clock.after('device', waitMs, () => {
      if (bytes.length > 0) device.say(bytes)
      const told = heard
      heard = noBytes
      step(played.next(told.length === 0 ? undefined : told))
    })
  }
  step(played.next())
}
