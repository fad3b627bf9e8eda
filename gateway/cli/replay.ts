/** `simpul replay`: a capture, played on a tty as the device would. */
import { readFileSync } from 'node:fs'
import { parseCapture } from '../../drivers/capture.ts'
import { playCapture } from '../../drivers/simulate/play-capture.ts'
import { playOn } from './play.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

export const replay: Verb = {
  name: 'replay',
  summary: 'play a capture on a tty',
  help: `simpul replay FILE.cap --port PATH [--baud N]

Says on PATH what the device says in the capture, with its pauses, and waits where the capture says
that the host must speak first. --baud matters only on a real port (default 9600, 8N1).`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      port: { type: 'string' },
      baud: { type: 'string' },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE')
    if (values.port === undefined) throw new UsageError('--port PATH is needed')
    const baud = wholeNumber(values.baud, 'baud', { min: 300, max: 4_000_000, otherwise: 9_600 })
    const capture = parseCapture(readFileSync(file, 'utf8'))
    if (!capture.ok) {
      process.stderr.write(`${file}: ${capture.reason}\n`)
      return exitCodes.failed
    }
    await playOn(playCapture(capture.value), {
      path: values.port,
      line: { baud, dataBits: 8, parity: 'none', stopBits: 1 },
      left: () => {},
    })
    return exitCodes.ok
  },
}
