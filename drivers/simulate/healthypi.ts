/** A HealthyPi with a person connected. */
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import {
  encodeHealthyPi4,
  encodeHealthyPi5,
  type HealthyPiInstant,
} from '../../protocols/healthypi/frame.ts'
import { Body, instants, type BodyOptions } from './body.ts'
import type { Simulated } from './simulated.ts'

const tickMs = 40
const models = {
  4: { framesPerSecond: 125, encode: encodeHealthyPi4, countsPerMillivolt: 2_000 },
  5: { framesPerSecond: 128, encode: encodeHealthyPi5, countsPerMillivolt: 20_000 },
} as const

export function* simulateHealthyPi(model: keyof typeof models, options: BodyOptions): Simulated {
  const { framesPerSecond, encode, countsPerMillivolt } = models[model]
  const body = new Body(options)
  let frame = 0
  for (let nowMs = tickMs; ; nowMs += tickMs) {
    body.passUntil(nowMs)
    const frames = instants(nowMs - tickMs, nowMs, framesPerSecond).map((ms) => {
      const now = instantOf(body, ms, countsPerMillivolt)
      // A HealthyPi 5 measures the impedance half as often.
      const isOld = model === 5 && frame++ % 2 === 1
      return encode(isOld ? { ...now, respiration: null } : now)
    })
    yield { afterMs: tickMs, bytes: joinBytes(...frames) }
  }
}

function instantOf(body: Body, ms: number, countsPerMillivolt: number): HealthyPiInstant {
  const light = Math.round(100_000 + 20_000 * body.pulse(ms))
  return {
    kind: 'instant',
    ecg: Math.round(body.ecgMillivolts(ms) * countsPerMillivolt),
    respiration: Math.round(1_000 * body.breath(ms)),
    infrared: light,
    red: light,
    temperatureCelsius: body.tenthsCelsius / 10,
    breathsPerMinute: body.breathsPerMinute,
    saturationPercent: body.saturationPercent,
    heartPerMinute: body.heartPerMinute,
    areLeadsOff: false,
  }
}
