/** The devices that can be simulated on a tty, each with the other end of its driver. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SerialLine } from '../../drivers/driver.ts'
import { driverOf, drivers } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { simulateAgent } from '../../drivers/simulate/agent11073.ts'
import { simulateAndMonitor } from '../../drivers/simulate/and-monitor.ts'
import {
  haematology,
  simulateAstmInstrument,
  tuberculosis,
} from '../../drivers/simulate/astm-instrument.ts'
import { goodCapture } from './good-capture.ts'
import { heartOf } from '../../drivers/simulate/heart.ts'
import { simulateCapnostream20 } from '../../drivers/simulate/capnostream20.ts'
import { simulateGeDri } from '../../drivers/simulate/ge-dri.ts'
import { simulateHealthyPi } from '../../drivers/simulate/healthypi.ts'
import { simulateIvy450c } from '../../drivers/simulate/ivy-450c.ts'
import { simulateOximeter } from '../../drivers/simulate/oximeter.ts'
import { oximeters } from '../../drivers/simulate/oximeters.ts'
import { simulateIntellivue } from '../../drivers/simulate/philips-intellivue.ts'
import { simulatePm6750 } from '../../drivers/simulate/pm6750.ts'
import { repeatCapture } from '../../drivers/simulate/repeat-capture.ts'
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

const capturesFolder = join(import.meta.dirname, '../../drivers/captures')
const recordingsFolder = join(capturesFolder, 'recordings')
const recordingName = 'mortara_eli250_12l_500'

type Make = (options: SimulatedOptions) => Simulated

const makers: { readonly [driver: string]: Make } = {
  'astm-analyser': ({ random, firstNumber, everyMs }) => {
    const jitterMs = Math.round(everyMs / 2)
    const layout = 'one-frame'
    const message = haematology
    return simulateAstmInstrument({ random, everyMs, jitterMs, layout, firstNumber, message })
  },
  genexpert: ({ random, firstNumber, everyMs }) => {
    const jitterMs = Math.round(everyMs / 2)
    const layout = 'record-a-frame'
    const message = tuberculosis
    return simulateAstmInstrument({ random, everyMs, jitterMs, layout, firstNumber, message })
  },
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
  capnostream20: (options) => simulateCapnostream20({ ...options, pressureEveryMs: 45_000 }),
  'healthypi-4': (options) => simulateHealthyPi(4, { ...options, pressureEveryMs: 45_000 }),
  'healthypi-5': (options) => simulateHealthyPi(5, { ...options, pressureEveryMs: 45_000 }),
  'ge-dri': (options) => simulateGeDri({ ...options, pressureEveryMs: 45_000 }),
  'ivy-450c': (options) => simulateIvy450c({ ...options, pressureEveryMs: 45_000 }),
  'philips-intellivue': (options) => simulateIntellivue({ ...options, pressureEveryMs: 45_000 }),
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

/** A device with a simulator of its own, and each at a serial port that has a capture. */
export const simulatedIds: readonly string[] = drivers
  .filter((driver) => linkOf(driver, 'serial') !== null)
  .map(({ id }) => id)

/** null when there is no simulator for the driver. */
export function simulated(driver: string, options: SimulatedOptions): Simulated | null {
  const make = makers[driver]
  if (make !== undefined) return make(options)
  const oximeter = oximeters[driver]
  if (oximeter !== undefined) return simulateOximeter(oximeter, options.random)
  const known = driverOf(driver)
  const steps = known === null ? null : goodCapture(known)
  return steps === null ? null : repeatCapture(steps, options.everyMs)
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
