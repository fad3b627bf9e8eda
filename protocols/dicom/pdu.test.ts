import * as fc from 'fast-check'
import t from 'tap'
import type { AssociateRequest, ProposedContext } from './association.ts'
import { PduReader, type Read } from './pdu-reader.ts'
import { encodePdu, scanPdu, type Pdu, type Pdv } from './pdu.ts'
import { concat } from './text.ts'

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

/** What DCMTK 3.6.7 echoscu sends with -aet CART_1 -aec SIMPUL. */
const echoRequest = bytesOfHex(
  [
    '0100000000cd0001000053494d50554c20202020202020202020434152545f312020202020202020',
    '2020000000000000000000000000000000000000000000000000000000000000000010000015312e',
    '322e3834302e31303030382e332e312e312e312000002e0100ff0030000011312e322e3834302e31',
    '303030382e312e3140000011312e322e3834302e31303030382e312e325000003a51000004000040',
    '005200001b312e322e3237362e302e373233303031302e332e302e332e362e375500000f4f464649',
    '535f44434d544b5f333637',
  ].join(''),
)

const user = {
  maxPduBytes: 16_384,
  implementationClassUid: '1.2.276.0.7230010.3.0.3.6.7',
  implementationVersion: 'OFFIS_DCMTK_367',
  asyncWindow: { invoked: 0, performed: 4 },
  roles: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', scu: true, scp: false }],
  identity: { type: 1, wantsAnswer: true },
  identityAnswer: null,
}
const calledAe = 'SIMPUL          '
const callingAe = 'CART_1          '

const request: AssociateRequest = {
  protocolVersion: 1,
  calledAe,
  callingAe,
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [
    { id: 1, abstractSyntax: '1.2.3', transferSyntaxes: ['1.2.840.10008.1.2', '1.2.4'] },
    { id: 3, abstractSyntax: '1.2.3', transferSyntaxes: [] },
  ],
  user,
}

/** The request, with other contexts. */
function offering(contexts: readonly ProposedContext[]): Uint8Array {
  return encodePdu({ kind: 'associate-request', request: { ...request, contexts } })
}

const whole: readonly Pdu[] = [
  { kind: 'associate-request', request },
  {
    kind: 'associate-accept',
    accept: {
      calledAe,
      callingAe,
      contexts: [
        { id: 1, result: 'accepted', transferSyntax: '1.2.840.10008.1.2' },
        { id: 3, result: 'transfer-syntaxes-not-supported', transferSyntax: '1.2.4' },
      ],
      user: { ...user, asyncWindow: null, identity: null, identityAnswer: Uint8Array.of(7) },
    },
  },
  { kind: 'associate-reject', rejection: { result: 'transient', source: 3, reason: 2 } },
  { kind: 'release-request' },
  { kind: 'release-reply' },
  { kind: 'abort', source: 2, reason: 6 },
  {
    kind: 'data',
    values: [
      { contextId: 1, command: true, last: true, bytes: Uint8Array.of(1, 2, 3) },
      { contextId: 1, command: false, last: true, bytes: new Uint8Array() },
    ],
  },
]

t.test('pdu: reads what DCMTK sends', async (t) => {
  const scan = scanPdu(echoRequest)
  t.strictSame(scan, {
    kind: 'packet',
    length: echoRequest.length,
    packet: {
      kind: 'associate-request',
      request: {
        protocolVersion: 1,
        calledAe,
        callingAe,
        applicationContext: '1.2.840.10008.3.1.1.1',
        contexts: [
          { id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
        ],
        user: { ...user, asyncWindow: null, roles: [], identity: null },
      },
    },
  })
})

t.test('pdu: what is encoded decodes to the same, and every prefix is incomplete', async (t) => {
  for (const pdu of whole) {
    const bytes = encodePdu(pdu)
    t.strictSame(scanPdu(bytes), { kind: 'packet', packet: pdu, length: bytes.length }, pdu.kind)
    for (let end = 0; end < bytes.length; end++) {
      if (scanPdu(bytes.subarray(0, end)).kind !== 'incomplete') t.fail(`${pdu.kind} at ${end}`)
    }
  }
})

t.test('pdu: a context keeps its place though UIDs are padded in any way', async (t) => {
  const padded = ['1.2.840.10008.1.2\0', ' 1.2.4 \0\0']
  const contexts = [{ id: 1, abstractSyntax: '1.2.3 ', transferSyntaxes: padded }]
  t.match(scanPdu(offering(contexts)), {
    packet: {
      request: {
        contexts: [{ abstractSyntax: '1.2.3', transferSyntaxes: ['1.2.840.10008.1.2', '1.2.4'] }],
      },
    },
  })
})

const broken: readonly (readonly [what: string, hex: string])[] = [
  ['an unknown type', '080000000004 00000000'],
  ['text of another protocol', '474554202f20485454502f312e310d0a'],
  ['a release of 5 bytes', '050000000005 0000000000'],
  ['a request above the limit', '010000100001'],
  ['a request of 10 bytes', '01000000000a 00010000000000000000'],
  ['a value that ends behind its PDU', '040000000006 00000003 0103'],
  ['a value without control byte', '040000000005 00000001 01'],
  ['a value with a length of 0', '040000000006 00000000 0103'],
]

t.test('pdu: what cannot be is noise, with a reason', async (t) => {
  for (const [what, hex] of broken) {
    const scan = scanPdu(bytesOfHex(hex))
    t.match(scan, { kind: 'noise', reason: /.+/ }, what)
  }
})

t.test('pdu: the same context twice is noise', async (t) => {
  const context = { id: 5, abstractSyntax: '1.2.3', transferSyntaxes: ['1.2'] }
  t.match(scanPdu(offering([context, context])), {
    kind: 'noise',
    reason: 'presentation context 5 twice',
  })
})

/** A request whose items are these bytes and nothing else. */
function withItems(...hex: readonly string[]): ReturnType<typeof scanPdu> {
  const items = bytesOfHex(hex.join(''))
  const head = new Uint8Array(6 + 68)
  head[0] = 1
  head[7] = 1
  new DataView(head.buffer).setUint32(2, 68 + items.length)
  return scanPdu(concat([head, items]))
}

t.test('pdu: items that are absent are null, and unknown ones do no harm', async (t) => {
  const nothing = {
    maxPduBytes: 16_384,
    implementationClassUid: null,
    implementationVersion: null,
    asyncWindow: null,
    roles: [],
    identity: null,
    identityAnswer: null,
  }
  const empty = { packet: { request: { applicationContext: '', contexts: [], user: nothing } } }
  t.match(withItems(), empty)
  t.match(withItems('77000003aabbcc', '50000000'), empty)
  const tooShort = ['51000002ffff', '530000020001', '54000001aa', '5400000400093132', '5800000101']
  const length = tooShort.join('').length / 2
  t.match(withItems(`500000${length.toString(16).padStart(2, '0')}`, ...tooShort), empty)
  t.match(withItems('20000004 03000000'), {
    packet: { request: { contexts: [{ id: 3, abstractSyntax: '', transferSyntaxes: [] }] } },
  })
})

t.test('pdu: items that do not fit are noise', async (t) => {
  for (const hex of ['1000', '10000005aa', '2000000203ff', '20000005 03000000 aa', '5000000251']) {
    t.match(withItems(hex), { kind: 'noise', reason: /.+/ }, hex)
  }
})

t.test('pdu: no bytes make it throw', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(bytes, (input) => void scanPdu(input)),
    { numRuns: 2_000 },
  )
  const types = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.uint8Array({ maxLength: 300 }))
  const framed = types.map(([type, body]) => concat([Uint8Array.of(type, 0, 0, 0, 1, 44), body]))
  fc.assert(
    fc.property(framed, (input) => void scanPdu(input)),
    { numRuns: 2_000 },
  )
  t.pass()
})

/** Everything that the reader says, with neighbouring pieces of one value joined. */
function readAll(bytes: Uint8Array, cuts: readonly number[]): readonly Read[] {
  const reader = new PduReader(1_000)
  const reads: Read[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    reader.push(bytes.subarray(from, to))
    from = to
    for (let read = reader.next(); read !== null; read = reader.next()) reads.push(read)
  }
  return reads
}

function valuesOf(reads: readonly Read[]): readonly Pdv[] {
  const values: Pdv[] = []
  let pieces: Uint8Array[] = []
  for (const read of reads) {
    if (read.kind !== 'piece') continue
    pieces.push(read.bytes)
    if (!read.complete) continue
    const { contextId, command } = read
    values.push({ contextId, command, last: true, bytes: concat(pieces) })
    pieces = []
  }
  return values
}

const cut = fc.array(fc.nat({ max: 2_000 }), { maxLength: 20 })

t.test('pdu reader: says the same wherever the network cuts', async (t) => {
  const messages = fc.array(
    fc
      .record({
        contextId: fc.integer({ min: 1, max: 255 }),
        command: fc.boolean(),
        last: fc.constant(true),
        bytes: fc.uint8Array({ maxLength: 90 }),
      })
      .map((value): Pdv => ({ ...value })),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(messages, cut, (values, places) => {
      const stream = concat([
        encodePdu({ kind: 'data', values: values.slice(0, 3) }),
        encodePdu({ kind: 'release-request' }),
        encodePdu({ kind: 'data', values: values.slice(3) }),
      ])
      const cuts = places.map((place) => Math.min(place, stream.length)).toSorted((a, b) => a - b)
      const reads = readAll(stream, cuts)
      const controls = reads.filter((read) => read.kind === 'control')
      if (controls.length !== 1) throw new Error(`${controls.length} controls`)
      t.strictSame(valuesOf(reads), values)
    }),
    { numRuns: 300 },
  )
})

t.test('pdu reader: hands a value on before its PDU is there', async (t) => {
  const reader = new PduReader(1_000)
  const bytes = encodePdu({
    kind: 'data',
    values: [{ contextId: 3, command: false, last: true, bytes: new Uint8Array(500).fill(9) }],
  })
  reader.push(bytes.subarray(0, 112))
  const read = reader.next()
  t.match(read, { kind: 'piece', contextId: 3, command: false, complete: false })
  t.equal(read?.kind === 'piece' && read.bytes.length, 100)
  t.equal(reader.next(), null)
  reader.push(bytes.subarray(112))
  t.match(reader.next(), { kind: 'piece', complete: true })
})

t.test('pdu reader: refuses an announcement before anything of it came', async (t) => {
  const reader = new PduReader(1_000)
  reader.push(bytesOfHex('0400ffffffff'))
  t.strictSame(reader.next(), {
    kind: 'fault',
    fault: { kind: 'pdu-too-long', bytes: 0xffff_ffff, limitBytes: 1_000 },
  })
  reader.push(new Uint8Array(100))
  t.equal(reader.next(), null)
  t.equal(reader.waiting, false)
})

t.test('pdu reader: tells the first byte of what is not DICOM', async (t) => {
  const reader = new PduReader(1_000)
  reader.push(bytesOfHex('160301020001'))
  t.strictSame(reader.next(), { kind: 'fault', fault: { kind: 'unknown-type', first: 0x16 } })
})

t.test('pdu reader: takes a request of the largest size byte by byte', async (t) => {
  const transferSyntaxes = Array.from({ length: 30 }, (_, index) => `1.2.840.10008.1.2.4.${index}`)
  const abstractSyntax = '1.2.840.10008.5.1.4.1.1.77.1.5.8'
  const contexts = Array.from({ length: 128 }, (_, index) => ({
    id: index * 2 + 1,
    abstractSyntax,
    transferSyntaxes,
  }))
  const bytes = offering(contexts)
  const reader = new PduReader(1_000)
  let read: Read | null = null
  for (let at = 0; at < bytes.length; at++) {
    reader.push(bytes.subarray(at, at + 1))
    read = reader.next()
  }
  t.strictSame(read, {
    kind: 'control',
    pdu: { kind: 'associate-request', request: { ...request, contexts } },
  })
})

t.test('pdu reader: every wrong PDU is one fault and then silence', async (t) => {
  for (const [what, hex] of broken) {
    const reads = readAll(bytesOfHex(hex), [1, 2, 3, 7, 11])
    t.match(reads.at(-1), { kind: 'fault' }, what)
    t.equal(reads.filter((read) => read.kind === 'fault').length, 1, what)
  }
})
