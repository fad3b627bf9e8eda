/** `simpul subscribe`: records of the vans as lines of JSON. */
import { openMqttBroker } from '../../upstream/mqtt.ts'
import { printStream } from '../../upstream/print.ts'
import { jsonLog, realClock, realRandom } from '../../upstream/real-world.ts'
import { connect } from '../../upstream/subscriber/subscriber.ts'
import { brokerOptions, brokerOptionsHelp, brokerSettings } from './broker-options.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

export const subscribe: Verb = {
  name: 'subscribe',
  summary: 'print the records of vans as lines of JSON',
  help: `simpul subscribe PATTERN --broker URL [--from now|beginning]

PATTERN names streams as van/device/kind, with * for any name or any part of one:

  simpul subscribe 'van-02/*/measurement' --broker mqtt://localhost
  simpul subscribe '*/ecg-*/*' --broker mqtt://localhost --from beginning

Each record comes once and in the order of its stream. What was missed is asked for again; what nobody
has any more is a line of kind gap, and then the exit code is 4.

${brokerOptionsHelp}
  --from WHERE        now (default), or beginning: all that the landing has`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      ...brokerOptions,
      from: { type: 'string', default: 'now' },
    })
    const [pattern, ...more] = positionals
    if (pattern === undefined || more.length > 0) throw new UsageError('exactly one PATTERN')
    const from = values.from
    if (from !== 'now' && from !== 'beginning') {
      throw new UsageError('--from wants now or beginning')
    }
    const stop = new AbortController()
    void stopSignal().then(() => stop.abort())
    const broker = openMqttBroker(realClock, brokerSettings(values))
    const log = jsonLog((line) => process.stderr.write(line))
    const subscriber = connect({ clock: realClock, random: realRandom, broker, log })
    try {
      const outcome = await printStream(subscriber, pattern, process.stdout, stop.signal, { from })
      return outcome.gaps > 0 ? exitCodes.incomplete : exitCodes.ok
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message)
      throw error
    } finally {
      await subscriber.close()
    }
  },
}
