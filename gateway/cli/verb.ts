/** A verb of the command `simpul`: what it is called, how it is used, what it does. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

export interface Verb {
  readonly name: string
  /** One line for the list. */
  readonly summary: string
  /** What `simpul help NAME` prints: usage, options, examples. */
  readonly help: string
  /** Returns the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** Exit codes mean the same for every verb, and are printed by `simpul help`. */
export const exitCodes = {
  ok: 0,
  /** It was tried and did not work; standard error says why. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** The configuration has mistakes; all of them were printed. */
  configuration: 3,
  /** A check of completeness found something missing, doubled or wrong. */
  incomplete: 4,
} as const

/**
 * Thrown for a command line that is not understood: the sentence and the verb's help are printed.
 */
export class UsageError extends Error {}

/** Reads options; what does not fit is a `UsageError` with Node's sentence. */
export function readArgs<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** A whole number option, or the default when it is absent. */
export function wholeNumber(
  text: string | undefined,
  name: string,
  range: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  if (text === undefined) return range.otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new UsageError(
      `--${name} wants a whole number from ${range.min} to ${range.max}, found ${text}`,
    )
  }
  return value
}
