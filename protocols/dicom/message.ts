/**
 * Cuts a message into P-DATA. Source: PS3.8 section 9.3.5 and annex E.
 * The maximum length of a peer counts what follows the PDU header: a fragment is 6 bytes shorter.
 */
import { encodePdu } from './pdu.ts'
import { concat, viewOf } from './text.ts'

/** What we announce. Larger gains nothing measurable, smaller costs a header each. */
export const ourMaxPduBytes = 131_072
const pdvHeaderBytes = 6
/** Below it a peer's figure is a mistake; PS3.8 names no minimum. */
const smallestMaxPduBytes = 128

/** How many bytes of a message fit a PDU. */
export function fragmentBytes(peerMaxPduBytes: number): number {
  const limit = peerMaxPduBytes === 0 ? ourMaxPduBytes : peerMaxPduBytes
  return Math.min(Math.max(limit, smallestMaxPduBytes), ourMaxPduBytes) - pdvHeaderBytes
}

export interface MessagePart {
  readonly contextId: number
  readonly command: boolean
  readonly bytes: Uint8Array
  readonly peerMaxPduBytes: number
  /** False: more of the same command set or data set follows. Default: it ends here. */
  readonly last?: boolean
}

/** One PDU after the other. An empty part is one empty last fragment. */
export function* fragments(part: MessagePart): Generator<Uint8Array, void, undefined> {
  const { contextId, command, bytes } = part
  const size = fragmentBytes(part.peerMaxPduBytes)
  let at = 0
  do {
    const end = Math.min(at + size, bytes.length)
    const last = end === bytes.length && part.last !== false
    const value = { contextId, command, last, bytes: bytes.subarray(at, end) }
    yield encodePdu({ kind: 'data', values: [value] })
    at = end
  } while (at < bytes.length)
}

/** What stands in front of the data of a fragment: the head of its PDU and that of its value. */
export const fragmentHeadBytes = 12

/**
 * Writes the head of a PDU with one fragment of a data set, of which the data stands behind it in
 * `target` already: a large file goes from the disk to the network without being copied.
 */
export function writeFragmentHead(
  target: Uint8Array,
  at: number,
  fragment: { readonly contextId: number; readonly bytes: number; readonly last: boolean },
): void {
  const { contextId, bytes, last } = fragment
  const view = viewOf(target)
  view.setUint16(at, 0x0400)
  view.setUint32(at + 2, bytes + pdvHeaderBytes)
  view.setUint32(at + 6, bytes + 2)
  view.setUint16(at + 10, (contextId << 8) | (last ? 2 : 0))
}

/** A command and its data set in one buffer, for messages that are short. */
export function encodeMessage(options: {
  readonly contextId: number
  readonly command: Uint8Array
  readonly dataSet: Uint8Array | null
  readonly peerMaxPduBytes: number
}): Uint8Array {
  const { contextId, peerMaxPduBytes, dataSet } = options
  const command = { contextId, command: true, bytes: options.command, peerMaxPduBytes }
  const pieces = [...fragments(command)]
  if (dataSet !== null) {
    pieces.push(...fragments({ contextId, command: false, bytes: dataSet, peerMaxPduBytes }))
  }
  return concat(pieces)
}
