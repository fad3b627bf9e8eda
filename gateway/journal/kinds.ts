/**
 * What the journal does with each kind of record. A device repeats some kinds for as long as it
 * monitors: those lie in the open end of their stream and are sealed together, many to a packet,
 * and a watch makes their packets short. Everything else comes in ones and is sealed at once.
 */
import type { PacketClass } from '../../protocols/packet/packet.ts'
import type {
  Document,
  Image,
  Record,
  RecordKind,
  Rendition,
} from '../../protocols/packet/record.ts'
import { parseStream, type StreamKind } from '../../protocols/packet/topics.ts'

interface Classes {
  readonly watched: PacketClass
  readonly unwatched: PacketClass
}

const repeated = {
  numerics: { watched: 0, unwatched: 2 },
  waveform: { watched: 1, unwatched: 5 },
} as const satisfies { readonly [K in RecordKind & StreamKind]?: Classes }

const spotClass: PacketClass = 2
const chunkClass: PacketClass = 4
/** Of the records of previews too. */
export const previewClass: PacketClass = 3

/** What comes with a file. */
export type ObjectRecord = Document | Image | Rendition

export function hasObject(record: Record): record is ObjectRecord {
  return record.kind === 'document' || record.kind === 'image' || record.kind === 'rendition'
}

/** Of the chunks of a record's object. */
export function chunkClassOf(record: ObjectRecord): PacketClass {
  if (record.kind === 'document') return spotClass
  return record.kind === 'rendition' && record.role === 'preview' ? previewClass : chunkClass
}

/** How many chunks an object is cut into. */
export function chunksOf(object: {
  readonly sizeBytes: number
  readonly chunkBytes: number
}): number {
  return Math.ceil(object.sizeBytes / object.chunkBytes)
}

export function repeats(kind: RecordKind | StreamKind): kind is keyof typeof repeated {
  return Object.hasOwn(repeated, kind)
}

/** Of a stream's packets. Alarms, previews and the chunks of documents have another one. */
export function classOf(streamName: string, isWatched: boolean): PacketClass {
  const kind = parseStream(streamName)?.kind
  if (kind === undefined || !repeats(kind)) return kind === 'object' ? chunkClass : spotClass
  const { watched, unwatched } = repeated[kind]
  return isWatched ? watched : unwatched
}
