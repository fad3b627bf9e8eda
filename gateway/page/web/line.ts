/** The live line to the gateway: opens it, hears it, and brings it back. */
import type { LiveMessages } from '../wire.ts'
import { api } from './api.ts'
import { forgetBoxTime, hearBoxTime } from './box-clock.ts'
import {
  forgetValues,
  keptLanguage,
  know,
  look,
  showLanguage,
  withEvent,
  withValues,
} from './store.ts'
import { TraceBuffer } from './trace-buffer.ts'

/**
 * The gateway beats every 2 s: after this much silence the line is lost, whatever the socket says.
 */
const silentMs = 5_000
const againMs = 2_000

let source: EventSource | null = null
let wantsSamples = true
let heardMs = 0
let heardWallMs = Date.now()
let retryAtMs = 0

/** Call once. Keeps the line open while somebody sees the page. */
export function keepLine(): void {
  document.addEventListener('visibilitychange', () => {
    // A page that nobody sees costs a battery and a seat. The steady clock of a phone may stand
    // still while it sleeps, so on waking nothing counts as live before the gateway has said so.
    if (document.hidden) {
      close()
      if (look().line === 'live') know({ line: 'lost' })
    } else open()
  })
  setInterval(watch, 1_000)
  open()
}

/** Waves are sent only to those who look at them. */
export function wantSamples(wanted: boolean): void {
  if (wanted === wantsSamples) return
  wantsSamples = wanted
  reopen()
}

/** For a new session, or the end of one. */
export function reopen(): void {
  close()
  open()
}

function open(): void {
  if (source !== null || document.hidden) return
  heardMs = performance.now()
  retryAtMs = heardMs + againMs
  const opened = new EventSource(`/api/live?samples=${wantsSamples ? 1 : 0}`)
  source = opened
  hear(opened, 'hello', ({ start }) => {
    hearStart(start)
    know({ line: 'live' })
  })
  hear(opened, 'status', (status) => know({ status }))
  hear(opened, 'values', (message) => know({ values: withValues(look(), message) }))
  hear(opened, 'event', (message) => know({ events: withEvent(look(), message) }))
  hear(opened, 'records', () => know({ recordsChange: look().recordsChange + 1 }))
  hear(opened, 'visits', () => know({ visitsChange: look().visitsChange + 1 }))
  hear(opened, 'media', () => know({ mediaChange: look().mediaChange + 1 }))
  hear(opened, 'samples', ({ blocks }) => hearBlocks(blocks))
  hear(opened, 'beat', () => {})
}

function close(): void {
  source?.close()
  source = null
}

function hear<Name extends keyof LiveMessages>(
  opened: EventSource,
  name: Name,
  then: (message: LiveMessages[Name]) => void,
): void {
  opened.addEventListener(name, (event: MessageEvent<string>) => {
    if (source !== opened) return
    const message = JSON.parse(event.data) as LiveMessages[Name]
    heardMs = performance.now()
    heardWallMs = Date.now()
    hearBoxTime(message.nowMs)
    if (look().line !== 'live') know({ line: 'live' })
    then(message)
  })
}

/** What `/api/start` or `hello` says about the gateway and about us. */
export function hearStart(start: LiveMessages['hello']['start']): void {
  const before = look().start
  if (before !== null && before.instance !== start.instance) {
    // Its monotonic clock may have begun anew, and old values belong to another run.
    forgetBoxTime()
    forgetValues()
    if (before.build !== start.build && !isWriting()) location.reload()
  }
  if (before?.signedIn === true && !start.signedIn) forgetValues()
  if (keptLanguage() === null) showLanguage(start.language)
  const { recordsChange, visitsChange, mediaChange } = look()
  know({
    start,
    recordsChange: recordsChange + 1,
    visitsChange: visitsChange + 1,
    mediaChange: mediaChange + 1,
  })
}

/** What somebody has written and not saved yet must not be lost. */
function isWriting(): boolean {
  return ['#keypad/', '#visits/'].some((place) => location.hash.startsWith(place))
}

function hearBlocks(blocks: LiveMessages['samples']['blocks']): void {
  let waves: Map<string, ReadonlyMap<string, TraceBuffer>> | null = null
  for (const block of blocks) {
    const ofDevice = (waves ?? look().waves).get(block.device)
    let buffer = ofDevice?.get(block.wave)
    if (buffer === undefined || !buffer.fits(block)) {
      buffer = new TraceBuffer(block)
      waves ??= new Map(look().waves)
      waves.set(block.device, new Map(ofDevice).set(block.wave, buffer))
    }
    buffer.push(block, performance.now())
  }
  if (waves !== null) know({ waves })
}

function watch(): void {
  const nowMs = performance.now()
  if (document.hidden) return
  if (look().line === 'live' && nowMs - heardMs > silentMs) know({ line: 'lost' })
  const isDead = source === null || source.readyState === EventSource.CLOSED
  if ((isDead || nowMs - heardMs > 2 * silentMs) && nowMs > retryAtMs) {
    reopen()
    // Says why, when the reason is that too many watch.
    void askStart()
  }
}

/** The first question of the page. The line asks again when there is no answer. */
export async function askStart(): Promise<void> {
  const answer = await api.start()
  if (answer.kind === 'ok') hearStart(answer.value)
}

/**
 * How old everything is that the page shows, while the line is lost. Counts the phone's sleep too.
 */
export function lineAgeMs(): number {
  return Date.now() - heardWallMs
}
