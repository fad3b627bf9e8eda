import * as fc from 'fast-check'
import t from 'tap'
import { decodeCommandSet, encodeCommandSet, type CommandSet } from './command-set.ts'
import { concat, textOf } from './text.ts'

function element(number: number, value: Uint8Array, group = 0): Uint8Array {
  const head = new Uint8Array(8)
  const view = new DataView(head.buffer)
  view.setUint16(0, group, true)
  view.setUint16(2, number, true)
  view.setUint32(4, value.length, true)
  return concat([head, value])
}

function short(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8)
}

function text(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0))
}

function decoded(bytes: Uint8Array): CommandSet {
  const answer = decodeCommandSet(bytes)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.value
}

const request = {
  field: 0x0001,
  messageId: 7,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.6.1',
  sopInstanceUid: '1.2.3',
  priority: 0,
  hasDataSet: true,
} as const

t.test('command set: writes what the strictest peer wants', async (t) => {
  const bytes = encodeCommandSet({ ...request, sopInstanceUid: '1.2.34' })
  t.equal(
    Buffer.from(bytes).toString('hex'),
    [
      '0000000004000000 5a000000',
      '000002001c000000 312e322e3834302e31303030382e352e312e342e312e312e362e3100',
      '0000000102000000 0100',
      '0000100102000000 0700',
      '0000000702000000 0000',
      '0000000802000000 0000',
      '0000001006000000 312e322e3334',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})

t.test('command set: what is encoded decodes to the same', async (t) => {
  t.match(decoded(encodeCommandSet(request)), {
    field: 1,
    messageId: 7,
    respondedTo: null,
    sopClassUid: request.sopClassUid,
    sopInstanceUid: '1.2.3',
    hasDataSet: true,
    status: null,
    comment: null,
  })
  const response = {
    field: 0x8001,
    respondedTo: 65_535,
    hasDataSet: false,
    status: 0xa700,
    comment: 'x'.repeat(70),
  }
  t.match(decoded(encodeCommandSet(response)), {
    field: 0x8001,
    respondedTo: 65_535,
    hasDataSet: false,
    status: 0xa700,
    comment: 'x'.repeat(64),
  })
})

t.test('command set: reads what careless senders write', async (t) => {
  const careless = concat([
    element(0x1000, text('1.2.3 \0\0')),
    element(0x0800, short(0x0102)),
    element(0x0001, text('retired')),
    element(0x0100, short(1)),
    element(0x0002, text('1.2.840')),
    element(0x7777, text('odd')),
    element(0x0010, text('not ours'), 0x0008),
    element(0x0110, short(3)),
    element(0x0110, short(9)),
    element(0x0000, Uint8Array.of(1, 0, 0, 0)),
  ])
  const command = decoded(careless)
  t.match(command, {
    field: 1,
    messageId: 3,
    sopClassUid: '1.2.840',
    sopInstanceUid: '1.2.3',
    hasDataSet: true,
  })
  t.equal(textOf(command.values.get(0x7777) ?? new Uint8Array()), 'odd')
})

t.test(
  'command set: absent is null, and a C-STORE without a word about its data set has one',
  async (t) => {
    t.match(decoded(element(0x0100, short(1))), {
      messageId: null,
      sopClassUid: null,
      sopInstanceUid: null,
      hasDataSet: true,
    })
    t.match(decoded(element(0x0100, short(0x30))), { hasDataSet: false })
    const empty = concat([element(0x0100, short(1)), element(0x1000, text('\0'))])
    t.match(decoded(empty), { sopInstanceUid: null })
  },
)

t.test('command set: says what is wrong with the others', async (t) => {
  const cut = encodeCommandSet(request).subarray(0, -1)
  t.match(decodeCommandSet(cut), { ok: false, reason: /longer/ })
  t.match(decodeCommandSet(Uint8Array.of(1, 2, 3)), { ok: false, reason: /inside/ })
  t.match(decodeCommandSet(new Uint8Array()), { ok: false, reason: /without a command field/ })
  t.match(decodeCommandSet(element(0x0100, Uint8Array.of(1))), { ok: false })
})

t.test('command set: no bytes make it throw', async (t) => {
  const whole = [...encodeCommandSet(request)]
  const changes = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 255 })), { maxLength: 6 })
  fc.assert(
    fc.property(changes, fc.uint8Array({ maxLength: 20 }), (changed, tail) => {
      const bytes = [...whole, ...tail]
      for (const [at, value] of changed) bytes[at] = value
      decodeCommandSet(Uint8Array.from(bytes))
    }),
    { numRuns: 5_000 },
  )
  t.pass()
})
