/** `simpul check`: reads a configuration and prints everything that is wrong with it. */
import { readFileSync } from 'node:fs'
import { drivers } from '../../drivers/index.ts'
import { findingText, type ReadConfig } from '../config/finding.ts'
import { pageOf, readConfig } from '../config/read.ts'
import { certificateFindings } from './check-certificates.ts'
import { defaultConfigPath } from './config-file.ts'
import { exitCodes, readArgs, UsageError, type Verb } from './verb.ts'

/** Reads the file; a file that cannot be read is a finding like any other. */
export function readConfigFile(path: string): ReadConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const finding = { path: '', en: `cannot be read: ${why}`, id: `tidak dapat dibaca: ${why}` }
    return { ok: false, findings: [finding], page: pageOf(null) }
  }
  return readConfig(text, drivers)
}

export const check: Verb = {
  name: 'check',
  summary: 'read a configuration and print everything that is wrong with it',
  help: `simpul check [FILE] [--language en|id]

Reads FILE (default ${defaultConfigPath}) and prints all findings at once, one a line, each with its
place. Certificates and keys are opened as well. Exits 0 when the configuration is good and 3 otherwise.`,
  async run(args) {
    const { values, positionals } = readArgs(args, { language: { type: 'string', default: 'en' } })
    const language = values.language
    if (language !== 'en' && language !== 'id') throw new UsageError('--language wants en or id')
    if (positionals.length > 1) throw new UsageError('one FILE at most')
    const path = positionals[0] ?? defaultConfigPath
    const read = readConfigFile(path)
    const findings = read.ok ? certificateFindings(read.config, Date.now()) : read.findings
    if (read.ok && findings.length === 0) {
      const { devices, van } = read.config
      process.stdout.write(`${path} is good: ${van}, ${devices.length} devices\n`)
      return exitCodes.ok
    }
    for (const finding of findings) {
      process.stdout.write(`${path}: ${findingText(finding, language)}\n`)
    }
    return exitCodes.configuration
  },
}
