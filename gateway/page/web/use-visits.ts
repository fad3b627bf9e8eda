import { useEffect } from 'preact/hooks'
import { api } from './api.ts'
import { know, useKnown } from './store.ts'
import { useAsked } from './use-asked.ts'

/** Keeps in mind who is in the van, for every section, as long as somebody is signed in. */
export function useVisits(isSignedIn: boolean): void {
  const change = useKnown((known) => known.visitsChange)
  const asked = useAsked(isSignedIn ? api.visits : nothing, isSignedIn ? change : -1)
  useEffect(() => {
    if (!isSignedIn) return
    if (asked.kind === 'ok') know({ visits: asked.value, visitsTrouble: undefined })
    if (asked.kind === 'failed') know({ visitsTrouble: asked.trouble })
  }, [asked, isSignedIn])
}

async function nothing() {
  return { kind: 'ok', value: null } as const
}
