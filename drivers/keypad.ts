/**
 * The keypad of the local page: a person reads a display and types. It hands over one form at a
 * time, as JSON of ASCII characters, such as
 * {"form":"vital-signs","texts":{"temperature":"36,7"},"confirmed":[],"photo":null,"today":null}
 */
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { readForm, type Typed } from './keypad/read.ts'
import { receiving, type Received } from './receiving.ts'

const entryLimitBytes = 8_192

export const keypad = receiving({
  id: 'keypad',
  label: 'Keypad (typed by a person)',
  source: 'Forms of this gateway; ranges and units as Indonesian primary care uses them',
  evidence: 'documented',
  confidence: 'high',
  links: [{ kind: 'keypad' }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'document'],
  silentAfterMs: null,

  objectLimitBytes: entryLimitBytes,
  read: readEntry,
})

/** A filled form as the keypad hands it over. */
export function encodeEntry({ form, texts, confirmed, photo, today }: Typed): Uint8Array {
  const json = JSON.stringify({ form, texts, confirmed, photo, today })
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
  const read = readForm(entry)
  if (read.kind === 'said') return { ok: true, said: read.said }
  const why = read.kind === 'asks' ? 'not confirmed' : 'refused'
  return { ok: false, reason: `form ${why}: ${read.findings.map(({ code }) => code).join(', ')}` }
}

/** An entry without `confirmed`, `photo` or `today` has none. */
function entryOf(json: string): Typed | null {
  let entry: unknown
  try {
    entry = JSON.parse(json)
  } catch {
    return null
  }
  if (typeof entry !== 'object' || entry === null) return null
  const fields = entry as { [name: string]: unknown }
  const { form, texts, confirmed = [], photo = null, today = null } = fields
  if (typeof form !== 'string' || typeof texts !== 'object' || texts === null) return null
  const all = Object.entries(texts)
  if (!all.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return null
  if (!Array.isArray(confirmed) || !confirmed.every((one) => typeof one === 'string')) return null
  if (photo !== null && (typeof photo !== 'string' || !photoPattern.test(photo))) return null
  if (today !== null && (typeof today !== 'string' || !dayPattern.test(today))) return null
  return { form, texts: Object.fromEntries(all), confirmed, photo, today }
}

const photoPattern = /^[0-9a-f]{64}$/
const dayPattern = /^\d{4}-\d{2}-\d{2}$/
