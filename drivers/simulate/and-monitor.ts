/** An A&D TM-2657 in a waiting room: one person after the other, each result another one. */
import { encodeAnd } from '../../protocols/and-tm265x/frame.ts'
import type { AndResult } from '../../protocols/and-tm265x/packet.ts'
import type { DeviceTime } from '../../protocols/packet/record.ts'
import type { Random } from '../../protocols/world/random.ts'
import { pressureOf } from './distinct.ts'
import type { Simulated } from './simulated.ts'

export interface AndMonitorOptions {
  readonly random: Random
  /** From one result to the next: at least, and so much more at most. A real one needs 30 s. */
  readonly everyMs: number
  readonly jitterMs: number
  /**
   * What the device's own clock shows at the start: its local time as if it were UTC, since 1970.
   */
  readonly deviceClockMs: number
  /** One measurement in so many fails; null: none does. */
  readonly failOneIn: number | null
  /** `pressureOf` counts on from here. */
  readonly firstNumber: number
}

export function* simulateAndMonitor(options: AndMonitorOptions): Simulated {
  const { random, everyMs, jitterMs, failOneIn } = options
  let clockMs = options.deviceClockMs
  for (let number = options.firstNumber; ;) {
    const afterMs = everyMs + random.below(jitterMs + 1)
    clockMs += afterMs
    const hasFailed = failOneIn !== null && random.below(failOneIn) === 0
    const deviceTime = deviceTimeOf(clockMs)
    yield {
      afterMs,
      bytes: encodeAnd(hasFailed ? failure(deviceTime) : result(number, deviceTime, random)),
    }
    if (!hasFailed) number++
  }
}

function result(number: number, deviceTime: DeviceTime, random: Random): AndResult {
  const pressure = pressureOf(number)
  const reached = pressure.systolicMmHg + 30 + random.below(20)
  return {
    kind: 'result',
    address: '00',
    model: 'TM2657',
    deviceTime,
    format: 'RA',
    errorCode: '00',
    ...pressure,
    tags: {
      I: '00',
      L: String(100 + random.below(150)),
      p: String(reached),
      i: '0',
      m: '0',
      r: '0',
      t: String(30 + random.below(15)),
      c: 'N',
    },
  }
}

function failure(deviceTime: DeviceTime): AndResult {
  return {
    kind: 'result',
    address: '00',
    model: 'TM2657',
    deviceTime,
    format: 'RA',
    errorCode: '05',
    systolicMmHg: null,
    meanMmHg: null,
    diastolicMmHg: null,
    pulsePerMinute: null,
    tags: { I: '00', L: '0' },
  }
}

function deviceTimeOf(clockMs: number): DeviceTime {
  const date = new Date(clockMs)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: null,
  }
}
