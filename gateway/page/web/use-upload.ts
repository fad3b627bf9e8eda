/** Brings a file to the gateway, part by part: what a weak network loses is sent once more. */
import { useState } from 'preact/hooks'
import type { TroubleWords } from '../both.ts'
import { api, type Answer } from './api.ts'

export type UploadPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly doneBytes: number; readonly totalBytes: number }
  /** null: there was no answer. */
  | { readonly kind: 'failed'; readonly trouble: TroubleWords | null }
  | { readonly kind: 'kept' }

/** Half a minute without a network, and it is over. */
const attemptsMax = 10
const pauseMs = 3_000

export function useUpload() {
  const [phase, setPhase] = useState<UploadPhase>({ kind: 'idle' })
  const send = async (by: string, order: string, file: File): Promise<void> => {
    const totalBytes = file.size
    setPhase({ kind: 'sending', doneBytes: 0, totalBytes })
    const begun = await patiently(() => api.beginUpload(by, order, totalBytes))
    if (begun.kind !== 'ok') return fail(begun)
    const { upload, partBytesMax } = begun.value
    for (let doneBytes = 0; doneBytes < totalBytes; doneBytes += partBytesMax) {
      const part = file.slice(doneBytes, doneBytes + partBytesMax)
      const sent = await patiently(() => api.uploadPart(upload, doneBytes, part))
      if (sent.kind !== 'ok') return fail(sent)
      setPhase({ kind: 'sending', doneBytes: doneBytes + part.size, totalBytes })
    }
    const ended = await patiently(() => api.endUpload(upload))
    if (ended.kind !== 'ok') return fail(ended)
    setPhase({ kind: 'kept' })
  }
  const fail = (answer: Exclude<Answer<unknown>, { kind: 'ok' }>): void => {
    setPhase({ kind: 'failed', trouble: answer.kind === 'refused' ? answer.trouble : null })
  }
  return { phase, send }
}

async function patiently<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask()
    if (answer.kind !== 'no-answer' || attempt >= attemptsMax) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
