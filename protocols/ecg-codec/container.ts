/**
 * A waveform packet. Numbers of more than one byte are LEB128 unless it says otherwise.
 *
 *   wave      1x  profile  leads  count  plans  body  CRC
 *   key       1x  profile  leads  count  plans  body  CRC
 *   next      1x  index  [count]                body  CRC
 *
 *   1x        version 1 in the high half; bits 0 and 1: 0 wave, 1 key, 2 next; bit 2: raw body;
 *             bit 3: no count, as it is that of the packet before; 0 but in a next
 *   profile   one byte: 0 light, 1 live, 2 best
 *   leads     one byte, 1 to 64
 *   count     samples of each lead
 *   plans     one entry a lead (plan.ts)
 *   index     one byte: 1 for the packet after the key, and so on; 0 after 255
 *   body      the coded leads: raw (raw.ts) or modelled (core/model.ts); nothing when no lead is
 *             coded or count is 0. A modelled body has at least a byte for each 128 values: zeros
 *             behind it that are never read
 *   CRC       CRC-32C, four bytes, lowest first: of the number of leads and the count as words of
 *             four bytes, then of all samples of the first lead, of the second …, each as a word
 *             (lowest byte first). A next packet continues the CRC of the packet before it.
 *
 * A wave stands for itself. A key begins a chain and a next continues it: the model goes on where
 * the packet before has left it. The index tells a lost packet at once; that a packet belongs to
 * this chain and no other is told by its CRC, which covers all samples since the key.
 */
import { decoded, undecoded } from '../packet/decoded.ts'
import type { Decoded } from '../packet/decoded.ts'
import { ByteReader, ByteWriter } from './bytes-io.ts'
import { crc32cOfWords } from './crc32c.ts'
import { profiles } from './engine.ts'
import type { Engine, Profile } from './engine.ts'
import { samplesPerByteMax, waveLeadsMax, waveSamplesMax } from './limits.ts'
import { codedLeads, readPlans, restoreLeads, writePlans } from './plan.ts'
import type { LeadPlan } from './plan.ts'
import { decodeRaw } from './raw.ts'

const version = 1
const kinds = ['wave', 'key', 'next'] as const
const rawFlag = 0x04
const sameCountFlag = 0x08
const crcBytes = 4

export interface Body {
  readonly raw: boolean
  readonly bytes: Uint8Array
}

/** Of a wave or a key. */
export interface Opening {
  readonly kind: 'wave' | 'key'
  readonly profile: Profile
  readonly plans: readonly LeadPlan[]
}

export interface Continuation {
  readonly kind: 'next'
  /** Modulo 256. */
  readonly index: number
}

export interface Container {
  readonly head: Opening | Continuation
  /** Samples of each lead; null in a continuation: as many as in the packet before. */
  readonly count: number | null
  readonly body: Body
  readonly crc: number
}

export function writeContainer(container: Container): Uint8Array {
  const { head, count, body, crc } = container
  const writer = new ByteWriter()
  const flags = (body.raw ? rawFlag : 0) | (count === null ? sameCountFlag : 0)
  writer.byte((version << 4) | kinds.indexOf(head.kind) | flags)
  if (head.kind === 'next') {
    writer.byte(head.index)
    if (count !== null) writer.unsigned(count)
  } else {
    writer.byte(profiles.indexOf(head.profile))
    writer.byte(head.plans.length)
    writer.unsigned(count ?? 0)
    writePlans(writer, head.plans)
  }
  const tail = new ByteWriter()
  tail.word(crc)
  return writer.finish(body.bytes, tail.finish())
}

/**
 * What a packet asks a reader to make room for, without reading it. Of one that goes on with a
 * chain `leads` is null, and `count` may be: as many as in the packet before. null for what is no
 * packet.
 */
export function sizeOfPacket(
  bytes: Uint8Array,
): { readonly leads: number | null; readonly count: number | null } | null {
  const container = readContainer(bytes)
  if (!container.ok) return null
  const { head, count } = container.value
  return { leads: head.kind === 'next' ? null : head.plans.length, count }
}

/** Everything but the samples, which `readBody` gives. */
export function readContainer(bytes: Uint8Array): Decoded<Container> {
  const reader = new ByteReader(bytes)
  const first = reader.byte()
  const kind = kinds[first & 0x03]
  const isSameCount = (first & sameCountFlag) !== 0
  if (reader.failed) return undecoded('wave: no bytes')
  if (first >> 4 !== version || kind === undefined || (isSameCount && kind !== 'next')) {
    return undecoded(`wave: expected a first byte of version ${version}, found ${first}`)
  }
  const head = kind === 'next' ? readContinuation(reader, isSameCount) : readOpening(reader, kind)
  if (!head.ok) return head
  const { count } = head.value
  const body = reader.takeAllBut(crcBytes)
  const crc = reader.word()
  if (reader.failed) return undecoded(`wave: cut off at ${bytes.length} bytes`)
  return decoded({
    head: head.value.head,
    count,
    body: { raw: (first & rawFlag) !== 0, bytes: body },
    crc,
  })
}

function readOpening(
  reader: ByteReader,
  kind: 'wave' | 'key',
): Decoded<{ head: Opening; count: number }> {
  const profile = profiles[reader.byte()]
  const leads = reader.byte()
  const count = reader.unsigned()
  if (reader.failed) return undecoded('wave: cut off in the head')
  if (profile === undefined) return undecoded('wave: unknown profile')
  if (leads < 1 || leads > waveLeadsMax) {
    return undecoded(`wave: expected 1 to ${waveLeadsMax} leads, found ${leads}`)
  }
  const plans = readPlans(reader, leads)
  if (plans === null) return undecoded('wave: malformed plan of a lead')
  return decoded({ head: { kind, profile, plans }, count })
}

function readContinuation(
  reader: ByteReader,
  isSameCount: boolean,
): Decoded<{ head: Continuation; count: number | null }> {
  const index = reader.byte()
  const count = isSameCount ? null : reader.unsigned()
  if (reader.failed) return undecoded('wave: cut off in the head')
  return decoded({ head: { kind: 'next', index }, count })
}

/** Whether a body may be decoded at all: nothing is allocated or modelled before this is asked. */
export function checkBody(
  { body }: Container,
  plans: readonly LeadPlan[],
  count: number,
): string | null {
  if (count * plans.length > waveSamplesMax) {
    return `wave: expected at most ${waveSamplesMax} samples, found ${count * plans.length}`
  }
  const coded = codedLeads(plans) * count
  if (!body.raw && coded > body.bytes.length * samplesPerByteMax) {
    return `wave: ${body.bytes.length} bytes are too few for ${coded} samples`
  }
  if (coded === 0 && body.bytes.length > 0) return 'wave: a body where nothing is coded'
  return null
}

/** With what a body is read. `crc` is that of the packet before, or 0. */
export interface Reading {
  readonly plans: readonly LeadPlan[]
  readonly engine: Engine | null
  readonly count: number
  readonly crc: number
}

/** The samples of a checked body. The engine is moved on by a raw body too. */
export function readBody(
  container: Container,
  { plans, engine, count, crc: crcBefore }: Reading,
): Decoded<readonly Int32Array[]> {
  const { body } = container
  const coded = codedLeads(plans)
  const values = body.raw
    ? decodeRaw(body.bytes, coded, count)
    : (engine?.decode(body.bytes, count) ?? new Int32Array(coded * count))
  if (values === null) return undecoded('wave: malformed raw body')
  if (body.raw) engine?.encode(values, count)
  const leads = restoreLeads(plans, values, count)
  if (leads === null) return undecoded('wave: a sample of more than 32 bits')
  const crc = crcOf(leads, crcBefore)
  if (crc !== container.crc) {
    return undecoded(`wave: expected CRC ${hex(container.crc)}, found ${hex(crc)}`)
  }
  return decoded(leads)
}

export function crcOf(leads: readonly Int32Array[], before: number): number {
  let crc = crc32cOfWords(Int32Array.of(leads.length, leads[0]?.length ?? 0), before)
  for (const lead of leads) crc = crc32cOfWords(lead, crc)
  return crc
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
