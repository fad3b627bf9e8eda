/** Acts that are done once, however often they are sent. */
import { useRef, useState } from 'preact/hooks'
import type { TroubleWords } from '../both.ts'
import type { Act, Answer } from './api.ts'
import { look } from './store.ts'

const entryBytes = 16
const attemptsMax = 4
const pauseMs = 1_500

/** The gateway remembers the entry, and whether it was started anew since the form was opened. */
export function freshAct(): Act {
  const bytes = crypto.getRandomValues(new Uint8Array(entryBytes))
  const entry = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { instance: look().start?.instance ?? '', entry }
}

/**
 * Runs questions one at a time and keeps what went wrong. `trouble` is undefined without one, and
 * null when the gateway gave no answer.
 */
export function useAct() {
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const busy = useRef(false)
  const run = async <T>(ask: () => Promise<Answer<T>>, attempts: number): Promise<T | null> => {
    // A double tap comes before the button is drawn as disabled.
    if (busy.current) return null
    busy.current = true
    setIsBusy(true)
    setTrouble(undefined)
    let answer = await ask()
    for (let attempt = 1; answer.kind === 'no-answer' && attempt < attempts; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      answer = await ask()
    }
    busy.current = false
    setIsBusy(false)
    if (answer.kind === 'ok') return answer.value
    setTrouble(answer.kind === 'refused' ? answer.trouble : null)
    return null
  }
  return {
    isBusy,
    trouble,
    /** null when it was refused, when there was no answer, or while another one runs. */
    run: <T>(ask: () => Promise<Answer<T>>) => run(ask, 1),
    /** For what the gateway does once however often it is sent. */
    runSafely: <T>(ask: () => Promise<Answer<T>>) => run(ask, attemptsMax),
    forget: () => setTrouble(undefined),
  }
}
