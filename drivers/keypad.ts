/**
 * The keypad of the local page: a person reads a display and types. It hands over one form at a
 * time, as JSON of ASCII characters: {"form":"vital-signs","texts":{"temperature":"36,7"}}
 */
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { readForm, type Texts } from './keypad-read.ts'
import { receiving, type Received } from './receiving.ts'

const entryLimitBytes = 4_096

export const keypad = receiving({
  id: 'keypad',
  label: 'Keypad (typed by a person)',
  source: 'Forms of this gateway; ranges and units as Indonesian primary care uses them',
  evidence: 'documented',
  confidence: 'high',
  links: [{ kind: 'keypad' }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement'],
  silentAfterMs: null,

  objectLimitBytes: entryLimitBytes,
  read: readEntry,
})

/** A filled form as the keypad hands it over. */
export function encodeEntry(form: string, texts: Texts): Uint8Array {
  const json = JSON.stringify({ form, texts })
  return latin1Bytes(
    json.replace(
      /[^ -~]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )
}

function readEntry(object: Uint8Array): Received {
  const entry = entryOf(latin1Text(object))
  if (entry === null) return { ok: false, reason: 'no filled form' }
  const read = readForm(entry.form, entry.texts)
  if (read.ok) return { ok: true, said: read.said }
  return { ok: false, reason: `form refused: ${read.findings.map(({ code }) => code).join(', ')}` }
}

function entryOf(json: string): { readonly form: string; readonly texts: Texts } | null {
  let entry: unknown
  try {
    entry = JSON.parse(json)
  } catch {
    return null
  }
  if (typeof entry !== 'object' || entry === null) return null
  const { form, texts } = entry as { form?: unknown; texts?: unknown }
  if (typeof form !== 'string' || typeof texts !== 'object' || texts === null) return null
  const all = Object.entries(texts)
  if (!all.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return null
  return { form, texts: Object.fromEntries(all) }
}
