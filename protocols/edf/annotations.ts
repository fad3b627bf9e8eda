/**
 * Annotations of EDF+: time-stamped lists in signals of their own. Source: Kemp et al. 2003,
 * section 2.2.
 *
 *   onset | 15 duration | 14 text | 14 text … | 14 00
 *
 * The first list of a record has an empty text and says when the record begins.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { utf8Bytes, utf8Text } from '../bytes/utf8.ts'

const marks = { separator: 0x14, duration: 0x15 } as const
const listsMax = 1_000

export interface EdfAnnotation {
  /** Seconds since the beginning of the recording. */
  readonly atSeconds: number
  readonly seconds: number | null
  readonly text: string
}

export interface RecordAnnotations {
  /** When the record begins; null when it does not say. */
  readonly beginsSeconds: number | null
  readonly annotations: readonly EdfAnnotation[]
}

/** `bytes`: the annotation signal of one record. What makes no sense is left out. */
export function decodeAnnotations(bytes: Uint8Array): RecordAnnotations {
  let beginsSeconds: number | null = null
  const annotations: EdfAnnotation[] = []
  let at = 0
  for (let list = 0; list < listsMax && at < bytes.length; list++) {
    const found = bytes.indexOf(0, at)
    const end = found === -1 ? bytes.length : found
    const [time, ...texts] = splitAt(bytes.subarray(at, end))
    at = end + 1
    if (time === undefined || time.length === 0) continue
    const [onset, duration] = utf8Text(time).text.split('\x15')
    const atSeconds = secondsOf(onset)
    if (atSeconds === null) continue
    for (const text of texts.map((one) => utf8Text(one).text)) {
      if (text === '') beginsSeconds ??= atSeconds
      else annotations.push({ atSeconds, seconds: secondsOf(duration), text })
    }
  }
  return { beginsSeconds, annotations }
}

function splitAt(list: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = 0; at < list.length; at++) {
    if (list[at] !== marks.separator) continue
    parts.push(list.subarray(from, at))
    from = at + 1
  }
  return parts
}

function secondsOf(text: string | undefined): number | null {
  return text !== undefined && /^[+-]?\d+(?:\.\d*)?$/.test(text) ? Number(text) : null
}

/** The lists of one record, without filling. */
export function encodeAnnotations(
  beginsSeconds: number,
  annotations: readonly EdfAnnotation[],
): Uint8Array {
  const lists = [
    { onset: beginsSeconds, seconds: null, text: '' },
    ...annotations.map(({ atSeconds, ...rest }) => ({ onset: atSeconds, ...rest })),
  ]
  return joinBytes(
    ...lists.map(({ onset, seconds, text }) =>
      joinBytes(
        utf8Bytes(`${onset < 0 ? '' : '+'}${onset}`),
        ...(seconds === null ? [] : [[marks.duration], utf8Bytes(String(seconds))]),
        [marks.separator],
        utf8Bytes(text),
        [marks.separator, 0],
      ),
    ),
  )
}
