/** The real clock, randomness and log of the hospital's end. The broker's door is in mqtt.ts. */
import { randomBytes, randomInt } from 'node:crypto'
import { monotonicMs, wallMs, type Clock, type StopSignal } from '../protocols/world/clock.ts'
import type { Random } from '../protocols/world/random.ts'
import type { UpstreamLog, UpstreamLogFields } from './world.ts'

export const realClock: Clock = {
  wallMs: () => wallMs(Date.now()),
  monotonicMs: () => monotonicMs(performance.now()),
  sleep,
  after: (_name, ms, work) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}

function sleep(ms: number, stop?: StopSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer)
      reject(stop?.reason instanceof Error ? stop.reason : new Error('stopped'))
    }
    const timer = setTimeout(() => {
      stop?.removeEventListener('abort', stopped)
      resolve()
    }, ms)
    if (stop?.aborted === true) stopped()
    else stop?.addEventListener('abort', stopped)
  })
}

export const realRandom: Random = {
  below: (limit) => randomInt(limit),
  bytes: (count) => new Uint8Array(randomBytes(count)),
  fork: () => realRandom,
}

/** JSON lines, as journald and people with grep like them. */
export function jsonLog(write: (line: string) => void): UpstreamLog {
  const say = (level: string) => (message: string, fields?: UpstreamLogFields) => {
    const time = new Date().toISOString()
    const err = fields?.err
    const shown = err instanceof Error ? { ...fields, err: err.message } : fields
    write(`${JSON.stringify({ time, level, msg: message, ...shown })}\n`)
  }
  return { info: say('info'), warn: say('warn'), error: say('error') }
}
