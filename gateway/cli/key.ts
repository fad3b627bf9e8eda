/** `simpul key`: what the hospital must know of this van before it believes its packets. */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { findingText } from '../config/finding.ts'
import { journalPaths } from '../journal/paths.ts'
import { rawPublicKey } from '../journal/seal-tools.ts'
import { readConfigFile } from './check.ts'
import { defaultConfigPath } from './config-file.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

export const key: Verb = {
  name: 'key',
  summary: "the van's public key, as the landing's trust file wants it",
  help: `simpul key [FILE]

Prints the name and the public key of the van whose configuration is FILE (default
${defaultConfigPath}) as JSON: save it as VAN.json in the folder that the landing was given with
--trust. The key is made when the gateway starts for the first time.`,
  async run(args) {
    const { positionals } = readArgs(args, {})
    if (positionals.length > 1) throw new UsageError('one FILE at most')
    const path = positionals[0] ?? defaultConfigPath
    const read = readConfigFile(path)
    if (!read.ok) {
      for (const finding of read.findings) {
        process.stderr.write(`${path}: ${findingText(finding, 'en')}\n`)
      }
      return exitCodes.configuration
    }
    const { van, folder } = read.config
    const keyPath = journalPaths(folder).key
    try {
      const publicKey = rawPublicKey(createPublicKey(readFileSync(keyPath)))
      process.stdout.write(
        `${JSON.stringify({ [van]: Buffer.from(publicKey).toString('base64') })}\n`,
      )
      return exitCodes.ok
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      process.stderr.write(`simpul key: ${keyPath} cannot be read: ${why}\n`)
      process.stderr.write('Run this as root, after the gateway has been started once.\n')
      return exitCodes.failed
    }
  },
}
