import * as fc from 'fast-check'
import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import { bytesOf, seq, stream, uuid, vanName } from '../../test/wire/arbitraries.ts'
import { holds } from '../../test/wire/holds.ts'
import { boot, epoch } from '../../test/wire/samples.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { toHex } from './hex.ts'
import { bodyLimitBytes, chunkLimitBytes, headerLimitBytes, packetLimitBytes } from './limits.ts'
import {
  decodeHeader,
  decodePacket,
  encodeHeader,
  encodePacket,
  headerKeys,
  signedBytes,
} from './packet.ts'
import type { PacketHeader } from './packet.ts'

const header: PacketHeader = {
  version: 1,
  van: 'van-02',
  epoch,
  stream: 'ecg-1/waveform',
  seq: 41,
  prev: new Uint8Array(16).fill(1),
  class: 5,
  codec: 'records',
  digest: new Uint8Array(16).fill(2),
  sizeBytes: 900,
  recordCount: 3,
  boot,
  firstMs: 60_000.5,
  lastMs: 61_234,
  utc: { utcMs: 1_758_873_600_000, uncertaintyMs: 40 },
  visit: 'v-7Q2',
  chunk: null,
}

const chunk: PacketHeader = {
  ...header,
  stream: 'us-1/object',
  codec: 'chunk',
  recordCount: 0,
  sizeBytes: 1_000,
  chunk: { sha256: 'ab'.repeat(32), offset: 65_536, totalBytes: 66_536 },
}

const waves: PacketHeader = { ...header, seq: 1, codec: 'waves', keyDistance: 1 }

const anyHeader: fc.Arbitrary<PacketHeader> = fc
  .record({
    van: vanName,
    epoch: uuid,
    stream,
    seq,
    prev: bytesOf(16),
    class: fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
    digest: bytesOf(16),
    boot: uuid,
    times: fc.tuple(fc.maxSafeNat(), fc.double({ min: 0, max: 1e9, noNaN: true })),
    utc: fc.option(fc.record({ utcMs: fc.integer(), uncertaintyMs: fc.nat() })),
    visit: fc.option(fc.stringMatching(/^[!-~]{1,64}$/)),
    size: fc.integer({ min: 1, max: chunkLimitBytes }),
    place: fc.tuple(fc.stringMatching(/^[0-9a-f]{64}$/), fc.nat(), fc.nat()),
  })
  .map((parts) => {
    const { times, size, place, ...rest } = structuredClone(parts)
    const [sha256, offset, beyond] = place
    const isChunk = rest.stream.endsWith('/object')
    return {
      version: 1,
      ...rest,
      prev: rest.seq === 0 ? new Uint8Array(16) : rest.prev,
      codec: isChunk ? 'chunk' : 'records',
      sizeBytes: size,
      recordCount: isChunk ? 0 : 1 + (size % 4_096),
      firstMs: Math.min(...times),
      lastMs: Math.max(...times),
      chunk: isChunk ? { sha256, offset, totalBytes: offset + size + beyond } : null,
    }
  })

function refused(
  header: PacketHeader,
  change: (wire: Map<unknown, unknown>) => void,
): string | null {
  const answer = decodeCbor(encodeHeader(header))
  if (!answer.ok) throw new Error(answer.reason)
  const wire = answer.value as Map<unknown, unknown>
  change(wire)
  const decoded = decodeHeader(encodeCbor(wire))
  return decoded.ok ? null : decoded.reason
}

t.test('packet: any header comes back as it went', async (t) => {
  const property = fc.property(anyHeader, (header) =>
    isDeepStrictEqual(decodeHeader(encodeHeader(header)), { ok: true, value: { ...header } }),
  )
  holds(t, 'any header', property, { numRuns: 1_000 })
})

t.test('packet: the header is a map of small keys in ascending order', async (t) => {
  const wire = decodeCbor(encodeHeader(chunk))
  t.strictSame(
    wire.ok && wire.value,
    new Map<number, unknown>([
      [1, 1],
      [2, 'van-02'],
      [3, Uint8Array.from(Buffer.from(epoch.replaceAll('-', ''), 'hex'))],
      [4, 'us-1/object'],
      [5, 41],
      [6, chunk.prev],
      [7, 5],
      [8, 2],
      [9, chunk.digest],
      [10, 1_000],
      [11, 0],
      [12, Uint8Array.from(Buffer.from(boot.replaceAll('-', ''), 'hex'))],
      [13, [60_000.5, 61_234]],
      [14, [1_758_873_600_000, 40]],
      [15, 'v-7Q2'],
      [16, [new Uint8Array(32).fill(0xab), 65_536, 66_536]],
    ]),
  )
})

t.test('packet: every field of the header must be there and of its type', async (t) => {
  const strangers = [-1, 0.5, 'gossip/x', new Uint8Array(5), [1, 2, 3, 4], new Map(), true]
  for (const [name, key] of Object.entries(headerKeys)) {
    // The only one that may be missing, and is in another header.
    if (name === 'keyDistance') continue
    t.match(
      refused(chunk, (wire) => wire.delete(key)),
      new RegExp(`^header.${name}: expected`),
    )
    const passed = strangers.filter(
      (stranger) => refused(chunk, (wire) => wire.set(key, stranger)) === null,
    )
    t.strictSame(passed, name === 'visit' ? ['gossip/x'] : [], name)
  }
})

t.test('packet: the fields of a header must fit each other', async (t) => {
  const cases: readonly (readonly [RegExp, PacketHeader, (wire: Map<unknown, unknown>) => void])[] =
    [
      [/prev to be zeros/, header, (wire) => wire.set(5, 0)],
      [/firstMs up to 5, found 9/, header, (wire) => wire.set(13, [9, 5])],
      [/chunks in an object stream/, header, (wire) => wire.set(8, 2)],
      [/chunks in an object stream/, header, (wire) => wire.set(4, 'us-1/object')],
      [/chunks in an object stream/, chunk, (wire) => wire.set(16, null)],
      [/chunks in an object stream/, chunk, (wire) => wire.set(4, 'us-1/image')],
      [/no records in a chunk/, header, (wire) => wire.set(11, 0)],
      [/no records in a chunk/, chunk, (wire) => wire.set(11, 1)],
      [/at most 65536 bytes, found 65537/, chunk, (wire) => wire.set(10, 65_537)],
      [/ends by 66536, found 66537/, chunk, (wire) => wire.set(10, 1_001)],
      [/from 1 to 245760, found 245761/, header, (wire) => wire.set(10, bodyLimitBytes + 1)],
      [/from 1 to 245760, found 0/, header, (wire) => wire.set(10, 0)],
      [/expected 1, found 2/, header, (wire) => wire.set(1, 2)],
      [/van: expected the name of a van/, header, (wire) => wire.set(2, 'landing')],
      [/waves in a waveform stream and with their key/, header, (wire) => wire.set(8, 3)],
      [/waves in a waveform stream and with their key/, header, (wire) => wire.set(17, 0)],
      [/keyDistance: expected a whole number/, header, (wire) => wire.set(17, 129)],
      [/a key up to 1 packets before, found 2/, waves, (wire) => wire.set(17, 2)],
      [/waves in a waveform stream/, waves, (wire) => wire.set(4, 'ecg-1/numerics')],
      [/visit: expected 1 to 64 printable/, header, (wire) => wire.set(15, 'Budi Santoso')],
    ]
  for (const [reason, header, change] of cases) t.match(refused(header, change), reason)
})

t.test('packet: skips keys that a later writer may add, in order', async (t) => {
  t.equal(
    refused(header, (wire) => wire.set(18, ['new'])),
    null,
  )
  const swapped = encodeHeader(header)
  // The first pair behind the second one: the same map, but not deterministic.
  const second = swapped.indexOf(2, 1)
  const third = swapped.indexOf(3, second + 1)
  const bytes = Uint8Array.from([
    ...swapped.subarray(0, 1),
    ...swapped.subarray(second, third),
    ...swapped.subarray(1, second),
    ...swapped.subarray(third),
  ])
  t.match(decodeHeader(bytes), { ok: false, reason: /ascending order/ })
  t.match(
    refused(header, (wire) => wire.set('x', 1)),
    /ascending order/,
  )
})

t.test('packet: nothing is written that would be refused', async (t) => {
  t.throws(() => encodeHeader({ ...header, epoch: 'no uuid' }), /header.epoch: expected 16 bytes/)
  t.throws(
    () => encodeHeader({ ...chunk, chunk: { sha256: 'xy', offset: 0, totalBytes: 9 } }),
    RangeError,
  )
  t.throws(() => encodeHeader({ ...header, lastMs: Number.NaN }), RangeError)
  const parts = {
    header: encodeHeader(header),
    body: new Uint8Array(packetLimitBytes),
    signature: null,
  }
  t.throws(() => encodePacket(parts), /packet: expected at most 262144 bytes/)
})

t.test('packet: comes back as it went, with and without a signature', async (t) => {
  const headerBytes = encodeHeader(header)
  const body = Uint8Array.of(1, 2, 3)
  for (const signature of [null, new Uint8Array(64).fill(7)]) {
    const decoded = decodePacket(encodePacket({ header: headerBytes, body, signature }))
    t.strictSame(decoded, { ok: true, value: { headerBytes, header, body, signature } })
  }
})

t.test('packet: refuses other shapes and sizes', async (t) => {
  const good = encodeHeader(header)
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [
      [good, Uint8Array.of(1)],
      /packet: expected a list of header, body, signature, found a list of 2/,
    ],
    [[good, Uint8Array.of(1), null, 4], /found a list of 4/],
    [new Map([[1, 2]]), /found a map of 1/],
    [[good, 'body', null], /packet.body: expected 1 to 262144 bytes, found a text of 4 bytes/],
    [[good, new Uint8Array(), null], /packet.body: .*found 0 bytes/],
    [[good, Uint8Array.of(1), new Uint8Array(63)], /packet.signature: expected 64 bytes, found 63/],
    [
      [new Uint8Array(headerLimitBytes + 1), Uint8Array.of(1), null],
      /packet.header: expected 1 to 1024/,
    ],
    [[Uint8Array.of(0x01), Uint8Array.of(1), null], /header: expected a map, found 1/],
    [[Uint8Array.of(0xff), Uint8Array.of(1), null], /^header: CBOR/],
  ]
  for (const [wire, reason] of cases) t.match(decodePacket(encodeCbor(wire)), { ok: false, reason })
  t.match(decodePacket(new Uint8Array(packetLimitBytes + 1)), {
    ok: false,
    reason: /262144 bytes, found 262145/,
  })
  t.match(decodeHeader(new Uint8Array(headerLimitBytes + 1)), {
    ok: false,
    reason: /1024 bytes, found 1025/,
  })
})

t.test('packet: the signature is over a text of ours, a zero and the header', async (t) => {
  t.equal(
    toHex(signedBytes(Uint8Array.of(0xa0))),
    Buffer.from('simpul packet v1\0').toString('hex') + 'a0',
  )
})
