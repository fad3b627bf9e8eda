/**
 * Changed input for every codec: no exception, no endless work, no memory that stays.
 *
 *     node bench/fuzz.ts [--inputs 1000000] [--codec NAME] [--seed N]
 *
 * An input is one of the codec's good ones with one to four places changed, given whole or in two
 * pieces. `--codec` takes those whose name begins so. The exit code is 1 when one failed.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseArgs } from 'node:util'
import { toHex } from '../protocols/packet/hex.ts'
import type { Codec } from '../test/codec.ts'
import { codecs } from '../test/codecs.ts'
import { dice, mutated } from '../test/mutated.ts'

/**
 * One input is some hundred bytes; a codec that needs longer for it is stuck in them. In time of
 * the processor, which other work on the machine does not make longer.
 */
const inputMsMax = 200
/**
 * What a codec may leave behind in the second half of its inputs. In the first it builds its
 * tables, and what is called often is compiled, for the next codec anew.
 */
const leftBytesMax = 2_000_000
/** Longer samples would make every input slow and no input more interesting. */
const sampleBytesMax = 4_096

interface Outcome {
  readonly name: string
  readonly inputs: number
  readonly understood: number
  readonly perSecond: number
  readonly slowestMs: number
  readonly leftBytes: number
  /** null: it held. */
  readonly failure: string | null
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  // The bytes of buffers are given back beside the program, by the next collection at the latest.
  collect()
  collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

function fuzz(codec: Codec, inputs: number, seed: number): Outcome {
  const below = dice(seed)
  const samples = codec.samples().map((sample) => sample.subarray(0, sampleBytesMax))
  let understood = 0
  let done = 0
  let slowestMs = 0
  let failure: string | null = samples.length === 0 ? 'it has no samples' : null
  const run = (count: number): void => {
    for (let at = 0; at < count && failure === null; at++) {
      done++
      const bytes = mutated(samples[at % samples.length] ?? new Uint8Array(), below)
      const cut = below(2) === 0 ? bytes.length : below(bytes.length + 1)
      const began = process.cpuUsage()
      try {
        understood += answer(codec, bytes, cut)
      } catch (error) {
        failure = `${error instanceof Error ? error.message : String(error)}: ${toHex(bytes)}`
      }
      const { user, system } = process.cpuUsage(began)
      const tookMs = (user + system) / 1_000
      if (tookMs <= slowestMs) continue
      // Whoever else runs on this machine may have been served meanwhile: what is slow is so again.
      const againMs = timeOf(codec, bytes, cut)
      slowestMs = Math.max(slowestMs, Math.min(tookMs, againMs))
      if (slowestMs > inputMsMax) failure ??= `${Math.round(slowestMs)} ms for ${toHex(bytes)}`
    }
  }
  const began = performance.now()
  const half = Math.ceil(inputs / 2)
  run(half)
  const before = heapBytes()
  run(inputs - half)
  const seconds = (performance.now() - began) / 1_000
  const leftBytes = Math.max(0, heapBytes() - before)
  if (leftBytes > leftBytesMax) failure ??= `${leftBytes} bytes stay in memory`
  return {
    name: codec.name,
    inputs: done,
    understood,
    perSecond: done / seconds,
    slowestMs,
    leftBytes,
    failure,
  }
}

function answer(codec: Codec, bytes: Uint8Array, cut: number): number {
  const read = codec.begin()
  if (codec.takes === 'whole') return read(bytes)
  return read(bytes.subarray(0, cut)) + read(bytes.subarray(cut)) + read(null)
}

function timeOf(codec: Codec, bytes: Uint8Array, cut: number): number {
  const began = performance.now()
  try {
    answer(codec, bytes, cut)
  } catch {
    // It is told where it happened first.
  }
  return performance.now() - began
}

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    codec: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
  },
})
const inputs = Number(values.inputs)
const seed = Number(values.seed)
if (!(inputs >= 1) || !(seed >= 1)) throw new RangeError('--inputs and --seed are whole numbers')

let failed = 0
console.log(
  `${'codec'.padEnd(28)}${'inputs'.padStart(10)}${'packets'.padStart(10)}` +
    `${'inputs/s'.padStart(10)}${'slowest'.padStart(10)}${'left'.padStart(9)}`,
)
for (const codec of codecs.filter(({ name }) => name.startsWith(values.codec))) {
  const one = fuzz(codec, inputs, seed)
  if (one.failure !== null) failed++
  console.log(
    one.name.padEnd(28) +
      String(one.inputs).padStart(10) +
      String(one.understood).padStart(10) +
      one.perSecond.toFixed(0).padStart(10) +
      `${one.slowestMs.toFixed(1)} ms`.padStart(10) +
      `${(one.leftBytes / 1_024).toFixed(0)} KB`.padStart(9),
  )
  if (one.failure !== null) console.log(`  FAILED ${one.failure}`)
}
process.exitCode = failed > 0 ? 1 : 0
