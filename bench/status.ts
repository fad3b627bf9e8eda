/**
 * What a gateway that runs says about itself on its page, and the page as a browser has it open.
 */
import { open, ask, cookieOf, passphrase } from '../gateway/page/page-testing.ts'
import type { StatusWire } from '../gateway/page/wire.ts'
import { delayWindowMs, type EventLoopDelay } from '../gateway/health/event-loop.ts'

/** null while nobody answers. */
export async function statusOf(pageUrl: string): Promise<StatusWire | null> {
  const reply = await ask(portOf(pageUrl), '/api/status').catch(() => null)
  return reply?.status === 200 ? (reply.json as StatusWire) : null
}

export interface DelayWatch {
  /** The worst of the windows of the gateway since the beginning: the whole was not worse. */
  stop(): Promise<EventLoopDelay>
}

/**
 * Asks once for each window of the gateway's own measure. At the end it waits for the window that
 * holds the last moment.
 */
export function watchDelay(pageUrl: string): DelayWatch {
  let worst: EventLoopDelay = { p50Ms: 0, p99Ms: 0, maxMs: 0 }
  const look = async () => {
    const late = (await statusOf(pageUrl))?.mainThread
    if (late === undefined) return
    worst = {
      p50Ms: Math.max(worst.p50Ms, late.lateP50Ms),
      p99Ms: Math.max(worst.p99Ms, late.lateP99Ms),
      maxMs: Math.max(worst.maxMs, late.lateMaxMs),
    }
  }
  // Twice a window, so that none is missed.
  const timer = setInterval(() => void look(), delayWindowMs / 2)
  return {
    async stop() {
      await new Promise((resolve) => setTimeout(resolve, delayWindowMs))
      clearInterval(timer)
      await look()
      return worst
    },
  }
}

export interface Viewer {
  readonly bytes: number
  close(): void
}

/**
 * Claims the gateway and watches it live with all waves, as a browser on the bedside screen does.
 */
export async function watchPage(pageUrl: string, claimCode: string): Promise<Viewer> {
  const port = portOf(pageUrl)
  const claim = { code: claimCode, passphrase, language: 'id' }
  const reply = await ask(port, '/api/claim', { post: claim })
  const cookie = cookieOf(reply)
  if (cookie === null) throw new Error(`the page was not claimed: ${reply.text}`)
  let bytes = 0
  const request = open(port, '/api/live?samples=1', { cookie }, (response) => {
    response.on('data', (chunk: Buffer) => (bytes += chunk.length))
    response.on('error', () => {})
  })
  request.on('error', () => {})
  return {
    get bytes() {
      return bytes
    },
    close: () => void request.destroy(),
  }
}

function portOf(pageUrl: string): number {
  return Number(new URL(pageUrl).port)
}
