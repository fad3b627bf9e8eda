import { createHash } from 'node:crypto'
import t from 'tap'
import { decodeCbor, encodeCbor } from '../packet/cbor.ts'
import {
  encodeFrameLength,
  encodePackedHead,
  isPacked,
  openPackage,
  restore,
  type DecodeFrame,
  type PackedHeader,
  type ReadBytes,
} from './packed-image.ts'

const head = Uint8Array.from({ length: 140 }, (_, index) => index)
const tail = Uint8Array.of(7, 7, 7)
const frames = [0, 1, 2].map((frame) => new Uint8Array(12).fill(frame + 1))
const file = Buffer.concat([head, ...frames, tail])

const header: PackedHeader = {
  v: 1,
  sha256: new Uint8Array(createHash('sha256').update(file).digest()),
  sizeBytes: file.length,
  headBytes: head.length,
  tailBytes: tail.length,
  coding: 'zstd',
  frames: 3,
  rows: 3,
  columns: 4,
  samples: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  signed: 0,
}

/** Codes a frame of one value as that value. */
const decodeFrame: DecodeFrame = (coded, _, shape) =>
  coded.length === 1 ? new Uint8Array(shape.rows * shape.columns).fill(coded[0] ?? 0) : null

function packed(change: Partial<PackedHeader> = {}): Uint8Array {
  const coded = frames.flatMap((frame) => [encodeFrameLength(1), frame.subarray(0, 1)])
  const begin = encodePackedHead({ ...header, ...change }, head, tail)
  return new Uint8Array(Buffer.concat([begin, ...coded]))
}

function readerOf(bytes: Uint8Array): ReadBytes {
  return (offset, length) => bytes.subarray(offset, offset + length)
}

function restored(bytes: Uint8Array): Buffer | string {
  const opened = openPackage(readerOf(bytes))
  if (!opened.ok) return opened.reason
  const pieces: Uint8Array[] = []
  const steps = restore(opened.value, readerOf(bytes), decodeFrame)
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pieces.push(step.value)
  return step.value ?? Buffer.concat(pieces)
}

t.test('packed image: the file comes back', async (t) => {
  t.equal(isPacked(packed()), true)
  t.equal(isPacked(file), false)
  t.strictSame(restored(packed()), file)
})

t.test('packed image: what is cut, longer or no package says why', async (t) => {
  const whole = packed()
  for (let length = 0; length < whole.length; length++) {
    t.type(restored(whole.subarray(0, length)), 'string', `${length} bytes`)
  }
  t.equal(restored(new Uint8Array([...whole, 0])), 'there is more than its last frame')
  t.equal(restored(new Uint8Array(file)), 'not a packed image')
  const long = whole.slice()
  new DataView(long.buffer).setUint32(long.length - 5, 0xffff_ffff)
  t.equal(restored(long), 'frame 2 is too long')
})

t.test('packed image: a frame that cannot be decoded ends it', async (t) => {
  const begin = encodePackedHead({ ...header, frames: 1, sizeBytes: 155 }, head, tail)
  const bytes = Buffer.concat([begin, encodeFrameLength(2), Uint8Array.of(1, 2)])
  t.equal(restored(new Uint8Array(bytes)), 'frame 0 cannot be decoded')
})

t.test('packed image: a header that contradicts itself is not written, and not read', async (t) => {
  const wrong: readonly Partial<PackedHeader>[] = [
    { frames: 4 },
    { rows: 0 },
    { samples: 2 },
    { bitsStored: 9 },
    { sha256: new Uint8Array(31) },
    { sizeBytes: file.length + 1 },
  ]
  for (const change of wrong) {
    t.throws(() => packed(change), RangeError, JSON.stringify(change))
    const answer = decodeCbor(encodeCbor(new Map(Object.entries({ ...header, ...change }))))
    t.ok(answer.ok)
    const coded = encodeCbor(new Map(Object.entries({ ...header, ...change })))
    const right = packed()
    const before = new DataView(right.buffer).getUint32(8)
    const bytes = Buffer.concat([
      right.subarray(0, 8),
      encodeFrameLength(coded.length),
      coded,
      right.subarray(12 + before),
    ])
    t.match(restored(new Uint8Array(bytes)), /^header/, JSON.stringify(change))
  }
  t.throws(() => encodePackedHead(header, head.subarray(1), tail), RangeError)
})

t.test('packed image: harmed bytes never throw', async (t) => {
  const whole = packed()
  for (let at = 0; at < whole.length; at++) {
    for (const bit of [0, 3, 7]) {
      const harmed = whole.slice()
      harmed[at] = (harmed[at] ?? 0) ^ (1 << bit)
      restored(harmed)
    }
  }
  t.pass('each is answered')
})
