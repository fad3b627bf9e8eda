import t from 'tap'
import { decodeFileHead, encodeFileHead } from './part10.ts'
import { textOf } from './text.ts'

const meta = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.6.1',
  sopInstanceUid: '1.2.3.4',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
}

t.test('part 10: writes preamble, magic and group 0002 in order', async (t) => {
  const head = encodeFileHead(meta)
  t.ok(head.subarray(0, 128).every((byte) => byte === 0))
  t.equal(textOf(head, 128, 132), 'DICM')
  const view = new DataView(head.buffer)
  t.equal(view.getUint32(140, true), head.length - 144, 'the group length counts what follows it')
  const text = Buffer.from(head.subarray(144, 200)).toString('hex')
  t.match(text, /^020001004f4200000200000000010200020055491c00312e322e/)
})

t.test('part 10: reads back what it wrote, and where the data set begins', async (t) => {
  const head = encodeFileHead(meta)
  const file = Uint8Array.from([...head, 8, 0, 5, 0, 0x43, 0x53, 0, 0])
  t.strictSame(decodeFileHead(file), {
    ok: true,
    value: { ...meta, dataSetOffset: head.length },
  })
  for (let end = 0; end < head.length; end++) {
    const answer = decodeFileHead(head.subarray(0, end))
    if (answer.ok && answer.value.dataSetOffset > end) t.fail(`reads past its end at ${end}`)
  }
})

t.test('part 10: the same instance gives the same bytes, whoever sends it', async (t) => {
  t.strictSame(encodeFileHead(meta), encodeFileHead({ ...meta }))
})

t.test('part 10: says what is missing', async (t) => {
  t.match(decodeFileHead(new Uint8Array(200)), { ok: false, reason: /DICM/ })
  const empty = Uint8Array.from([...encodeFileHead(meta).subarray(0, 132), 8, 0, 0, 0, 0, 0, 0, 0])
  t.match(decodeFileHead(empty), { ok: false, reason: /transfer syntax/ })
})
