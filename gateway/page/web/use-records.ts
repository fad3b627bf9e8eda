import { useEffect, useRef, useState } from 'preact/hooks'
import type { RecordKind } from '../view.ts'
import type { TroubleWords } from '../both.ts'
import type { Row } from '../wire.ts'
import { api } from './api.ts'
import { askStart } from './line.ts'
import { useKnown } from './store.ts'

export type RecordsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ok'; readonly rows: readonly Row[] }
  /** null: the gateway gave no answer. */
  | { readonly kind: 'failed'; readonly trouble: TroubleWords | null }

const pauseMs = 500
const againMs = 4_000

/** The records of a query, asked again whenever the gateway says that they are different. */
export function useRecords(query: {
  readonly device: string | null
  readonly kinds: readonly RecordKind[] | null
  readonly limit: number
}): RecordsState {
  const { device, kinds, limit } = query
  const [state, setState] = useState<RecordsState>({ kind: 'loading' })
  const change = useKnown((known) => known.recordsChange)
  const isLive = useKnown((known) => known.line === 'live')
  const askedMs = useRef(Number.NEGATIVE_INFINITY)
  const [again, setAgain] = useState(0)
  // Another query is another list: the old one must not stand under the new filter.
  useEffect(() => {
    askedMs.current = Number.NEGATIVE_INFINITY
    setState({ kind: 'loading' })
  }, [device, kinds, limit])
  useEffect(() => {
    let isWanted = true
    let retry: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      askedMs.current = performance.now()
      const answer = await api.records({ device, kinds, limit })
      if (!isWanted) return
      if (answer.kind === 'ok') setState({ kind: 'ok', rows: answer.value.rows })
      else {
        if (answer.kind === 'refused' && answer.status === 401) void askStart()
        setState({ kind: 'failed', trouble: answer.kind === 'refused' ? answer.trouble : null })
        retry = setTimeout(() => setAgain((count) => count + 1), againMs)
      }
    }
    const waitMs = Math.max(0, askedMs.current + pauseMs - performance.now())
    const timer = setTimeout(() => void ask(), waitMs)
    return () => {
      isWanted = false
      clearTimeout(timer)
      clearTimeout(retry)
    }
  }, [device, kinds, limit, change, isLive, again])
  return state
}
