import * as fc from 'fast-check'
import t from 'tap'
import { dice, mutated } from '../../test/mutated.ts'
import { openTools, sealTools, sha256 } from '../../test/wire/node-tools.ts'
import { chunkOrder, recordsOrder } from '../../test/wire/orders.ts'
import { sampleMessages } from '../../test/wire/sample-messages.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { decodeRecords, encodeRecords } from './body.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { toHex } from './hex.ts'
import { decodeHeader, encodeHeader, encodePacket } from './packet.ts'
import { openPacket, sealPacket, shortHash } from './seal.ts'

const mutationsOfPackets = 8_000
const mutationsOfBodies = 8_000
const mutationsOfMessages = 5_000

const { event, measurement, waveform } = sampleRecords
const object = Uint8Array.from({ length: 90 }, (_, index) => index)
const choice = { object, sha256: toHex(sha256(object)), offset: 10, chunkBytes: 50 }
const packets = [
  sealPacket(recordsOrder('bp-1/measurement', [measurement]), sealTools),
  sealPacket(recordsOrder('ecg-1/waveform', [waveform], { signed: false }), sealTools),
  sealPacket(recordsOrder('ecg-1/event', [event, event]), sealTools),
  sealPacket(chunkOrder('us-1/object', choice), sealTools),
]

t.test('fuzz: a changed packet is answered, never thrown', async (t) => {
  const below = dice(0x51b9_0701)
  const reasons = new Map<string, number>()
  let opened = 0
  for (let count = 0; count < mutationsOfPackets; count++) {
    const bytes = mutated(packets[count % packets.length]!.bytes, below)
    const answer = openPacket(bytes, openTools)
    if (answer.ok) opened++
    else {
      const place = answer.reason.split(':')[0]!
      reasons.set(place, (reasons.get(place) ?? 0) + 1)
    }
  }
  t.comment({ opened, ...Object.fromEntries(reasons) })
  // The signature, most of the header and the frame of zstd may change without being noticed here.
  t.ok(opened < mutationsOfPackets / 2, `${opened} opened`)
  t.ok(reasons.size > 10, `${reasons.size} places at which packets broke`)
})

t.test(
  'fuzz: a changed body under an honest digest is answered, and says what it encodes to',
  async (t) => {
    const below = dice(0x0dd_ba11)
    const bodies = [[measurement], [waveform], [event, event], Object.values(sampleRecords)].map(
      encodeRecords,
    )
    let passed = 0
    for (let count = 0; count < mutationsOfBodies; count++) {
      const bytes = mutated(bodies[count % bodies.length]!, below)
      const answer = decodeRecords(bytes)
      if (!answer.ok) continue
      passed++
      // What is accepted is something that we could have written ourselves.
      const again = decodeRecords(encodeRecords(answer.value))
      if (!again.ok) t.fail(`${toHex(bytes)}: ${again.reason}`)
    }
    t.ok(passed > 100 && passed < mutationsOfBodies / 2, `${passed} passed`)
  },
)

t.test('fuzz: changed records inside a whole packet are answered', async (t) => {
  const below = dice(0x0bad_cafe)
  const source = packets[0]!
  const body = encodeRecords([measurement])
  let refused = 0
  for (let count = 0; count < 2_000; count++) {
    const changed = mutated(body, below)
    if (changed.length === 0) continue
    const header = encodeHeader({
      ...source.header,
      sizeBytes: changed.length,
      digest: shortHash(changed, sha256),
    })
    const packed = encodePacket({ header, body: sealTools.compress(changed), signature: null })
    if (!openPacket(packed, openTools).ok) refused++
  }
  t.ok(refused > 1_000, `${refused} refused`)
})

t.test('fuzz: changed messages and headers are answered', async (t) => {
  const below = dice(0x0ff1_ce00)
  const decoders = [...sampleMessages.map(({ decode }) => decode), decodeHeader]
  const sources = [...sampleMessages.map(({ bytes }) => bytes), packets[0]!.headerBytes]
  let refused = 0
  for (let count = 0; count < mutationsOfMessages; count++) {
    const which = count % sources.length
    if (!decoders[which]!(mutated(sources[which]!, below)).ok) refused++
  }
  t.ok(refused > mutationsOfMessages / 2, `${refused} refused`)
})

t.test('fuzz: any bytes and any CBOR are answered by every decoder', async (t) => {
  const decoders = [
    (bytes: Uint8Array) => openPacket(bytes, openTools),
    decodeRecords,
    decodeHeader,
    ...sampleMessages.map(({ decode }) => decode),
  ]
  const value = fc.letrec((tie) => ({
    leaf: fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.uint8Array()),
    tree: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.oneof(fc.nat(20), fc.constantFrom('v', 'kind', 'atMs')), tie('tree')), {
          maxLength: 4,
        })
        .map((entries) => new Map(entries)),
    ),
  })).tree
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), value.map(encodeCbor))
  const outcome = fc.check(
    fc.property(bytes, (bytes) =>
      decoders.every((decode) => typeof decode(bytes).ok === 'boolean'),
    ),
    { numRuns: 3_000 },
  )
  t.equal(outcome.failed, false)
  t.equal(decodeCbor(new Uint8Array()).ok, false)
})

t.test('fuzz: every prefix of a packet is refused', async (t) => {
  for (const { bytes, header } of packets) {
    const opened = Array.from(bytes.keys()).filter(
      (length) => openPacket(bytes.subarray(0, length), openTools).ok,
    )
    t.strictSame(opened, [], header.stream)
  }
})
