/** `simpul decode`: raw bytes of a device in, what it said out, without a gateway. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseCapture, type CaptureStep } from '../../drivers/capture.ts'
import { driverOf, drivers } from '../../drivers/index.ts'
import { linkOf } from '../../drivers/link.ts'
import { replay } from '../../drivers/replay.ts'
import { convertEcg, ecgFormats, isEcgFormat } from './convert-ecg.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

/** As a serial port hands bytes over. */
const pieceBytes = 4_096

export const decode: Verb = {
  name: 'decode',
  summary: 'read raw bytes or a capture with a driver, print what the device said as JSON lines',
  help: `simpul decode --driver ID FILE
       simpul decode --as FORMAT --out NEW FILE

FILE holds raw bytes as they came from the device, or a capture when its name ends in .cap; - is
standard input. Prints one JSON object a line for each thing the device said. What could not be read
is counted on standard error. Exits 4 when nothing could be read, or when a capture says what must
come out and something else did.

With --as, FILE is an ECG in any format that the driver ecg-file reads, and is written to NEW as
${ecgFormats.join(', ')}. The samples stay the same numbers. Who the patient is does not come along,
but for the number that the device knew.`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      driver: { type: 'string' },
      as: { type: 'string' },
      out: { type: 'string' },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE')
    if (values.as !== undefined) return convert(file, values.as, values.out)
    if (values.driver === undefined) throw new UsageError('--driver ID is needed')
    const driver = driverOf(values.driver)
    if (driver === null) {
      const known = drivers.map((one) => one.id).join(', ')
      throw new UsageError(`there is no driver ${values.driver}; known are ${known}`)
    }
    const steps = stepsOf(file)
    const isWhole = linkOf(driver, 'folder') !== null && !file.endsWith('.cap')
    const result = replay(driver, steps, isWhole ? null : pieceBytes)
    for (const said of result.said) process.stdout.write(`${JSON.stringify(said, plain)}\n`)
    process.stderr.write(
      `${result.packets} packets, ${result.said.length} things said, ${result.noiseBytes} bytes of noise\n`,
    )
    for (const reason of result.noiseReasons) process.stderr.write(`not understood: ${reason}\n`)
    // A recording says nothing about what must come out; evidence does.
    const isEvidence = steps.some((step) => step.kind === 'said')
    const problems = isEvidence ? result.problems : []
    for (const problem of problems) process.stderr.write(`${problem}\n`)
    return result.packets > 0 && problems.length === 0 ? exitCodes.ok : exitCodes.incomplete
  },
}

/** Samples as a list, and a file only by its length. */
function plain(_name: string, value: unknown): unknown {
  if (value instanceof Int32Array) return [...value]
  return value instanceof Uint8Array ? { bytes: value.length } : value
}

function convert(file: string, as: string, out: string | undefined): number {
  if (!isEcgFormat(as)) throw new UsageError(`--as wants one of ${ecgFormats.join(', ')}`)
  if (out === undefined) throw new UsageError('--out NEW is needed')
  const converted = convertEcg(new Uint8Array(readFileSync(file === '-' ? 0 : file)), as)
  if (!converted.ok) {
    process.stderr.write(`${converted.reason}\n`)
    return exitCodes.failed
  }
  // Never over a file that is there: it might be the only copy of a recording.
  writeFileSync(out, converted.value, { flag: 'wx', mode: 0o600 })
  return exitCodes.ok
}

function stepsOf(file: string): readonly CaptureStep[] {
  const bytes = readFileSync(file === '-' ? 0 : file)
  if (!file.endsWith('.cap')) return [{ kind: 'device', bytes: new Uint8Array(bytes) }]
  const capture = parseCapture(bytes.toString('utf8'))
  if (!capture.ok) throw new UsageError(`${file}: ${capture.reason}`)
  return capture.value
}
