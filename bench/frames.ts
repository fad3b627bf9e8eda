/**
 * How fast each codec is: its good bytes again and again, in pieces as a tty hands them over.
 *
 *     node bench/frames.ts [--ms 1000] [--codec NAME]
 *
 * `lines` is how many serial lines at 115,200 baud, full all the time, one core could read.
 */
import { parseArgs } from 'node:util'
import type { Codec } from '../test/codec.ts'
import { codecs } from '../test/codecs.ts'

/** What the kernel usually hands over at once at 115,200 baud. */
const pieceBytes = 64
/** Eight data bits in ten. */
const lineBytesPerSecond = 11_520

interface Speed {
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
}

function measure(codec: Codec, forMs: number): Speed {
  const samples = codec.samples()
  const pieces = samples.map((sample) => (codec.takes === 'whole' ? [sample] : cut(sample)))
  let packets = 0
  let bytes = 0
  const round = (): void => {
    for (const ofSample of pieces) {
      const read = codec.begin()
      for (const piece of ofSample) {
        packets += read(piece)
        bytes += piece.length
      }
    }
  }
  // The first rounds run in the interpreter.
  for (let began = performance.now(); performance.now() - began < forMs / 4;) round()
  packets = 0
  bytes = 0
  const began = performance.now()
  while (performance.now() - began < forMs) round()
  const seconds = (performance.now() - began) / 1_000
  return { packetsPerSecond: packets / seconds, bytesPerSecond: bytes / seconds }
}

function cut(sample: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(sample.length / pieceBytes) }, (_, index) =>
    sample.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  )
}

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '1000' },
    codec: { type: 'string', default: '' },
  },
})
const forMs = Number(values.ms)
if (!(forMs >= 1)) throw new RangeError('--ms is a whole number')

console.log(
  `${'codec'.padEnd(28)}${'packets/s'.padStart(12)}${'MB/s'.padStart(9)}${'lines'.padStart(9)}`,
)
for (const codec of codecs.filter(({ name }) => name.startsWith(values.codec))) {
  const { packetsPerSecond, bytesPerSecond } = measure(codec, forMs)
  console.log(
    codec.name.padEnd(28) +
      packetsPerSecond.toFixed(0).padStart(12) +
      (bytesPerSecond / 1_000_000).toFixed(2).padStart(9) +
      (bytesPerSecond / lineBytesPerSecond).toFixed(0).padStart(9),
  )
}
