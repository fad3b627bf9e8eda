/** Waits until the gateway has nothing left that the hospital has not confirmed. */
import { setTimeout as sleep } from 'node:timers/promises'

interface StatusPart {
  readonly journal: {
    readonly unreceiptedPackets: number
    readonly streams: readonly {
      readonly recordsStored: number
      readonly recordsReceipted: number
    }[]
  }
  readonly uplink: { readonly words: { readonly en: string } }
}

const pollMs = 250
const answerLimitMs = 5_000

/** What the status page says to anybody; null while nobody answers. */
async function statusOf(pageUrl: string): Promise<StatusPart | null> {
  try {
    const response = await fetch(new URL('/api/status', pageUrl), {
      signal: AbortSignal.timeout(answerLimitMs),
    })
    return response.ok ? ((await response.json()) as StatusPart) : null
  } catch {
    return null
  }
}

export async function answering(pageUrl: string, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
    if ((await statusOf(pageUrl)) !== null) return true
    await sleep(pollMs)
  }
  return false
}

/** False when something was still unconfirmed after `withinMs`. */
export async function drained(pageUrl: string, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
    const status = await statusOf(pageUrl)
    const streams = status?.journal.streams ?? []
    const waits = streams.some((one) => one.recordsReceipted < one.recordsStored)
    if (status !== null && !waits && status.journal.unreceiptedPackets === 0) return true
    await sleep(pollMs)
  }
  return false
}
