/** Which simulated device a plan means, where it is plugged in, and what its words mean. */
import type { Driver } from '../../drivers/driver.ts'
import { driverOf } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { simulateAndMonitor } from '../../drivers/simulate/and-monitor.ts'
import { numberOfPressure, numberOfWeight } from '../../drivers/simulate/distinct.ts'
import { ecgSamplesPerSecond, type Heart } from '../../drivers/simulate/heart.ts'
import { simulatePm6750 } from '../../drivers/simulate/pm6750.ts'
import { simulateScale } from '../../drivers/simulate/scale.ts'
import type { Simulated } from '../../drivers/simulate/simulated.ts'
import { scanAnd } from '../../protocols/and-tm265x/frame.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { scanScale } from '../../protocols/st-gs-scale/line.ts'
import { terms } from '../../protocols/vocabulary/terms.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { LinkAddress } from '../world.ts'
import type { DevicePlan } from './plan.ts'
import type { WireFaults } from './wire.ts'

const driverIds = {
  monitor: 'and-tm265x',
  scale: 'st-gs-scale',
  pm6750: 'berrymed-pm6750',
} as const

const deviceClockMs = Date.UTC(2026, 11, 1, 8)
const plethPeriod = 80

export function driverFor({ kind }: DevicePlan): Driver {
  const driver = driverOf(driverIds[kind])
  if (driver === null) throw new Error(`there is no driver ${driverIds[kind]}`)
  return driver
}

export function addressOf(driver: Driver, index: number): LinkAddress {
  const line = linkOf(driver, 'serial')?.lines[0]
  if (line === undefined) throw new Error(`${driver.id} has no serial line`)
  return { kind: 'serial', path: `/dev/ttyUSB${index}`, line }
}

export function lifeOf(plan: DevicePlan, random: Random): Simulated {
  switch (plan.kind) {
    case 'monitor': {
      const { everyMs } = plan
      const options = { everyMs, jitterMs: 1_000, deviceClockMs, failOneIn: 12, firstNumber: 0 }
      return simulateAndMonitor({ random, ...options })
    }
    case 'scale': {
      const { mode, emptyMs } = plan
      const options = {
        mode,
        emptyMs,
        jitterMs: 1_000,
        layout: 'standard',
        firstNumber: 0,
      } as const
      return simulateScale({ random, ...options })
    }
    case 'pm6750':
      return simulatePm6750({ random, heart: plainHeart(), pressureEveryMs: null })
  }
}

/**
 * A line of a scale has no check: a lost digit makes another weight. So a scale that says each
 * weight
 * once loses nothing, and one that streams, and is believed when it repeats itself, is never late.
 */
export function faultsFor(plan: DevicePlan, faults: WireFaults): WireFaults {
  if (plan.kind !== 'scale') return faults
  return plan.mode === 'print' ? { ...faults, lose: 0, double: 0 } : { ...faults, delay: 0 }
}

/** The measurement that a whole message tells, by its number; null when it tells none. */
export function numberSaid(plan: DevicePlan, bytes: Uint8Array): number | null {
  if (plan.kind === 'monitor') {
    const scan = scanAnd(bytes)
    if (scan.kind !== 'packet' || scan.packet.kind !== 'result') return null
    const { systolicMmHg, diastolicMmHg, pulsePerMinute } = scan.packet
    if (systolicMmHg === null || diastolicMmHg === null || pulsePerMinute === null) return null
    return numberOfPressure({ systolicMmHg, diastolicMmHg, pulsePerMinute })
  }
  if (plan.kind !== 'scale') return null
  const scan = scanScale(bytes)
  const isStable =
    scan.kind === 'packet' && scan.packet.kind === 'line' && scan.packet.state === 'stable'
  return isStable ? numberOfWeight(scan.packet.amount?.value ?? 0) : null
}

/** The same for what became of it. */
export function numberRecorded(plan: DevicePlan, record: Record): number | null {
  if (record.kind !== 'measurement') return null
  const value = (code: string): number =>
    record.values.find((one) => one.code === code)?.value ?? Number.NaN
  if (plan.kind === 'scale') return numberOfWeight(value(terms.weight.code))
  if (plan.kind !== 'monitor') return null
  return numberOfPressure({
    systolicMmHg: value(terms.systolic.code),
    diastolicMmHg: value(terms.diastolic.code),
    pulsePerMinute: value(terms.cuffPulse.code),
  })
}

/** A beat a second, with a spike on all leads: what matters here is that samples differ. */
function plainHeart(): Heart {
  const lead = Uint8Array.from({ length: ecgSamplesPerSecond }, (_, at) =>
    at < 10 ? 200 - at * 7 : 120 + ((at * 37) % plethPeriod) / 8,
  )
  return {
    length: ecgSamplesPerSecond,
    leads: Array.from({ length: 7 }, () => lead),
    beats: new Set([0]),
    beatsPerMinute: 60,
  }
}
