/**
 * What the page knows at this moment. One record, replaced as a whole, that components look into.
 */
import { useEffect, useState } from 'preact/hooks'
import type { Value } from '../../../protocols/packet/record.ts'
import type { Language, TroubleWords } from '../both.ts'
import type { VisitsAnswer } from '../visits-view.ts'
import type { EventMessage, Start, StatusWire, ValuesMessage } from '../wire.ts'
import type { TraceBuffer } from './trace-buffer.ts'

export interface LiveValue extends Value {
  /** Which of several probes of the device; empty when it has but one. */
  readonly probe: string
  readonly atMs: number
  readonly simulated: boolean
}

/** `lost`: it was there. `never`: it was not there since the page was opened. */
export type Line = 'never' | 'live' | 'lost'

export interface Known {
  readonly language: Language
  readonly line: Line
  readonly start: Start | null
  readonly status: StatusWire | null
  /** By device, then by code and probe. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, LiveValue>>
  readonly events: ReadonlyMap<string, ReadonlyMap<string, EventMessage>>
  /** By device, then by the name of the wave. The buffers change in place. */
  readonly waves: ReadonlyMap<string, ReadonlyMap<string, TraceBuffer>>
  /** Grows whenever the records are different. */
  readonly recordsChange: number
  /** Grow whenever visits and images, or media, are different. */
  readonly visitsChange: number
  readonly mediaChange: number
  /** null: not asked yet, or nobody is signed in. */
  readonly visits: VisitsAnswer | null
  /** Why they could not be had; null: the gateway gave no answer. Undefined without trouble. */
  readonly visitsTrouble: TroubleWords | null | undefined
  /** Who uses this browser, as that person wrote it; empty: nobody said. */
  readonly person: string
}

const languageName = 'simpul-language'
const personName = 'simpul-person'

export const nothingKnown: Known = {
  language: 'id',
  line: 'never',
  start: null,
  status: null,
  values: new Map(),
  events: new Map(),
  waves: new Map(),
  recordsChange: 0,
  visitsChange: 0,
  mediaChange: 0,
  visits: null,
  visitsTrouble: undefined,
  person: '',
}

let known: Known = {
  ...nothingKnown,
  language: keptLanguage() ?? 'id',
  person: keptPerson(),
}
const listeners = new Set<() => void>()

export function look(): Known {
  return known
}

export function know(change: Partial<Known>): void {
  known = { ...known, ...change }
  for (const listener of listeners) listener()
}

/** Draws the component again when the part that it looks at is another one. */
export function useKnown<T>(part: (known: Known) => T): T {
  const [, draw] = useState({})
  const now = part(known)
  useEffect(() => {
    let seen = now
    const listener = () => {
      const next = part(known)
      if (Object.is(next, seen)) return
      seen = next
      draw({})
    }
    listeners.add(listener)
    listener()
    return () => {
      listeners.delete(listener)
    }
  })
  return now
}

export function showLanguage(language: Language): void {
  document.documentElement.lang = language
  know({ language })
}

/** Chosen by a person on this browser, and kept there. */
export function chooseLanguage(language: Language): void {
  showLanguage(language)
  try {
    localStorage.setItem(languageName, language)
  } catch {
    // A browser that keeps nothing still shows the language until it is closed.
  }
}

export function keptLanguage(): Language | null {
  try {
    const kept = localStorage.getItem(languageName)
    return kept === 'id' || kept === 'en' ? kept : null
  } catch {
    return null
  }
}

/** Remembered until this window of the browser is closed. */
export function rememberPerson(person: string): void {
  know({ person })
  try {
    sessionStorage.setItem(personName, person)
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}

export function forgetPerson(): void {
  rememberPerson('')
}

function keptPerson(): string {
  try {
    return sessionStorage.getItem(personName) ?? ''
  } catch {
    return ''
  }
}

/** What only a signed-in person may have seen is forgotten. */
export function forgetValues(): void {
  know({ values: new Map(), events: new Map(), waves: new Map(), visits: null })
}

export function withValues(known: Known, message: ValuesMessage): Known['values'] {
  const ofDevice = new Map(known.values.get(message.device))
  for (const value of message.values) {
    const { atMs, simulated, probe } = message
    ofDevice.set(`${value.code} ${probe}`, { ...value, probe, atMs, simulated })
  }
  return new Map(known.values).set(message.device, ofDevice)
}

export function withEvent(known: Known, message: EventMessage): Known['events'] {
  const ofDevice = new Map(known.events.get(message.device))
  if (message.active === true) ofDevice.set(message.code, message)
  else ofDevice.delete(message.code)
  return new Map(known.events).set(message.device, ofDevice)
}
