/** Records as lines of JSON, for a terminal, a file or the next program. */
import type { Item } from './subscriber/items.ts'
import type { Subscriber } from './subscriber/subscriber.ts'
import type { SubscriptionOptions } from './subscriber/subscription.ts'

export interface PrintOutcome {
  readonly records: number
  /** Lines of the kind `gap`: when there are some, what was printed is not everything. */
  readonly gaps: number
  /** `stopped` by the signal, `closed` because nobody reads, `ended` with the subscriber. */
  readonly ended: 'stopped' | 'closed' | 'ended'
}

/**
 * Prints what matches until the signal says stop, the reader goes away, or the subscriber closes.
 * Waits when `out` is slow. Rejects with a RangeError for a pattern that can match nothing.
 */
export async function printStream(
  subscriber: Subscriber,
  pattern: string,
  out: NodeJS.WritableStream,
  signal: AbortSignal,
  options: SubscriptionOptions = {},
): Promise<PrintOutcome> {
  const subscription = subscriber.stream(pattern, options)
  const counts = { records: 0, gaps: 0 }
  let closed = false
  const stop = () => subscription.stop()
  const gone = () => {
    closed = true
    subscription.stop()
  }
  signal.addEventListener('abort', stop)
  // A pipe whose reader has gone says so as an error, and it is none.
  out.once('error', gone).once('close', gone)
  if (signal.aborted) stop()
  try {
    for await (const item of subscription) {
      if (item.kind === 'gap') counts.gaps += 1
      else counts.records += 1
      if (!out.write(`${lineOf(item)}\n`)) await drained(out, signal)
      if (closed || signal.aborted) break
    }
  } finally {
    signal.removeEventListener('abort', stop)
    out.off('error', gone).off('close', gone)
  }
  const ended = closed ? 'closed' : signal.aborted ? 'stopped' : 'ended'
  return { ...counts, ended }
}

/** One line without its end. Samples are lists of whole numbers, one list a lead. */
export function lineOf(item: Item): string {
  return JSON.stringify(item, (_key, value: unknown) =>
    value instanceof Int32Array ? [...value] : value,
  )
}

function drained(out: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'error', 'close']) out.off(name, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const name of ['drain', 'error', 'close']) out.once(name, done)
    signal.addEventListener('abort', done)
  })
}
