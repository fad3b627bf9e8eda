/** `simpul landing`: the hospital's end, on SQLite. */
import { LandingInUse, runLanding } from '../../upstream/run-landing.ts'
import { DatabaseRefused } from '../../upstream/landing/database.ts'
import { clockUncertaintyMs } from '../../upstream/landing/time-answers.ts'
import { TrustRefused } from '../../upstream/landing/trust.ts'
import { forwardSettingsIn, landingQueue, landingQueueHelp } from './landing-queue.ts'
import { brokerOptions, brokerOptionsHelp, brokerSettings } from './broker-options.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

/** Vans believe nothing that is vaguer. */
const clockUncertaintyMostMs = 86_400_000

export const landing: Verb = {
  name: 'landing',
  summary: "the hospital's end: store what vans send, answer with receipts",
  help: `simpul landing --broker URL --folder FOLDER [options]

Stores every packet once in FOLDER, puts images together again under FOLDER/objects, and tells each van
what it has. Runs until SIGTERM.

${brokerOptionsHelp}
  --name NAME             name at the broker (default landing)
  --trust PATH            JSON file, or folder of them, with the public keys of the vans
  --trust-on-first-use    believe the first key that an unknown van shows; only for demonstrations
  --clock-uncertainty MS  how far the clock of this machine may be off (default ${clockUncertaintyMs}). NTP must
                          hold it: vans that have no time of their own take it from here
  --forward FILE          JSON file of the archives that images go to, see docs/pacs.md

${landingQueueHelp}`,
  async run(args) {
    const queue = landingQueue(args)
    if (queue !== null) return queue
    const { values, positionals } = readArgs(args, {
      ...brokerOptions,
      folder: { type: 'string' },
      name: { type: 'string', default: 'landing' },
      trust: { type: 'string' },
      'trust-on-first-use': { type: 'boolean', default: false },
      'clock-uncertainty': { type: 'string' },
      forward: { type: 'string' },
    })
    if (positionals.length > 0) throw new UsageError('no arguments but options')
    if (values.folder === undefined) throw new UsageError('--folder FOLDER is needed')
    const forward = values.forward === undefined ? null : forwardSettingsIn(values.forward)
    if (values.forward !== undefined && forward === null) return exitCodes.configuration
    const stop = new AbortController()
    void stopSignal().then(() => stop.abort())
    try {
      await runLanding(
        {
          name: values.name,
          folder: values.folder,
          broker: brokerSettings(values),
          trust: values.trust ?? null,
          trustOnFirstUse: values['trust-on-first-use'],
          forward,
          clockUncertaintyMs: wholeNumber(values['clock-uncertainty'], 'clock-uncertainty', {
            min: 0,
            max: clockUncertaintyMostMs,
            otherwise: clockUncertaintyMs,
          }),
        },
        stop.signal,
      )
      return exitCodes.ok
    } catch (error) {
      const expected = [TrustRefused, DatabaseRefused, LandingInUse]
      if (!expected.some((kind) => error instanceof kind)) throw error
      process.stderr.write(`simpul landing: ${error instanceof Error ? error.message : ''}\n`)
      return exitCodes.failed
    }
  },
}
