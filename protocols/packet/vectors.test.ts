/**
 * docs/test-vectors is what another implementation is written against. It must say what the code
 * does, and what is in it must be what the generator makes today. Only the work of zstd may differ,
 * because another version of it may compress otherwise.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openTools, sha256, verifyEd25519 } from '../../test/wire/node-tools.ts'
import { sampleMessages } from '../../test/wire/sample-messages.ts'
import { saidBy, toJson, vectorFiles } from '../../test/wire/vectors.ts'

import { fromHex, toHex } from './hex.ts'
import { followsHeader, openPacket, strangerOn, verifySignature } from './seal.ts'
import type { OpenedPacket } from './seal.ts'
import { WaveReader } from './wave-reader.ts'

interface PacketVector {
  readonly name: string
  readonly topic: string
  readonly packet: string
  readonly headerBytes: string
  readonly body: string
  readonly signature: string | null
  readonly header: { readonly epoch: string; readonly stream: string; readonly seq: number }
  readonly records: unknown
}

interface PacketFile {
  readonly publicKey: string
  readonly packets: readonly PacketVector[]
}

interface MessageFile {
  readonly messages: readonly {
    readonly name: string
    readonly message: string
    readonly decoded: unknown
  }[]
}

interface RefusedFile {
  readonly packets: readonly {
    readonly name: string
    readonly packet: string
    readonly reason: string
  }[]
}

function stored(file: string): unknown {
  const path = join(import.meta.dirname, '../../docs/test-vectors', file)
  return JSON.parse(readFileSync(path, 'utf8'))
}

const { packets, publicKey } = stored('packets.json') as PacketFile
const { messages } = stored('messages.json') as MessageFile
const refused = (stored('refused.json') as RefusedFile).packets

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === null) throw new Error('not hex')
  return bytes
}

function opened(vector: PacketVector): OpenedPacket {
  const packet = openPacket(bytesOf(vector.packet), openTools)
  if (!packet.ok) throw new Error(`${vector.name}: ${packet.reason}`)
  return packet.value
}

t.test('vectors: every packet opens to what stands beside it', async (t) => {
  const reader = new WaveReader()
  for (const vector of packets) {
    const { content, header, headerBytes, signature } = opened(vector)
    t.strictSame(toJson(header), vector.header, vector.name)
    t.equal(toHex(headerBytes), vector.headerBytes)
    t.equal(signature === null ? null : toHex(signature), vector.signature)
    t.equal(strangerOn(vector.topic, header), null)
    const { body, records } = saidBy({ header, headerBytes, signature, content }, reader)
    t.equal(toHex(body), vector.body)
    t.strictSame(toJson(records), vector.records)
  }
})

t.test('vectors: signatures and chains hold', async (t) => {
  const signed = packets.filter((vector) => vector.signature !== null)
  for (const vector of signed) {
    t.equal(verifySignature(opened(vector), bytesOf(publicKey), verifyEd25519), true, vector.name)
  }
  t.ok(signed.length > 8 && signed.length < packets.length)
  for (const [index, vector] of packets.entries()) {
    if (vector.header.seq === 0) continue
    const before = packets[index - 1]?.headerBytes ?? ''
    t.equal(followsHeader(bytesOf(vector.headerBytes), bytesOf(before), sha256), true, vector.name)
  }
})

t.test('vectors: the chunks make the object that the manifest names', async (t) => {
  const chunks = packets.filter((vector) => vector.header.stream.endsWith('/object'))
  const manifest = packets.find((vector) => vector.name === 'manifest 0')
  const whole = bytesOf(chunks.map((vector) => vector.body).join(''))
  t.equal(chunks.length, 3)
  t.match(manifest?.records, [
    { object: { sha256: toHex(sha256(whole)), sizeBytes: whole.length } },
  ])
})

t.test('vectors: every message decodes to what stands beside it', async (t) => {
  t.equal(messages.length, sampleMessages.length)
  for (const [index, { name, message, decoded }] of messages.entries()) {
    const answer = sampleMessages[index]?.decode(bytesOf(message))
    t.strictSame(answer?.ok && toJson(answer.value), decoded, name)
  }
})

t.test('vectors: every broken packet is refused for its reason', async (t) => {
  t.ok(refused.length >= 25)
  for (const { name, packet, reason } of refused) {
    t.strictSame(openPacket(bytesOf(packet), openTools), { ok: false, reason }, name)
  }
})

/** Leaves out whole packets, which hold what zstd made. */
function withoutPackets(file: unknown): unknown {
  return JSON.parse(
    JSON.stringify(file, (key, value: unknown) => (key === 'packet' ? undefined : value)),
  )
}

t.test('vectors: are what the generator makes today', async (t) => {
  for (const [file, make] of Object.entries(vectorFiles)) {
    const hint = `${file}: node test/wire/write-vectors.ts && npx oxfmt docs/test-vectors`
    t.strictSame(withoutPackets(stored(file)), withoutPackets(make()), hint)
  }
})
