import * as fc from 'fast-check'
import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import { bytesOf, clientId, name, seq, stream, uuid, vanName } from '../../test/wire/arbitraries.ts'
import { holds } from '../../test/wire/holds.ts'
import { sampleMessages } from '../../test/wire/sample-messages.ts'
import { epoch } from '../../test/wire/samples.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './decoded.ts'
import { packetLimitBytes } from './limits.ts'
import * as messages from './messages.ts'
import { RangeSet } from './ranges.ts'

const seqRange = fc.tuple(seq, seq).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))
const ranges = (from: number, to: number) =>
  fc
    .array(fc.tuple(fc.nat(10_000), fc.nat(100)), { minLength: from, maxLength: to })
    .map((list) =>
      RangeSet.of(list.map(([from, length]) => ({ from, to: from + length }))).ranges(),
    )
const wallMs = fc.integer({ min: 0 })

interface Case<T> {
  readonly message: fc.Arbitrary<T>
  readonly encode: (message: T) => Uint8Array
  readonly decode: (bytes: Uint8Array) => Decoded<T>
}

function comesBack<T>({ message, encode, decode }: Case<T>): fc.IProperty<[T]> {
  return fc.property(message, (message) => {
    const plain = structuredClone(message)
    return isDeepStrictEqual(decode(encode(plain)), { ok: true, value: plain })
  })
}

t.test('messages: any of each kind comes back as it went', async (t) => {
  const { encodeReceipt: encode, decodeReceipt: decode } = messages
  const streamReceipt = fc.record({ stream, ranges: ranges(1, 64) })
  const receipts = fc.uniqueArray(streamReceipt, { selector: (receipt) => receipt.stream })
  const receipt = fc.record({ epoch: uuid, receipts })
  holds(t, 'receipt', comesBack({ message: receipt, encode, decode }))
  holds(
    t,
    'backfill',
    comesBack({
      message: fc
        .tuple(fc.record({ epoch: uuid, stream }), seqRange)
        .map(([a, b]) => ({ ...a, ...b })),
      encode: messages.encodeBackfill,
      decode: messages.decodeBackfill,
    }),
  )
  holds(
    t,
    'watch',
    comesBack({
      message: fc.record({
        stream,
        seconds: fc.integer({ min: 1, max: 300 }),
        packetMs: fc.integer({ min: 250, max: 60_000 }),
      }),
      encode: messages.encodeWatch,
      decode: messages.decodeWatch,
    }),
  )
  holds(
    t,
    'van state',
    comesBack({
      message: fc.record({
        van: vanName,
        online: fc.boolean(),
        epoch: fc.option(uuid),
        publicKey: fc.option(bytesOf(32)),
        software: fc.string({ maxLength: 60 }),
        wallMs,
      }),
      encode: messages.encodeVanState,
      decode: messages.decodeVanState,
    }),
  )
  holds(
    t,
    'landing state',
    comesBack({
      message: fc.record({ online: fc.boolean(), landing: name, startedWallMs: wallMs }),
      encode: messages.encodeLandingState,
      decode: messages.decodeLandingState,
    }),
  )
  holds(
    t,
    'time request',
    comesBack({
      message: fc.record({ van: vanName, nonce: bytesOf(messages.timeNonceBytes) }),
      encode: messages.encodeTimeRequest,
      decode: messages.decodeTimeRequest,
    }),
  )
  holds(
    t,
    'time answer',
    comesBack({
      message: fc.record({
        nonce: bytesOf(messages.timeNonceBytes),
        utcMs: fc.maxSafeNat(),
        uncertaintyMs: fc.maxSafeNat(),
      }),
      encode: messages.encodeTimeAnswer,
      decode: messages.decodeTimeAnswer,
    }),
  )
  const place = fc.record({ van: vanName, epoch: uuid, stream })
  holds(
    t,
    'replay request',
    comesBack({
      message: fc
        .tuple(place, seqRange, clientId)
        .map(([a, b, replyTo]) => ({ ...a, ...b, replyTo })),
      encode: messages.encodeReplayRequest,
      decode: messages.decodeReplayRequest,
    }),
  )
  const content = fc.record({
    packets: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 64 }),
    lost: ranges(0, 20),
    more: fc.boolean(),
  })
  holds(
    t,
    'replay answer',
    comesBack({
      message: fc.tuple(place, content).map(([a, b]) => ({ ...a, ...b })),
      encode: messages.encodeReplayAnswer,
      decode: messages.decodeReplayAnswer,
    }),
  )
})

t.test('messages: every field must be there and of its type', async (t) => {
  const strangers = [-0.5, 'Gossip!', new Uint8Array(5), [[]], new Map(), 2 ** 60]
  for (const { name, bytes, decode } of sampleMessages) {
    const wire = decodeCbor(bytes)
    if (!wire.ok || !(wire.value instanceof Map)) throw new Error(name)
    for (const key of wire.value.keys()) {
      const without = new Map(wire.value)
      without.delete(key)
      t.match(
        decode(encodeCbor(without)),
        { ok: false, reason: /found nothing$/ },
        `${name} ${key}`,
      )
      for (const stranger of strangers) {
        // Wall times are any number, and the software may call itself anything.
        if (/wallMs/i.test(String(key)) && typeof stranger === 'number') continue
        if (key === 'software' && typeof stranger === 'string') continue
        const answer = decode(encodeCbor(new Map([...wire.value, [key, stranger]])))
        t.equal(answer.ok, false, `${name} ${key}`)
      }
    }
    const later = new Map([...wire.value, ['later', 1]])
    t.equal(decode(encodeCbor(later)).ok, true, `${name} with a field of a later writer`)
    const second = decode(encodeCbor(new Map([...wire.value, ['v', 2]])))
    t.match(second, { ok: false, reason: /\.v: expected 1, found 2$/ })
  }
})

t.test('messages: every prefix is refused', async (t) => {
  for (const { name, bytes, decode } of sampleMessages) {
    const passed = Array.from(bytes.keys()).filter((length) => decode(bytes.subarray(0, length)).ok)
    t.strictSame(passed, [], name)
  }
})

t.test('messages: ranges come lowest first and each stream once', async (t) => {
  const { encodeReceipt } = messages
  const stream = 'ecg-1/waveform'
  const receipt = (...ranges: readonly (readonly [number, number])[]) => ({
    stream,
    ranges: ranges.map(([from, to]) => ({ from, to })),
  })
  const encode =
    (...receipts: readonly ReturnType<typeof receipt>[]) =>
    () => {
      encodeReceipt({ epoch, receipts })
    }
  t.throws(encode(receipt([5, 4])), /from up to 4, found 5/)
  t.throws(encode(receipt([5, 6], [1, 2])), /lowest first/)
  t.throws(encode(receipt([1, 5], [5, 6])), /lowest first/)
  t.throws(encode(receipt([1, 5]), receipt([7, 8])), /each stream once/)
  t.throws(encode(receipt()), /list of 1 to 64/)
  t.throws(encode({ stream: 'ecg-1/gossip', ranges: [] }), /name of a stream/)
})

t.test('messages: the fullest receipt fits its limit', async (t) => {
  const base = 2 ** 52
  const ranges = Array.from({ length: messages.receiptRangesMax }, (_, index) => ({
    from: base + index * 4,
    to: base + index * 4 + 2,
  }))
  const receipts = Array.from({ length: messages.receiptStreamsMax }, (_, index) => ({
    stream: `${'x'.repeat(29)}${String(index).padStart(3, '0')}/measurement`,
    ranges,
  }))
  const bytes = messages.encodeReceipt({ epoch, receipts })
  t.ok(bytes.length < messages.messageLimitBytes, `${bytes.length} bytes`)
  t.strictSame(messages.decodeReceipt(bytes), { ok: true, value: { epoch, receipts } })
  const one = { stream: 'a/event', ranges: [...ranges, { from: base * 1.5, to: base * 1.5 }] }
  t.throws(
    () => messages.encodeReceipt({ epoch, receipts: [one] }),
    /list of 1 to 64, found a list of 65/,
  )
  t.throws(
    () => messages.encodeReceipt({ epoch, receipts: [...receipts, receipts[0]!] }),
    /0 to 256/,
  )
})

t.test('messages: too large is refused before it is looked at', async (t) => {
  const answer = {
    van: 'van-02',
    epoch,
    stream: 'ecg-1/waveform',
    packets: Array.from({ length: 5 }, () => new Uint8Array(packetLimitBytes)),
    lost: [],
    more: false,
  }
  t.throws(
    () => messages.encodeReplayAnswer(answer),
    /replay answer: expected at most 1048576 bytes/,
  )
  const large = new Uint8Array(messages.messageLimitBytes + 1)
  t.match(messages.decodeReceipt(large), {
    ok: false,
    reason: /^receipt: expected at most 524288 bytes/,
  })
  t.match(messages.decodeWatch(Uint8Array.of(0x01)), {
    ok: false,
    reason: /^watch: expected a map/,
  })
  t.match(messages.decodeWatch(Uint8Array.of(0xff)), { ok: false, reason: /^watch: CBOR/ })
})
