import * as fc from 'fast-check'
import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import { zstdCompressSync } from 'node:zlib'
import { recordOf } from '../../test/wire/arbitraries.ts'
import { holds } from '../../test/wire/holds.ts'
import {
  openTools,
  sealTools,
  sha256,
  testPublicKey,
  verifyEd25519,
} from '../../test/wire/node-tools.ts'
import { chunkOrder, recordsOrder } from '../../test/wire/orders.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { encodeRecords, mergeWaveforms } from './body.ts'
import { toHex } from './hex.ts'
import { bodyLimitBytes, packetLimitBytes, recordLimitBytes } from './limits.ts'
import { encodeHeader, encodePacket } from './packet.ts'
import type { PacketHeader } from './packet.ts'
import type { Waveform } from './record.ts'
import { followsHeader, openPacket, sealPacket, strangerOn, verifySignature } from './seal.ts'
import type { SealedPacket, SealOrder } from './seal.ts'
import { streamFor, upTopic } from './topics.ts'

const { event, measurement, waveform, clock } = sampleRecords
const object = Uint8Array.from({ length: 150_000 }, (_, index) => (index * 7) % 251)
const objectHash = toHex(sha256(object))

/** The packet with another header or body, as somebody would send it who is not our sealer. */
function forged(
  sealed: SealedPacket,
  header: Partial<PacketHeader>,
  body: Uint8Array = sealed.body,
): Uint8Array {
  const headerBytes = encodeHeader({ ...sealed.header, ...header })
  return encodePacket({ header: headerBytes, body, signature: sealed.signature })
}

function reasonOf(bytes: Uint8Array): string | null {
  const opened = openPacket(bytes, openTools)
  return opened.ok ? null : opened.reason
}

t.test('seal: a packet of each kind opens to what was sealed', async (t) => {
  for (const record of Object.values(sampleRecords)) {
    const ofVan = ['clock', 'loss', 'device', 'patient', 'visit', 'order', 'identity', 'procedure']
    const device = ofVan.includes(record.kind) ? 'van' : 'dev-1'
    const sealed = sealPacket(recordsOrder(streamFor(device, record.kind), [record]), sealTools)
    const { header, headerBytes, signature } = sealed
    const content = { kind: 'records', records: [record] }
    t.strictSame(openPacket(sealed.bytes, openTools), {
      ok: true,
      value: { header, headerBytes, signature, content },
    })
  }
})

t.test('seal: any records of a stream open to the same records, joined', async (t) => {
  const some = fc.oneof(
    fc.array(recordOf('measurement'), { minLength: 1, maxLength: 5 }),
    fc.array(recordOf('waveform'), { minLength: 1, maxLength: 5 }),
  )
  const property = fc.property(some, fc.nat(), (records, seq) => {
    const kind = records[0]?.kind ?? 'event'
    const previousHeader = seq === 0 ? null : Uint8Array.of(1)
    const order = recordsOrder(`a/${kind}`, records, { seq, previousHeader })
    const opened = openPacket(sealPacket(order, sealTools).bytes, openTools)
    const content = { kind: 'records', records: mergeWaveforms(records) }
    return opened.ok && isDeepStrictEqual(opened.value.content, content)
  })
  holds(t, 'any records', property, { numRuns: 200 })
})

t.test('seal: the header says when the earliest and the latest record began', async (t) => {
  const records = [
    { ...measurement, atMs: 500, utcMs: null, uncertaintyMs: null },
    { ...measurement, atMs: 300 },
    { ...measurement, atMs: 900 },
  ]
  const { header } = sealPacket(recordsOrder('bp-1/measurement', records), sealTools)
  t.equal(header.firstMs, 300)
  t.equal(header.lastMs, 900)
  t.strictSame(header.utc, { utcMs: measurement.utcMs, uncertaintyMs: measurement.uncertaintyMs })
  const late = sealPacket(recordsOrder('bp-1/measurement', records.slice(0, 1)), sealTools)
  t.equal(late.header.utc, null)
  const joined = [waveform, { ...waveform, firstSample: 5_006, atMs: 60_012.5 }]
  const wave = sealPacket(recordsOrder('ecg-1/waveform', joined), sealTools)
  t.equal(wave.header.recordCount, 1)
  t.equal(wave.header.lastMs, 60_012.5)
})

t.test('seal: chunks of an object open to its bytes', async (t) => {
  const opened: Uint8Array[] = []
  let before: Uint8Array | null = null
  for (let offset = 0; offset < object.length; offset += 65_536) {
    const choice = { object, sha256: objectHash, offset, chunkBytes: 65_536 }
    const seq = offset / 65_536
    const order = chunkOrder('us-1/object', choice, { seq, previousHeader: before, signed: false })
    const sealed = sealPacket(order, sealTools)
    before = sealed.headerBytes
    const packet = openPacket(sealed.bytes, openTools)
    if (!packet.ok || packet.value.content.kind !== 'chunk') throw new Error('no chunk')
    t.strictSame(packet.value.content.place, { sha256: objectHash, offset, totalBytes: 150_000 })
    t.equal(packet.value.signature, null)
    opened.push(packet.value.content.bytes)
  }
  t.equal(opened.length, 3)
  t.strictSame(new Uint8Array(Buffer.concat(opened)), object)
})

t.test(
  'seal: a body within its limit fits a packet, also when nothing can be compressed',
  async (t) => {
    let state = 1
    const noise = Int32Array.from({ length: 49_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return state
    })
    const wave: Waveform = { ...waveform, leads: waveform.leads.slice(0, 1), samples: [noise] }
    const over = encodeRecords([wave]).length - recordLimitBytes
    const samples = [noise.subarray(0, noise.length - Math.ceil(Math.max(over, 0) / 4))]
    const sealed = sealPacket(recordsOrder('ecg-1/waveform', [{ ...wave, samples }]), sealTools)
    t.ok(
      sealed.header.sizeBytes > bodyLimitBytes - 5_000,
      `${sealed.header.sizeBytes} bytes of noise`,
    )
    t.ok(sealed.bytes.length <= packetLimitBytes, `${sealed.bytes.length} bytes of packet`)
    t.equal(reasonOf(sealed.bytes), null)
    // What zstd makes of noise at the very limit, with the largest header there is.
    const worst = zstdCompressSync(
      Buffer.from(
        Int32Array.from({ length: bodyLimitBytes / 4 }, (_, index) =>
          Math.imul(index + 1, 0x9e37_79b1),
        ).buffer,
      ),
    )
    t.ok(worst.length + 1_024 + 64 + 16 <= packetLimitBytes, `${worst.length} bytes of zstd`)
  },
)

t.test('seal: the first and every chained packet verify', async (t) => {
  const first = sealPacket(recordsOrder('bp-1/event', [event]), sealTools)
  const order = recordsOrder('bp-1/event', [event, event], {
    seq: 1,
    previousHeader: first.headerBytes,
  })
  const second = sealPacket(order, sealTools)
  t.strictSame(first.header.prev, new Uint8Array(16))
  t.equal(toHex(second.header.prev), toHex(sha256(first.headerBytes)).slice(0, 32))
  t.equal(followsHeader(second.headerBytes, first.headerBytes, sha256), true)
  for (const packet of [first, second]) {
    t.equal(verifySignature(packet, testPublicKey, verifyEd25519), true)
  }
  const exchanged = { ...second, signature: first.signature }
  t.equal(verifySignature(exchanged, testPublicKey, verifyEd25519), false)
  t.equal(verifySignature({ ...first, signature: null }, testPublicKey, verifyEd25519), false)
  t.equal(verifySignature(first, testPublicKey.slice(1), verifyEd25519), false)
  t.equal(verifySignature(first, new Uint8Array(32), verifyEd25519), false)
})

t.test('seal: only the direct successor in the same stream follows', async (t) => {
  const first = sealPacket(recordsOrder('bp-1/event', [event]), sealTools)
  const next = { seq: 1, previousHeader: first.headerBytes }
  const good = sealPacket(recordsOrder('bp-1/event', [event], next), sealTools)
  const wrong: readonly (readonly [string, Partial<PacketHeader>])[] = [
    ['another number', { seq: 2 }],
    ['another van', { van: 'van-03' }],
    ['another epoch', { epoch: first.header.boot }],
    ['another stream', { stream: 'bp-2/event' }],
    ['another hash', { prev: new Uint8Array(16).fill(9) }],
  ]
  for (const [name, change] of wrong) {
    const headerBytes = encodeHeader({ ...good.header, ...change })
    t.equal(followsHeader(headerBytes, first.headerBytes, sha256), false, name)
  }
  t.equal(followsHeader(good.headerBytes, good.headerBytes, sha256), false)
  t.equal(followsHeader(good.headerBytes, Uint8Array.of(1), sha256), false)
  t.equal(followsHeader(Uint8Array.of(1), first.headerBytes, sha256), false)
})

function seal(order: SealOrder): () => void {
  return () => sealPacket(order, sealTools)
}

t.test('seal: an order that breaks a rule is refused before anything is written', async (t) => {
  t.throws(seal(recordsOrder('bp-1/event', [])), /at least one/)
  t.throws(
    seal(recordsOrder('bp-1/event', [measurement])),
    /stream bp-1\/event, found a record of kind measurement/,
  )
  t.throws(seal(recordsOrder('bp-1/object', [measurement])), /found a record of kind measurement/)
  t.throws(seal(recordsOrder('van/clock', [event])), /found a record of kind event/)
  t.throws(seal(recordsOrder('bp-1/event', [event], { seq: 4 })), /header of packet 3/)
  t.throws(
    seal(recordsOrder('bp-1/event', [event], { previousHeader: Uint8Array.of(1) })),
    /must come/,
  )
  t.throws(seal(recordsOrder('bp-1/event', [event], { van: 'Van' })), /header.van/)
  t.throws(seal(recordsOrder('bp-1/event', [event], { visit: 'Budi Santoso' })), /header.visit/)
  t.throws(seal(recordsOrder('bp-1/event', [{ ...event, atMs: -1 }])), /atMs/)
  const choice = { object, sha256: objectHash, offset: 0, chunkBytes: 65_537 }
  t.throws(seal(chunkOrder('us-1/object', choice)), /chunk of at most 65536/)
  t.throws(seal(chunkOrder('us-1/image', { ...choice, chunkBytes: 10 })), /object stream/)
  t.equal(sealPacket(recordsOrder('van/clock', [clock]), sealTools).header.recordCount, 1)
})

t.test('open: a body that is not what the header says is refused', async (t) => {
  const sealed = sealPacket(recordsOrder('bp-1/measurement', [measurement]), sealTools)
  const { sizeBytes } = sealed.header
  const other = encodeRecords([{ ...measurement, simulated: false }])
  const digest = new Uint8Array(sha256(other).subarray(0, 16))
  const packed = new Uint8Array(zstdCompressSync(other))
  t.equal(other.length, sizeBytes)
  t.match(reasonOf(forged(sealed, {}, packed)), /^body: expected the digest/)
  t.equal(reasonOf(forged(sealed, { digest }, packed)), null)
  t.match(
    reasonOf(forged(sealed, { sizeBytes: sizeBytes + 1 })),
    /^body: expected \d+ bytes, found \d+$/,
  )
  t.match(
    reasonOf(forged(sealed, { sizeBytes: sizeBytes - 1 })),
    /^body: expected zstd of \d+ bytes, found: /,
  )
  t.match(reasonOf(forged(sealed, {}, Uint8Array.of(1, 2, 3))), /^body: expected zstd/)
  t.match(reasonOf(forged(sealed, {}, sealed.body.slice(0, -3))), /^body: expected zstd/)
  t.match(reasonOf(forged(sealed, { recordCount: 2 })), /^body: expected 2 records, found 1$/)
  t.match(
    reasonOf(forged(sealed, { stream: 'bp-1/event' })),
    /stream bp-1\/event, found a record of kind measurement/,
  )
  t.match(reasonOf(forged(sealed, { firstMs: 0, lastMs: 1 })), /atMs from 0 to 1, found 61234/)
})

t.test('open: a small packet cannot become a large body', async (t) => {
  const sealed = sealPacket(recordsOrder('bp-1/event', [event]), sealTools)
  const bomb = new Uint8Array(zstdCompressSync(new Uint8Array(50_000_000)))
  t.ok(bomb.length < 10_000)
  t.match(
    reasonOf(forged(sealed, { sizeBytes: bodyLimitBytes }, bomb)),
    /^body: expected zstd of 245760 bytes/,
  )
})

t.test('open: a chunk that is not what the header says is refused', async (t) => {
  const choice = { object, sha256: objectHash, offset: 0, chunkBytes: 1_000 }
  const sealed = sealPacket(chunkOrder('us-1/object', choice), sealTools)
  t.match(
    reasonOf(forged(sealed, {}, object.slice(0, 999))),
    /^body: expected 1000 bytes, found 999/,
  )
  t.match(reasonOf(forged(sealed, {}, object.slice(1, 1_001))), /^body: expected the digest/)
})

t.test('open: a packet belongs on the topic of its van and stream', async (t) => {
  const { header } = sealPacket(recordsOrder('bp-1/event', [event]), sealTools)
  t.equal(strangerOn(upTopic('van-02', 'bp-1/event'), header), null)
  t.match(strangerOn(upTopic('van-03', 'bp-1/event'), header), /of its topic/)
  t.match(strangerOn(upTopic('van-02', 'bp-2/event'), header), /of its topic/)
  t.match(strangerOn('simpul/v1/van-02/state', header), /of its topic/)
})
