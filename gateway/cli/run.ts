/** `simpul run`: the daemon. */
import { flushCompileCache } from 'node:module'
import { Trouble } from '../errors/trouble.ts'
import { findingText } from '../config/finding.ts'
import { defaultConfigPath, readConfigApart } from './config-file.ts'
import { fileState } from './file-change.ts'
import type { Refusal } from './refusal.ts'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

export const run: Verb = {
  name: 'run',
  summary: 'the gateway itself',
  help: `simpul run [FILE]

Runs the gateway with the configuration in FILE (default ${defaultConfigPath}) until SIGTERM.
Prints the address of the local page and, until somebody has claimed the box, the claim code. When it
cannot start, with a wrong configuration for example, a page in its place says what is wrong.`,
  async run(args) {
    const { positionals } = readArgs(args, {})
    if (positionals.length > 1) throw new UsageError('one FILE at most')
    const path = positionals[0] ?? defaultConfigPath
    const stop = stopSignal()
    const state = fileState(path)
    const read = await readConfigApart(path)
    if (!read.ok) {
      for (const finding of read.findings) {
        process.stderr.write(`${path}: ${findingText(finding, 'en')}\n`)
      }
      await refuse({ path, state, page: read.page, why: read.findings, stop })
      return exitCodes.configuration
    }
    const { runGateway } = await import('../main.ts')
    // Now, not at the exit: most boxes never exit, but lose their power.
    flushCompileCache()
    try {
      const running = await runGateway(read.config)
      process.stdout.write(`page ${running.pageUrl}\n`)
      if (running.claimCode !== null) process.stdout.write(`claim code ${running.claimCode}\n`)
      await stop
      await running.stop()
      return exitCodes.ok
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      process.stderr.write(`${error.words('en').what} ${error.words('en').todo}\n`)
      process.stderr.write(`${error.words('id').what} ${error.words('id').todo}\n`)
      await refuse({ path, state, page: read.config.page, why: error, stop })
      return exitCodes.failed
    }
  },
}

/** Loaded only when it is needed: most starts succeed. */
async function refuse(refusal: Refusal): Promise<void> {
  await (await import('./refusal.ts')).refuse(refusal)
}
