/** Tells the modalities what there is to examine, at the start and whenever that changes. */
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Visits } from './visits.ts'
import { worklistEntries } from './worklist-entries.ts'

export interface WorklistOfferParts {
  readonly clock: Pick<Clock, 'after' | 'wallMs'>
  readonly visits: Visits
  /** Of the zone in which the van works. */
  readonly utcOffsetMinutes: number
  readonly offer: (entries: readonly WorklistEntry[]) => void
}

/** What changes together is told once. */
const pauseMs = 50

/** The answer ends it. */
export function offerWorklist({ clock, visits, ...parts }: WorklistOfferParts): () => void {
  let cancel: (() => void) | null = null
  let told = ''
  const tell = (): void => {
    cancel = null
    const time = { utcOffsetMinutes: parts.utcOffsetMinutes, wallMs: clock.wallMs() }
    const entries = worklistEntries(visits, time)
    const words = JSON.stringify(entries)
    if (words !== told) parts.offer(entries)
    told = words
  }
  tell()
  const stopListening = visits.listen(({ kind }) => {
    if (kind === 'identity' || kind === 'procedure') return
    cancel ??= clock.after('offer the worklist', pauseMs, tell)
  })
  return () => {
    stopListening()
    cancel?.()
  }
}
