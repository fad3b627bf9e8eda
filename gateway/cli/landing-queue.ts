/** `simpul landing status` and `simpul landing again`: images on their way to archives. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseRefused } from '../../upstream/landing/database.ts'
import type { ForwardSettings } from '../../upstream/pacs/destinations.ts'
import { readForwardSettings } from '../../upstream/pacs/read-settings.ts'
import { isParkedReason, parkedReasons } from '../../upstream/pacs/reasons.ts'
import { forwardStatusText, readForwardStatus, sendAgain } from '../../upstream/pacs/status.ts'
import { exitCodes, readArgs, UsageError } from './verb.ts'

export const landingQueueHelp = `simpul landing status --folder FOLDER [--language en|id] [--json]

Prints how many images of each destination wait, were sent, are confirmed there, or are parked and why.

simpul landing again --folder FOLDER --destination NAME [--reason CODE]

Sends parked images once more, all of them or those of one reason, after somebody has done something about
it. Both may be used beside a running landing, which notices within a minute.`

/** null: the first word names neither. */
export function landingQueue(args: readonly string[]): number | null {
  const [word, ...rest] = args
  if (word !== 'status' && word !== 'again') return null
  try {
    return word === 'status' ? status(rest) : again(rest)
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error
    process.stderr.write(`simpul landing ${word}: ${error.message}\n`)
    return exitCodes.failed
  }
}

function status(args: readonly string[]): number {
  const { values, positionals } = readArgs(args, {
    folder: { type: 'string' },
    language: { type: 'string', default: 'en' },
    json: { type: 'boolean', default: false },
  })
  if (positionals.length > 0) throw new UsageError('no arguments but options')
  const { language } = values
  if (language !== 'en' && language !== 'id') throw new UsageError('--language wants en or id')
  const all = readForwardStatus(landingIn(values.folder))
  const text = values.json
    ? `${JSON.stringify(all)}\n`
    : forwardStatusText(all, language, Date.now())
  process.stdout.write(text)
  return exitCodes.ok
}

function again(args: readonly string[]): number {
  const { values, positionals } = readArgs(args, {
    folder: { type: 'string' },
    destination: { type: 'string' },
    reason: { type: 'string' },
  })
  if (positionals.length > 0) throw new UsageError('no arguments but options')
  const { destination, reason } = values
  if (destination === undefined) throw new UsageError('--destination NAME is needed')
  if (reason !== undefined && !isParkedReason(reason)) {
    throw new UsageError(`--reason wants one of ${Object.keys(parkedReasons).join(', ')}`)
  }
  const count = sendAgain(landingIn(values.folder), destination, reason ?? null)
  process.stdout.write(`${count} images wait again\n`)
  return exitCodes.ok
}

function landingIn(folder: string | undefined): string {
  if (folder === undefined) throw new UsageError('--folder FOLDER is needed')
  if (!existsSync(join(folder, 'landing.db'))) {
    throw new UsageError(`there is no landing in ${folder}`)
  }
  return folder
}

/** null: the file has mistakes; all of them were printed, in both languages. */
export function forwardSettingsIn(path: string): ForwardSettings | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--forward: ${error instanceof Error ? error.message : String(error)}`)
  }
  const read = readForwardSettings(text)
  if (read.ok) return read.settings
  for (const { path: at, en, id } of read.findings) {
    const where = at === '' ? '(file)' : at
    process.stderr.write(
      `${path}: ${where}: ${en}\n${' '.repeat(path.length + 2)}${where}: ${id}\n`,
    )
  }
  return null
}
