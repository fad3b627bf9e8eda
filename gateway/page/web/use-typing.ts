/** One act of typing, from the empty form to the answer of the gateway. */
import { useRef, useState } from 'preact/hooks'
import type { Texts } from '../view.ts'
import type { Both, TroubleWords } from '../both.ts'
import type { FormView } from '../wire.ts'
import { freshAct } from './act.ts'
import { api } from './api.ts'
import type { Photo } from './photo-box.tsx'

export type Phase =
  | { readonly kind: 'typing' }
  | { readonly kind: 'saving'; readonly attempt: number }
  /** null: there was no answer, so it may or may not be stored. Sending again is safe. */
  | { readonly kind: 'failed'; readonly trouble: TroubleWords | null }
  | { readonly kind: 'stored'; readonly keys: readonly string[] }

const attemptsMax = 4
const pauseMs = 1_500

export function useTyping(form: FormView) {
  const [texts, setTexts] = useState<Texts>({})
  const [phase, setPhase] = useState<Phase>({ kind: 'typing' })
  const [refused, setRefused] = useState<ReadonlyMap<string, Both>>(new Map())
  const [asked, setAsked] = useState<ReadonlyMap<string, Both>>(new Map())
  const [photo, setPhoto] = useState<Photo | null>(null)
  // Both belong to the act: an entry that is sent again keeps them, also when it was changed since,
  // so that the gateway can tell what it has stored already.
  const act = useRef(freshAct())
  const send = async (confirmed: readonly string[]) => {
    const filledForm = {
      form: form.id,
      texts: filled(texts),
      confirmed,
      photo:
        photo === null ? null : { base64: photo.shot.base64, isSource: photo.isSource === true },
    }
    for (let attempt = 1; ; attempt++) {
      setPhase({ kind: 'saving', attempt })
      const answer = await api.typed({ ...act.current, ...filledForm })
      if (answer.kind === 'no-answer') {
        if (attempt >= attemptsMax) return setPhase({ kind: 'failed', trouble: null })
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
        continue
      }
      if (answer.kind === 'refused') {
        return setPhase({ kind: 'failed', trouble: answer.trouble })
      }
      if (answer.value.kind === 'stored') {
        return setPhase({ kind: 'stored', keys: answer.value.keys })
      }
      const found = new Map(answer.value.fields.map(({ field, why }) => [field, why]))
      if (answer.value.kind === 'asks') setAsked(found)
      else setRefused(found)
      return setPhase({ kind: 'typing' })
    }
  }
  return {
    texts,
    phase,
    refused,
    /** What the gateway asks about, when the page did not see it. */
    asked,
    photo,
    setPhoto,
    type(field: string, text: string) {
      if (phase.kind === 'saving') return
      setTexts((before) => ({ ...before, [field]: text }))
      const others = (before: ReadonlyMap<string, Both>) =>
        new Map([...before].filter(([name]) => name !== field))
      setRefused(others)
      setAsked(others)
    },
    /** `confirmed`: the fields of which the person saw the warning. */
    save(confirmed: readonly string[]) {
      if (phase.kind !== 'saving') void send(confirmed)
    },
    again() {
      act.current = freshAct()
      setTexts({})
      setRefused(new Map())
      setAsked(new Map())
      setPhoto(null)
      setPhase({ kind: 'typing' })
    },
  }
}

/** A field that was left empty is not sent: empty is absent, never 0. */
function filled(texts: Texts): { readonly [field: string]: string } {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ''))
}
