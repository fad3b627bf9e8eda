/** An Ivy 450C: says everything once a second, to whoever listens. */
import { encodeIvy } from '../../protocols/ivy-450c/message.ts'
import { Body, instants, type BodyOptions } from './body.ts'
import type { Simulated } from './simulated.ts'

const everyMs = 1_000
const ecgPerSecond = 200
const slowPerSecond = 50
const stepsPerMillivolt = 50
const ecgZero = 100
/** What stands in the wave of a channel without transducer. */
const noTransducer = 0xfb

const none = { systolicMmHg: null, diastolicMmHg: null, meanMmHg: null }

export function* simulateIvy450c(options: BodyOptions): Simulated {
  const body = new Body(options)
  for (let nowMs = everyMs; ; nowMs += everyMs) {
    body.passUntil(nowMs)
    const wave = (perSecond: number, step: (ms: number) => number): Uint8Array =>
      Uint8Array.from(instants(nowMs - everyMs, nowMs, perSecond), (ms) => Math.round(step(ms)))
    const empty = new Uint8Array(slowPerSecond).fill(noTransducer)
    const pressure = body.pressureAt(nowMs)
    yield {
      afterMs: everyMs,
      bytes: encodeIvy({
        ecg: wave(ecgPerSecond, (ms) => ecgZero + body.ecgMillivolts(ms) * stepsPerMillivolt),
        respiration: wave(slowPerSecond, (ms) => 200 * body.breath(ms)),
        pleth: wave(slowPerSecond, (ms) => 86 + 100 * body.pulse(ms)),
        pressures: [empty, empty],
        heartPerMinute: body.heartPerMinute,
        ecgLead: 'II',
        breathsPerMinute: body.breathsPerMinute,
        endTidalCo2: null,
        saturationPercent: body.saturationPercent,
        pulsePerMinute: body.heartPerMinute,
        cuff: pressure ?? { ...none, pulsePerMinute: null },
        catheters: [none, none],
        hasTransducer: [false, false],
        temperatures: [body.tenthsCelsius / 10, null],
      }),
    }
  }
}
