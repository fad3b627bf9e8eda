/**
 * Small messages beside the packets: receipts, requests for what is missing, watches, presence.
 * Each is one deterministic CBOR map with text keys, of which `v` is the version of the message.
 */
import { decodeCbor, encodeCbor } from './cbor.ts'
import { undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { uuidBytes, uuidFromBytes, uuidToBytes } from './epoch.ts'
import {
  bool,
  bytes,
  checked,
  converted,
  list,
  nullable,
  number,
  oneOf,
  readField,
  row,
  table,
  text,
  textThat,
  uint,
} from './fields.ts'
import type { Field, Fields } from './fields.ts'
import { fromHex, toHex } from './hex.ts'
import {
  directoryRangesMax,
  directoryStreamsMax,
  labelLimitBytes,
  messageLimitBytes,
  packetLimitBytes,
  receiptRangesMax,
  receiptStreamsMax,
  replayAnswerLimitBytes,
  replayLostMax,
  replayPacketsMax,
  watchPacketMsMax,
  watchPacketMsMin,
  watchSecondsMax,
} from './limits.ts'
import { isClientId, isName, isVanName, parseStream } from './topics.ts'

export {
  directoryRangesMax,
  directoryStreamsMax,
  messageLimitBytes,
  receiptRangesMax,
  receiptStreamsMax,
  replayAnswerLimitBytes,
  replayLostMax,
  replayPacketsMax,
  watchPacketMsMax,
  watchPacketMsMin,
  watchSecondsMax,
}

/** So many nobody guesses, and none comes twice. */
export const timeNonceBytes = 8

/** Sequence numbers of one stream, both ends included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/** The landing has committed these packets. The van may forget them. */
export interface Receipt {
  readonly epoch: string
  readonly receipts: readonly StreamReceipt[]
}

export interface StreamReceipt {
  readonly stream: string
  /** Lowest first, not touching each other. */
  readonly ranges: readonly SeqRange[]
}

/** The landing misses these packets of one stream. */
export interface Backfill extends SeqRange {
  readonly epoch: string
  readonly stream: string
}

/** Somebody looks at a stream: for so long its packets are to be short. */
export interface Watch {
  readonly stream: string
  readonly seconds: number
  /** How much time one packet shall hold. */
  readonly packetMs: number
}

/** Retained. As a will it says `online: false`: the van is gone without a farewell. */
export interface VanState {
  readonly van: string
  readonly online: boolean
  /** null while no journal is open. */
  readonly epoch: string | null
  /** Raw Ed25519, 32 bytes; null when the van does not sign. */
  readonly publicKey: Uint8Array | null
  readonly software: string
  /** The box's clock when it wrote this. May be wrong. */
  readonly wallMs: number
}

/** Retained, with a will as the van's. */
export interface LandingState {
  readonly online: boolean
  readonly landing: string
  readonly startedWallMs: number
}

/** A van asks the landing what time it is. */
export interface TimeRequest {
  /** The answer comes on `downTopic(van, 'time')`. */
  readonly van: string
  /** `timeNonceBytes` of chance, new for each question: the answer repeats them. */
  readonly nonce: Uint8Array
}

export interface TimeAnswer {
  readonly nonce: Uint8Array
  /** Whole milliseconds since 1970, at some moment between the question and the answer. */
  readonly utcMs: number
  /** Half width of the interval that surely held the true UTC at that moment. */
  readonly uncertaintyMs: number
}

/** A subscriber asks the landing for packets that it has. */
export interface ReplayRequest extends SeqRange {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  /** MQTT client id; the answer comes on `replayTopic(replyTo)`. */
  readonly replyTo: string
}

export interface ReplayAnswer {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  /** Whole packets as they came from the van, lowest number first. */
  readonly packets: readonly Uint8Array[]
  /** Declared lost by the van. */
  readonly lost: readonly SeqRange[]
  /** True when the range goes on: ask again from after the last number. */
  readonly more: boolean
}

/** A subscriber asks the landing which streams it has, or where the chunks of an object are. */
export interface DirectoryRequest {
  /** null: of all vans. */
  readonly van: string | null
  /** Lower-case hex of the SHA-256 of an object whose chunks are wanted; null: all packets. */
  readonly object: string | null
  /** The last stream of the answer before this one; null: from the beginning. */
  readonly after: StreamPlace | null
  /** MQTT client id; the answer comes on `directoryTopic(replyTo)`. */
  readonly replyTo: string
}

export interface StreamPlace {
  readonly van: string
  readonly epoch: string
  readonly stream: string
}

export interface DirectoryAnswer {
  /** As asked. */
  readonly van: string | null
  readonly object: string | null
  /** In the order of their van, epoch and stream. */
  readonly streams: readonly DirectoryEntry[]
  /** True when there are further streams: ask again with `after`. */
  readonly more: boolean
}

export interface DirectoryEntry extends StreamPlace {
  /** The packets that the landing has: the lowest `directoryRangesMax` ranges. */
  readonly ranges: readonly SeqRange[]
}

const uuid: Field<string> = converted(
  bytes(uuidBytes),
  'a UUID',
  uuidFromBytes,
  (text) => uuidToBytes(text) ?? new Uint8Array(),
)
const van = textThat(isVanName, 'the name of a van')
const stream = textThat((name) => parseStream(name) !== null, 'the name of a stream')
const seqs = { from: uint(), to: uint() }
const range = checked(row<SeqRange>(['from', 'to'], seqs), wrongRange)

function wrongRange({ from, to }: SeqRange): string | null {
  return from <= to ? null : `expected from up to ${to}, found ${from}`
}

function wrongOrder(ranges: readonly SeqRange[]): string | null {
  const index = ranges.findIndex(({ to }, at) => to >= (ranges[at + 1]?.from ?? Infinity))
  return index < 0 ? null : `expected ranges lowest first, found otherwise after range ${index}`
}

function wrongStreams(receipts: readonly StreamReceipt[]): string | null {
  const streams = new Set(receipts.map((receipt) => receipt.stream))
  return streams.size === receipts.length ? null : 'expected each stream once, found one twice'
}

interface Message<T> {
  readonly encode: (message: T) => Uint8Array
  readonly decode: (bytes: Uint8Array) => Decoded<T>
}

/** `encode` throws a RangeError with the reason when `decode` would refuse the message. */
function message<T extends object>(
  name: string,
  fields: Fields<T>,
  check: (message: T) => string | null,
  limitBytes: number = messageLimitBytes,
): Message<T> {
  const version = table<{ readonly v: 1 }>({ v: oneOf([1]) })
  const field = checked(table<T>(fields), check)
  const tooLarge = (length: number) =>
    `${name}: expected at most ${limitBytes} bytes, found ${length}`
  return {
    encode(message) {
      const wire = field.write(message)
      const answer = readField(field, wire, name)
      if (!answer.ok) throw new RangeError(answer.reason)
      const bytes = encodeCbor(new Map([['v', 1], ...(wire as Map<string, unknown>)]))
      if (bytes.length > limitBytes) throw new RangeError(tooLarge(bytes.length))
      return bytes
    },
    decode(bytes) {
      if (bytes.length > limitBytes) return undecoded(tooLarge(bytes.length))
      const raw = decodeCbor(bytes)
      if (!raw.ok) return undecoded(`${name}: ${raw.reason}`)
      const known = readField(version, raw.value, name)
      return known.ok ? readField(field, raw.value, name) : known
    },
  }
}

const nothingElse = (): null => null

const receipt = message<Receipt>(
  'receipt',
  {
    epoch: uuid,
    receipts: checked(
      list(
        row<StreamReceipt>(['stream', 'ranges'], {
          stream,
          ranges: checked(list(range, 1, receiptRangesMax), wrongOrder),
        }),
        0,
        receiptStreamsMax,
      ),
      wrongStreams,
    ),
  },
  nothingElse,
)

const backfill = message<Backfill>('backfill', { epoch: uuid, stream, ...seqs }, wrongRange)

const watch = message<Watch>(
  'watch',
  {
    stream,
    seconds: uint(1, watchSecondsMax),
    packetMs: uint(watchPacketMsMin, watchPacketMsMax),
  },
  nothingElse,
)

const vanState = message<VanState>(
  'state',
  {
    van,
    online: bool,
    epoch: nullable(uuid),
    publicKey: nullable(bytes(32)),
    software: text(labelLimitBytes),
    wallMs: number(),
  },
  nothingElse,
)

const landingState = message<LandingState>(
  'landing state',
  {
    online: bool,
    landing: textThat(isName, 'a name of a-z, 0-9 and dash'),
    startedWallMs: number(),
  },
  nothingElse,
)

const timeRequest = message<TimeRequest>(
  'time request',
  { van, nonce: bytes(timeNonceBytes) },
  nothingElse,
)

const timeAnswer = message<TimeAnswer>(
  'time answer',
  { nonce: bytes(timeNonceBytes), utcMs: uint(), uncertaintyMs: uint() },
  nothingElse,
)

const replayRequest = message<ReplayRequest>(
  'replay request',
  {
    van,
    epoch: uuid,
    stream,
    ...seqs,
    replyTo: textThat(isClientId, '1 to 64 letters, digits, dashes and underscores'),
  },
  wrongRange,
)

const replayAnswer = message<ReplayAnswer>(
  'replay answer',
  {
    van,
    epoch: uuid,
    stream,
    packets: list(bytes(1, packetLimitBytes), 0, replayPacketsMax),
    lost: checked(list(range, 0, replayLostMax), wrongOrder),
    more: bool,
  },
  nothingElse,
  replayAnswerLimitBytes,
)

const hash = converted(bytes(32), '32 bytes', toHex, (hex) => fromHex(hex) ?? new Uint8Array())

const directoryRequest = message<DirectoryRequest>(
  'directory request',
  {
    van: nullable(van),
    object: nullable(hash),
    after: nullable(row<StreamPlace>(['van', 'epoch', 'stream'], { van, epoch: uuid, stream })),
    replyTo: textThat(isClientId, '1 to 64 letters, digits, dashes and underscores'),
  },
  nothingElse,
)

const directoryAnswer = message<DirectoryAnswer>(
  'directory answer',
  {
    van: nullable(van),
    object: nullable(hash),
    streams: list(
      row<DirectoryEntry>(['van', 'epoch', 'stream', 'ranges'], {
        van,
        epoch: uuid,
        stream,
        ranges: checked(list(range, 0, directoryRangesMax), wrongOrder),
      }),
      0,
      directoryStreamsMax,
    ),
    more: bool,
  },
  nothingElse,
)

export const { encode: encodeReceipt, decode: decodeReceipt } = receipt
export const { encode: encodeBackfill, decode: decodeBackfill } = backfill
export const { encode: encodeWatch, decode: decodeWatch } = watch
export const { encode: encodeVanState, decode: decodeVanState } = vanState
export const { encode: encodeLandingState, decode: decodeLandingState } = landingState
export const { encode: encodeTimeRequest, decode: decodeTimeRequest } = timeRequest
export const { encode: encodeTimeAnswer, decode: decodeTimeAnswer } = timeAnswer
export const { encode: encodeReplayRequest, decode: decodeReplayRequest } = replayRequest
export const { encode: encodeReplayAnswer, decode: decodeReplayAnswer } = replayAnswer
export const { encode: encodeDirectoryRequest, decode: decodeDirectoryRequest } = directoryRequest
export const { encode: encodeDirectoryAnswer, decode: decodeDirectoryAnswer } = directoryAnswer
