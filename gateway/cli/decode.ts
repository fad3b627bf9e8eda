/** `simpul decode`: raw bytes of a device in, what it said out, without a gateway. */
import { readFileSync } from 'node:fs'
import { parseCapture, type CaptureStep } from '../../drivers/capture.ts'
import { driverOf, drivers } from '../../drivers/index.ts'
import { replay } from '../../drivers/replay.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

/** As a serial port hands bytes over. */
const pieceBytes = 4_096

export const decode: Verb = {
  name: 'decode',
  summary: 'read raw bytes or a capture with a driver, print what the device said as JSON lines',
  help: `simpul decode --driver ID FILE

FILE holds raw bytes as they came from the device, or a capture when its name ends in .cap; - is
standard input. Prints one JSON object a line for each thing the device said. What could not be read
is counted on standard error. Exits 4 when nothing could be read, or when a capture says what must
come out and something else did.`,
  async run(args) {
    const { values, positionals } = readArgs(args, { driver: { type: 'string' } })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE')
    if (values.driver === undefined) throw new UsageError('--driver ID is needed')
    const driver = driverOf(values.driver)
    if (driver === null) {
      const known = drivers.map((one) => one.id).join(', ')
      throw new UsageError(`there is no driver ${values.driver}; known are ${known}`)
    }
    const steps = stepsOf(file)
    const result = replay(driver, steps, pieceBytes)
    for (const said of result.said) process.stdout.write(`${JSON.stringify(said)}\n`)
    process.stderr.write(
      `${result.packets} packets, ${result.said.length} things said, ${result.noiseBytes} bytes of noise\n`,
    )
    // A recording says nothing about what must come out; evidence does.
    const isEvidence = steps.some((step) => step.kind === 'said')
    const problems = isEvidence ? result.problems : []
    for (const problem of problems) process.stderr.write(`${problem}\n`)
    return result.packets > 0 && problems.length === 0 ? exitCodes.ok : exitCodes.incomplete
  },
}

function stepsOf(file: string): readonly CaptureStep[] {
  const bytes = readFileSync(file === '-' ? 0 : file)
  if (!file.endsWith('.cap')) return [{ kind: 'device', bytes: new Uint8Array(bytes) }]
  const capture = parseCapture(bytes.toString('utf8'))
  if (!capture.ok) throw new UsageError(`${file}: ${capture.reason}`)
  return capture.value
}
