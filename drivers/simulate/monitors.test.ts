import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { formatSaid } from '../capture-said.ts'
import type { Driver, Heard, Said } from '../driver.ts'
import { driverOf } from '../index.ts'
import type { BodyOptions } from './body.ts'
import { simulateCapnostream20 } from './capnostream20.ts'
import { simulateGeDri } from './ge-dri.ts'
import { simulateHealthyPi } from './healthypi.ts'
import { simulateIvy450c } from './ivy-450c.ts'
import { simulateIntellivue } from './philips-intellivue.ts'
import type { Simulated } from './simulated.ts'

const forMs = 65_000
const pressureEveryMs = 20_000

interface Talk {
  readonly said: Said[]
  noiseBytes: number
}

/** A session and a device talk to each other for a while, without any real time. */
function talk(driver: Driver, device: Simulated): Talk {
  const talked: Talk = { said: [], noiseBytes: 0 }
  const session = driver.session()
  const line = { nowMs: 0, listensUntilMs: 0 }
  let toDevice: Uint8Array = noBytes
  const run = (heard: Heard | undefined): void => {
    let answer = heard
    for (;;) {
      const next = session.next(answer)
      answer = undefined
      if (next.done === true) throw new Error('the session ended')
      const want = next.value
      if (want.kind === 'listen') {
        line.listensUntilMs = line.nowMs + want.ms
        if (want.ms > 0) return
        answer = { kind: 'silence', atMs: line.nowMs }
      } else if (want.kind === 'send') toDevice = joinBytes(toDevice, want.bytes)
      else if (want.kind === 'noise') talked.noiseBytes += want.bytes.length
      else if (want.kind !== 'packet' && want.kind !== 'commit') talked.said.push(want)
    }
  }
  run(undefined)
  let next = device.next()
  while (next.done !== true && line.nowMs < forMs) {
    const atMs = line.nowMs + next.value.afterMs
    while (line.listensUntilMs <= atMs) {
      line.nowMs = line.listensUntilMs
      run({ kind: 'silence', atMs: line.nowMs })
    }
    line.nowMs = atMs
    if (next.value.bytes.length > 0) run({ kind: 'bytes', bytes: next.value.bytes, atMs })
    const heard = toDevice
    toDevice = noBytes
    next = device.next(heard)
  }
  return talked
}

const devices: readonly {
  readonly id: string
  readonly make: (options: BodyOptions) => Simulated
  /** Samples a second of lead II. */
  readonly ecg: number
  readonly numbersEveryMs: number
}[] = [
  { id: 'ge-dri', make: simulateGeDri, ecg: 300, numbersEveryMs: 5_000 },
  { id: 'ivy-450c', make: simulateIvy450c, ecg: 200, numbersEveryMs: 1_000 },
  { id: 'philips-intellivue', make: simulateIntellivue, ecg: 500, numbersEveryMs: 2_000 },
]

t.test('monitors: each is understood, and each pressure of its cuff is said once', async (t) => {
  for (const { id, make, ecg, numbersEveryMs } of devices) {
    const driver = driverOf(id)
    if (driver === null) throw new Error(`no driver ${id}`)
    const device = make({ random: seededRandom(7), pressureEveryMs, firstNumber: 0 })
    const { said, noiseBytes } = talk(driver, device)
    t.equal(noiseBytes, 0, id)
    const seconds = forMs / 1_000
    const samples = said.filter((one) => one.kind === 'samples' && one.wave === 'ecg-ii')
    const missing = ecg * seconds - samples.length
    t.ok(
      missing >= 0 && missing <= 4 * ecg,
      `${id}: ${missing} of ${ecg * seconds} samples missing`,
    )
    const rates = said.map(formatSaid).filter((one) => one.includes('ECG_HEART_RATE 75 /min'))
    t.ok(Math.abs(rates.length - forMs / numbersEveryMs) <= 2, `${id}: ${rates.length} heart rates`)
    const pressures = said.filter(({ kind }) => kind === 'measurement').map(formatSaid)
    t.equal(pressures.length, 3, `${id}: ${pressures.join('; ')}`)
    t.equal(new Set(pressures).size, 3)
  }
})

t.test('monitors: boards and capnographs without a cuff', async (t) => {
  const options = { random: seededRandom(7), pressureEveryMs, firstNumber: 0 }
  for (const [id, device, wave, perSecond, numbers] of [
    ['healthypi-4', simulateHealthyPi(4, options), 'ecg', 125, 'MDC_ECG_HEART_RATE 75 /min'],
    ['healthypi-5', simulateHealthyPi(5, options), 'respiration', 64, 'MDC_ECG_HEART_RATE 75'],
    ['capnostream20', simulateCapnostream20(options), 'co2', 20, 'MDC_AWAY_CO2_ET 38 mm[Hg]'],
  ] as const) {
    const driver = driverOf(id)
    if (driver === null) throw new Error(`no driver ${id}`)
    const { said, noiseBytes } = talk(driver, device)
    t.equal(noiseBytes, 0, id)
    const samples = said.filter((one) => one.kind === 'samples' && one.wave === wave)
    const missing = (perSecond * forMs) / 1_000 - samples.length
    t.ok(missing >= 0 && missing <= 2 * perSecond, `${id}: ${missing} samples missing`)
    const some = said.map(formatSaid).filter((one) => one.includes(numbers))
    t.ok(Math.abs(some.length - forMs / 1_000) <= 3, `${id}: ${some.length} times numbers`)
  }
})
