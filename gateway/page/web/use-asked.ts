import { useEffect, useState } from 'preact/hooks'
import type { TroubleWords } from '../both.ts'
import type { Answer } from './api.ts'
import { askStart } from './line.ts'
import { useKnown } from './store.ts'

export type Asked<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ok'; readonly value: T }
  /** null: the gateway gave no answer. */
  | { readonly kind: 'failed'; readonly trouble: TroubleWords | null }

const againMs = 4_000

/** The answer to a question that is asked again whenever `change` is another one. */
export function useAsked<T>(ask: () => Promise<Answer<T>>, change: number): Asked<T> {
  const [state, setState] = useState<Asked<T>>({ kind: 'loading' })
  const [again, setAgain] = useState(0)
  const isLive = useKnown((known) => known.line === 'live')
  useEffect(() => {
    let isWanted = true
    let retry: ReturnType<typeof setTimeout> | undefined
    void ask().then((answer) => {
      if (!isWanted) return undefined
      if (answer.kind === 'ok') {
        setState(answer)
        return undefined
      }
      if (answer.kind === 'refused' && answer.status === 401) void askStart()
      setState({ kind: 'failed', trouble: answer.kind === 'refused' ? answer.trouble : null })
      retry = setTimeout(() => setAgain((count) => count + 1), againMs)
      return undefined
    })
    return () => {
      isWanted = false
      clearTimeout(retry)
    }
  }, [change, again, isLive])
  return state
}
