/**
 * Storing over the web: one instance a request. Source: PS3.18 section 10.5, RFC 2387.
 *
 *   POST {base}/studies
 *   Content-Type: multipart/related; type="application/dicom"; boundary=B
 *
 *   --B CRLF Content-Type: application/dicom CRLF CRLF | the file, bit for bit | CRLF --B-- CRLF
 *
 * The status of the answer decides nothing: what became of the instance stands in the body, in
 * ReferencedSOPSequence or FailedSOPSequence (PS3.18 section 10.5.3, annex I of PS3.3).
 */
import { bytesOf } from '../dicom/text.ts'
import { firstNumber, firstText, itemsOf, parseDataSets } from './json.ts'

export const dicomJson = 'application/dicom+json'

export interface StowBody {
  readonly contentType: string
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

/** What stands around the file. `boundary` is random and long, so that no file contains it. */
export function stowBody(boundary: string): StowBody {
  return {
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
    head: bytesOf(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
    tail: bytesOf(`\r\n--${boundary}--\r\n`),
  }
}

export type StowVerdict =
  /** `warning`: (0008,1196), or null. */
  | { readonly kind: 'stored'; readonly warning: number | null }
  | { readonly kind: 'failed'; readonly reason: number | null }
  /** The answer does not name the instance, or cannot be read. */
  | { readonly kind: 'unknown' }

const tags = {
  sopInstance: '00081155',
  warningReason: '00081196',
  failureReason: '00081197',
  failedSequence: '00081198',
  sequence: '00081199',
} as const

/** What the answer says about one instance. */
export function stowVerdict(body: string, sopInstanceUid: string): StowVerdict {
  for (const dataSet of parseDataSets(body)) {
    const named = (tag: string) =>
      itemsOf(dataSet, tag).find((item) => firstText(item, tags.sopInstance) === sopInstanceUid)
    const failed = named(tags.failedSequence)
    if (failed !== undefined) {
      return { kind: 'failed', reason: firstNumber(failed, tags.failureReason) }
    }
    const stored = named(tags.sequence)
    if (stored !== undefined) {
      return { kind: 'stored', warning: firstNumber(stored, tags.warningReason) }
    }
  }
  return { kind: 'unknown' }
}
