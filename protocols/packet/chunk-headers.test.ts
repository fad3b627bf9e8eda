import t from 'tap'
import { ChunkHeaders } from './chunk-headers.ts'
import { encodeHeader, type PacketHeader } from './packet.ts'

const sha256 = 'ab'.repeat(32)

/** Names and times of every length that changes where something lies. */
function headerOf(more: Partial<PacketHeader> = {}): Parameters<typeof firstOf>[0] {
  return {
    version: 1,
    van: 'van-1',
    epoch: '01890000-0000-7000-8000-000000000001',
    stream: 'xray-1/object',
    seq: 7,
    prev: new Uint8Array(16).fill(1),
    class: 4,
    codec: 'chunk',
    digest: new Uint8Array(16).fill(2),
    sizeBytes: 65_536,
    recordCount: 0,
    boot: '11111111-1111-4111-8111-111111111111',
    firstMs: 12_345.5,
    lastMs: 12_345.5,
    utc: { utcMs: 1_760_000_000_123, uncertaintyMs: 12.25 },
    visit: null,
    ...more,
    chunk: { sha256, offset: 0, totalBytes: 5_000_000_000 },
  }
}

function firstOf(header: PacketHeader & { chunk: NonNullable<PacketHeader['chunk']> }) {
  return new ChunkHeaders(header)
}

t.test('chunk headers: are what encodeHeader makes, whatever takes more bytes', async (t) => {
  const long = 'a'.repeat(32)
  const firsts = [
    headerOf(),
    headerOf({ seq: 0, prev: new Uint8Array(16) }),
    headerOf({ van: long, stream: `${long}/object`, utc: null, class: 2 }),
    headerOf({ visit: 'a-token', firstMs: 0, lastMs: 0 }),
  ]
  const numbers = [1, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296]
  const different: unknown[] = []
  for (const first of firsts) {
    const headers = firstOf(first)
    for (const [index, number] of numbers.entries()) {
      const sizeBytes = Math.min(number, 65_536)
      const prev = new Uint8Array(16).fill(index)
      const digest = new Uint8Array(16).fill(index + 1)
      const varying = { seq: number, prev, digest, sizeBytes }
      const made = headers.encode({ ...varying, offset: number })
      const chunk = { ...first.chunk, offset: number }
      const expected = encodeHeader({ ...first, ...varying, chunk })
      if (Buffer.compare(made, expected) !== 0) different.push([first.van, number])
    }
  }
  t.strictSame(different, [])
})

t.test('chunk headers: what no chunk may be is refused', async (t) => {
  const headers = firstOf(headerOf())
  const { prev, digest, sizeBytes } = headerOf()
  const right = { seq: 8, prev, digest, sizeBytes, offset: 65_536 }
  t.doesNotThrow(() => headers.encode(right))
  const wrong = [
    { seq: -1 },
    { seq: 1.5 },
    { offset: 4_999_999_999 },
    { sizeBytes: 0 },
    { sizeBytes: 65_537 },
    { prev: new Uint8Array(15) },
    { digest: new Uint8Array(17) },
  ]
  for (const more of wrong) {
    t.throws(() => headers.encode({ ...right, ...more }), RangeError, JSON.stringify(more))
  }
  t.throws(() => firstOf(headerOf({ van: 'Not A Name' })), RangeError)
  t.throws(() => firstOf(headerOf({ codec: 'records' })), RangeError)
})
