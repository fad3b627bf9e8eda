/**
 * The golden examples of the wire, as docs/test-vectors holds them. Bytes are lower-case hex,
 * samples are lists of numbers, everything else is as the types of protocols/packet say.
 */
import { zstdCompressSync } from 'node:zlib'
import { encodeRecords } from '../../protocols/packet/body.ts'
import { decodeCbor, encodeCbor } from '../../protocols/packet/cbor.ts'
import { toHex } from '../../protocols/packet/hex.ts'
import { encodePacket } from '../../protocols/packet/packet.ts'
import type { Record, Waveform } from '../../protocols/packet/record.ts'
import { openPacket, sealPacket, shortHash } from '../../protocols/packet/seal.ts'
import type { OpenedPacket, SealedPacket, SealOrder } from '../../protocols/packet/seal.ts'
import { streamFor, upTopic } from '../../protocols/packet/topics.ts'
import { openTools, sealTools, sha256, testPublicKey, testSeed } from './node-tools.ts'
import { WavePacker } from '../../protocols/packet/wave-packer.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import { chunkOrder, recordsOrder, wavesOrder } from './orders.ts'
import { sampleMessages } from './sample-messages.ts'
import { laboratoryResult, sampleRecords, vanKinds } from './samples.ts'

/** What JSON cannot hold, written so that a person and another language can read it. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Int32Array) return [...value]
  if (Array.isArray(value)) return value.map(toJson)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]))
}

interface Named {
  readonly name: string
  readonly sealed: SealedPacket
}

/** A stream of packets, each the successor of the one before. */
function chained(name: string, orders: readonly SealOrder[]): Named[] {
  let previousHeader: Uint8Array | null = null
  return orders.map((order, seq) => {
    const sealed = sealPacket({ ...order, seq, previousHeader }, sealTools)
    previousHeader = sealed.headerBytes
    return { name: `${name} ${seq}`, sealed }
  })
}

function oneOfEach(): Named[] {
  return Object.values<Record>(sampleRecords).map((record) => {
    const device = vanKinds.includes(record.kind) ? 'van' : 'dev-1'
    const order = recordsOrder(streamFor(device, record.kind), [record])
    return { name: record.kind, sealed: sealPacket(order, sealTools) }
  })
}

function laboratory(): Named[] {
  const order = recordsOrder('lab-1/measurement', [laboratoryResult])
  return [{ name: 'laboratory result', sealed: sealPacket(order, sealTools) }]
}

function block(firstSample: number, length: number): Waveform {
  const wave = (index: number) => Math.round(400 * Math.sin((firstSample + index) / 8))
  const { leads } = sampleRecords.waveform
  return {
    ...sampleRecords.waveform,
    atMs: 60_000 + firstSample * 2,
    utcMs: 1_758_873_600_000 + firstSample * 2,
    firstSample,
    leads: leads.slice(0, 1),
    samples: [Int32Array.from({ length }, (_, index) => wave(index))],
  }
}

/** Two blocks that were joined, then a gap of ten samples between packets, then a visit. */
function ecg(): Named[] {
  const quiet = { class: 5, signed: false } as const
  const stream = 'ecg-1/waveform'
  return chained('chain', [
    recordsOrder(stream, [block(0, 25), block(25, 25)], { class: 5 }),
    recordsOrder(stream, [block(60, 25)], quiet),
    recordsOrder(stream, [block(85, 25)], { ...quiet, class: 1, visit: 'v-7Q2' }),
  ])
}

/** A chain: its key, what goes on with it, and after a gap what is begun anew within it. */
function waves(): Named[] {
  const stream = 'ecg-1/waveform'
  const packer = new WavePacker()
  const live = { class: 1, signed: false } as const
  return chained('waves', [
    wavesOrder(stream, packer, [block(0, 125), block(125, 125)], { class: 1, keyDistance: 0 }),
    wavesOrder(stream, packer, [block(250, 125)], { ...live, keyDistance: 1 }),
    wavesOrder(stream, packer, [block(375, 25), block(410, 25)], { ...live, keyDistance: 2 }),
  ])
}

/** A document of 100 bytes in chunks of 40. */
function largeObject(): Named[] {
  const object = Uint8Array.from({ length: 100 }, (_, index) => (index * 7) % 256)
  const hash = toHex(sha256(object))
  const manifest: Record = {
    ...sampleRecords.document,
    object: { sha256: hash, sizeBytes: 100, mediaType: 'application/pdf', chunkBytes: 40 },
  }
  const chunks = [0, 40, 80].map((offset) =>
    chunkOrder('spiro-1/object', { object, sha256: hash, offset, chunkBytes: 40 }, { class: 2 }),
  )
  return [
    ...chained('manifest', [recordsOrder('spiro-1/document', [manifest])]),
    ...chained('chunk', chunks),
  ]
}

/** The body after decompression, and its records; `reader` has read the chain so far. */
export function saidBy(
  { header, content }: OpenedPacket,
  reader: WaveReader,
): { readonly body: Uint8Array; readonly records: readonly Record[] | null } {
  if (content.kind === 'chunk') return { body: content.bytes, records: null }
  if (content.kind === 'records') {
    return { body: encodeRecords(content.records), records: content.records }
  }
  const waves = reader.read(header, content.body)
  if (!waves.ok) throw new Error(waves.reason)
  return { body: content.body, records: waves.value }
}

export function packetVectors(): object {
  const reader = new WaveReader()
  const packets = [...oneOfEach(), ...laboratory(), ...ecg(), ...waves(), ...largeObject()].map(
    ({ name, sealed }) => {
      const opened = openPacket(sealed.bytes, openTools)
      if (!opened.ok) throw new Error(`${name}: ${opened.reason}`)
      const { header } = opened.value
      return {
        name,
        topic: upTopic(header.van, header.stream),
        packet: sealed.bytes,
        headerBytes: sealed.headerBytes,
        signature: sealed.signature,
        header,
        ...saidBy(opened.value, reader),
      }
    },
  )
  const about =
    'packet is what travels; headerBytes and signature are its parts, body is its body after ' +
    'decompression; header and records are what they say. seed and publicKey are raw Ed25519.'
  return { about, seed: toHex(testSeed), publicKey: toHex(testPublicKey), packets: toJson(packets) }
}

export function messageVectors(): object {
  return {
    about: 'message is what travels on the topic, decoded is what it says.',
    messages: toJson(
      sampleMessages.map(({ name, topic, bytes, message }) => ({
        name,
        topic,
        message: bytes,
        decoded: message,
      })),
    ),
  }
}

type Wire = Map<unknown, unknown>

function wireOf(bytes: Uint8Array): unknown {
  const answer = decodeCbor(bytes)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.value
}

/** A packet whose body is as given, whose header fits it, and whose header is then changed. */
function forged(record: Record, body: Uint8Array, change: (header: Wire) => void): Uint8Array {
  const stream = streamFor(vanKinds.includes(record.kind) ? 'van' : 'dev-1', record.kind)
  const sealed = sealPacket(recordsOrder(stream, [record], { signed: false }), sealTools)
  const header = wireOf(sealed.headerBytes) as Wire
  header.set(9, shortHash(body, sha256))
  header.set(10, body.length)
  change(header)
  const packed = new Uint8Array(zstdCompressSync(body))
  return encodePacket({ header: encodeCbor(header), body: packed, signature: null })
}

function withHeader(change: (header: Wire) => void): Uint8Array {
  return forged(sampleRecords.event, encodeRecords([sampleRecords.event]), change)
}

function withRecord(record: Record, change: (wire: Wire) => void): Uint8Array {
  const [wire] = wireOf(encodeRecords([record])) as [Wire]
  change(wire)
  return forged(record, encodeCbor([wire]), () => {})
}

/** `bytes` with one place replaced; each character of the texts is one byte. */
function exchanged(bytes: Uint8Array, found: string, instead: string): Uint8Array {
  const parts = Buffer.from(bytes).toString('latin1').split(found)
  if (parts.length !== 2) throw new Error(`${JSON.stringify(found)} is not there once`)
  return new Uint8Array(Buffer.from(parts.join(instead), 'latin1'))
}

/** A measurement whose body is changed below the level of CBOR. */
function withBytes(found: string, instead: string): Uint8Array {
  const { measurement } = sampleRecords
  return forged(measurement, exchanged(encodeRecords([measurement]), found, instead), () => {})
}

function withTwoKeysExchanged(): Uint8Array {
  const [header, body] = wireOf(withHeader(() => {})) as [Uint8Array, Uint8Array, null]
  const changed = exchanged(header, '\x01\x01\x02fvan-02', '\x02fvan-02\x01\x01')
  return encodeCbor([changed, body, null])
}

function refusedPackets(): readonly (readonly [string, Uint8Array])[] {
  const { event, measurement, waveform, document } = sampleRecords
  const good = withHeader(() => {})
  const cut = Uint8Array.of(0x02, 0x80)
  return [
    ['a byte behind the end', Uint8Array.from([...good, 0])],
    ['cut off', good.slice(0, -1)],
    ['version 2', withHeader((header) => header.set(1, 2))],
    ['header keys out of order', withTwoKeysExchanged()],
    ['a van called landing', withHeader((header) => header.set(2, 'landing'))],
    ['an unknown kind of stream', withHeader((header) => header.set(4, 'dev-1/gossip'))],
    ['prev of the first packet is not zeros', withHeader((header) => header.set(6, ones16()))],
    ['class 7', withHeader((header) => header.set(7, 7))],
    ['a chunk in a stream of events', withHeader((header) => header.set(8, 2))],
    ['another digest', withHeader((header) => header.set(9, ones16()))],
    ['a body larger than announced', withHeader((header) => header.set(10, 20))],
    ['a body smaller than announced', withHeader((header) => header.set(10, 5_000))],
    ['more records than announced', withHeader((header) => header.set(11, 2))],
    ['a record outside of the times', withHeader((header) => header.set(13, [0, 1]))],
    ['a record of another kind of stream', withHeader((header) => header.set(4, 'dev-1/document'))],
    ['a bomb', forged(event, new Uint8Array(1_000_000), (header) => header.set(10, 245_760))],
    ['an integer not in its shortest form', withBytes('minute\x04', 'minute\x18\x04')],
    ['a tag', withBytes('minute\x04', 'minute\xc1\x04')],
    ['a list of unknown length', withBytes('values\x83', 'values\x9f')],
    ['the same key twice', withBytes('datMs', 'dkind')],
    ['NaN as a value', withBytes('\xf9\x54\xc8', '\xf9\x7e\x00')],
    ['broken UTF-8', withBytes('dewasa', 'dewas\xc3')],
    [
      'a missing unit',
      withRecord(measurement, (wire) => (wire.get('values') as Wire[])[0]?.delete('unit')),
    ],
    ['UTC without uncertainty', withRecord(event, (wire) => wire.set('uncertaintyMs', null))],
    ['an unknown level', withRecord(event, (wire) => wire.set('level', 'panic'))],
    [
      'a hash in capitals',
      withRecord(document, (wire) => (wire.get('object') as Wire).set('sha256', 'AB'.repeat(32))),
    ],
    ['a sample that is cut off', withRecord(waveform, (wire) => wire.set('samples', [cut, cut]))],
    [
      'leads of different length',
      withRecord(waveform, (wire) => wire.set('samples', [Uint8Array.of(0), Uint8Array.of(0, 0)])),
    ],
  ]
}

function ones16(): Uint8Array {
  return new Uint8Array(16).fill(1)
}

export function refusedVectors(): object {
  const packets = refusedPackets().map(([name, packet]) => {
    const opened = openPacket(packet, openTools)
    if (opened.ok) throw new Error(`${name}: opened`)
    return { name, packet: toHex(packet), reason: opened.reason }
  })
  const about =
    'Packets that a reader refuses. The reason is in our words, the refusal is the rule.'
  return { about, packets }
}

/** By the name of the file. */
export const vectorFiles: { readonly [file: string]: () => object } = {
  'packets.json': packetVectors,
  'messages.json': messageVectors,
  'refused.json': refusedVectors,
}
