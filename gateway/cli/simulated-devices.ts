/** The devices that can be simulated on a tty, each with the other end of its driver. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SerialLine } from '../../drivers/driver.ts'
import { driverOf } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { simulateAgent } from '../../drivers/simulate/agent11073.ts'
import { simulateAndMonitor } from '../../drivers/simulate/and-monitor.ts'
import { heartOf } from '../../drivers/simulate/heart.ts'
import { simulatePm6750 } from '../../drivers/simulate/pm6750.ts'
import { readRecording } from '../../drivers/simulate/recording.ts'
import { simulateScale } from '../../drivers/simulate/scale.ts'
import type { Simulated } from '../../drivers/simulate/simulated.ts'
import type { Random } from '../../protocols/world/random.ts'

export interface SimulatedOptions {
  readonly random: Random
  /** Results are distinct, and count on from here. */
  readonly firstNumber: number
  /** From one result to the next, roughly; devices that stream have a pace of their own. */
  readonly everyMs: number
  /** What the device's own clock shows at the start, as its local time. */
  readonly deviceClockMs: number
}

const recordingsFolder = join(import.meta.dirname, '../../drivers/captures/recordings')
const recordingName = 'mortara_eli250_12l_500'

type Make = (options: SimulatedOptions) => Simulated

const makers: { readonly [driver: string]: Make } = {
  'and-tm265x': ({ random, firstNumber, everyMs, deviceClockMs }) => {
    const jitterMs = Math.round(everyMs / 2)
    return simulateAndMonitor({
      random,
      everyMs,
      jitterMs,
      deviceClockMs,
      firstNumber,
      failOneIn: 20,
    })
  },
  'st-gs-scale': ({ random, firstNumber, everyMs }) =>
    simulateScale({
      random,
      layout: 'indicator',
      mode: 'stream',
      emptyMs: everyMs,
      jitterMs: Math.round(everyMs / 2),
      firstNumber,
    }),
  'berrymed-pm6750': ({ random }) =>
    simulatePm6750({ heart: recordedHeart(), random, pressureEveryMs: 45_000 }),
  /** The seed says which of its kinds it is. */
  ieee11073: ({ random, firstNumber, everyMs, deviceClockMs }) => {
    const kinds = ['oximeter', 'pressure', 'scale'] as const
    const device = kinds[random.fork('kind').below(kinds.length)] ?? 'oximeter'
    const jitterMs = Math.round(everyMs / 2)
    return simulateAgent({ device, random, everyMs, jitterMs, deviceClockMs, firstNumber })
  },
}

export const simulatedIds: readonly string[] = Object.keys(makers)

/** null when there is no simulator for the driver. */
export function simulated(driver: string, options: SimulatedOptions): Simulated | null {
  return makers[driver]?.(options) ?? null
}

/** The line setting with which the device leaves the factory. */
export function factoryLine(driver: string): SerialLine | null {
  const known = driverOf(driver)
  return known === null ? null : (linkOf(known, 'serial')?.lines[0] ?? null)
}

function recordedHeart() {
  const path = (ending: string) => join(recordingsFolder, `${recordingName}.${ending}`)
  const bytes = new Uint8Array(readFileSync(path('i16')))
  const recording = readRecording(readFileSync(path('json'), 'utf8'), bytes)
  const heart = recording.ok ? heartOf(recording.value) : null
  if (heart === null) throw new Error(`the recording ${recordingName} cannot be used`)
  return heart
}
