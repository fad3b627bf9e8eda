/**
 * Which streams a subscriber wants: `{van}/{device}/{kind}`, for example `van-02/ecg-1/waveform`.
 * In each part `*` stands for any characters; `+` alone for any part.
 */
import {
  deviceStreamKinds,
  parseStream,
  topicRoot,
  vanStreamKinds,
  type StreamKind,
} from '../../protocols/packet/topics.ts'

export interface Pattern {
  readonly text: string
  matches(van: string, stream: string): boolean
  /** MQTT filters that let through everything that matches, and as little else as they can. */
  readonly filters: readonly string[]
  /** The only van that can match, or null. */
  readonly van: string | null
  /** The only stream that can match, within the van; null when there may be several. */
  readonly stream: string | null
}

/** Chunks of objects are not records: they are fetched as a whole, with `object`. */
const kinds: readonly StreamKind[] = [...deviceStreamKinds, ...vanStreamKinds].filter(
  (kind) => kind !== 'object',
)

/** Throws a RangeError that says what is expected. */
export function parsePattern(text: string): Pattern {
  const parts = text.split('/')
  const [van = '', device = '', kind = ''] = parts
  if (parts.length !== 3 || !parts.every((part) => part === '+' || /^[a-z0-9*-]+$/.test(part)))
    throw new RangeError(`expected van/device/kind with * for anything, found ${text}`)
  const wanted = kinds.filter((known) => fits(kind, known))
  if (wanted.length === 0)
    throw new RangeError(`expected a kind of ${kinds.join(', ')}, found ${kind}`)
  const one = wanted.length === 1 && !isOpen(device) ? `${device}/${wanted[0] ?? ''}` : null
  return {
    text,
    matches(otherVan, stream) {
      const name = parseStream(stream)
      return (
        name !== null &&
        wanted.includes(name.kind) &&
        fits(van, otherVan) &&
        fits(device, name.device)
      )
    },
    filters: wanted.map((one) => `${topicRoot}/${level(van)}/up/${level(device)}/${one}`),
    van: isOpen(van) ? null : van,
    stream: one !== null && parseStream(one) !== null ? one : null,
  }
}

function isOpen(part: string): boolean {
  return part === '+' || part.includes('*')
}

function level(part: string): string {
  return isOpen(part) ? '+' : part
}

function fits(part: string, name: string): boolean {
  if (part === '+') return true
  const pieces = part.split('*')
  const [first = '', ...rest] = pieces
  if (rest.length === 0) return part === name
  const last = rest.at(-1) ?? ''
  if (!name.startsWith(first) || name.length < first.length + last.length) return false
  let at = first.length
  for (const piece of rest.slice(0, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.endsWith(last) && name.length - last.length >= at
}
