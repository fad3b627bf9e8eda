/** The log: JSON lines on stderr for journald. Only listed fields leave, so no person ever does. */
import { destination, pino, type DestinationStream } from 'pino'
import type { Log, LogFields } from '../world.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  /** Below it nothing is written. Default: info. */
  readonly level?: LogLevel
  /** Default: stderr. */
  readonly stream?: DestinationStream
}

export function jsonLog(options: LogOptions = {}): Log {
  const base = pino(
    {
      level: options.level ?? 'info',
      // journald knows the process and the host.
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      // pino's own would add whatever the error carries.
      serializers: { err: (fields: unknown) => fields },
    },
    // Written at once: the line before a crash is the one that is needed.
    options.stream ?? destination({ fd: 2, sync: true }),
  )
  const logWith = (given: LogFields): Log => {
    const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (base.isLevelEnabled(level)) base[level](listed({ ...given, ...fields }), message)
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => logWith({ ...given, ...fields }),
    }
  }
  return logWith({})
}

/** Says nothing. */
export const quietLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => quietLog,
}

export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

export interface MemoryLog {
  readonly log: Log
  /** The newest last. */
  readonly lines: readonly LogLine[]
}

/** A test that logs more is broken in another way. */
const memoryLinesMax = 10_000

/** Keeps the lines, for tests. */
export function memoryLog(): MemoryLog {
  const lines: LogLine[] = []
  const logWith = (given: LogFields): Log => {
    const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (lines.length < memoryLinesMax)
        lines.push({ level, message, fields: { ...given, ...fields } })
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => logWith({ ...given, ...fields }),
    }
  }
  return { log: logWith({}), lines }
}

/** Whatever a caller hands over, only these fields are written. */
function listed(fields: LogFields): { readonly [name: string]: unknown } {
  const { device, driver, link, seq, bytes, count, ms, code, why, err } = fields
  return {
    device,
    driver,
    link,
    seq,
    bytes,
    count,
    ms,
    code,
    why,
    err: err === undefined ? undefined : errorFields(err),
  }
}

/** A cause may name its own effect as its cause. */
const causeDepthMax = 4

/** An error's own properties may hold anything, such as a line of a device: only these leave. */
function errorFields(err: unknown, depth = 0): { readonly [name: string]: unknown } {
  if (!(err instanceof Error)) return { name: typeof err }
  const deeper = err.cause !== undefined && depth < causeDepthMax
  const cause = deeper ? errorFields(err.cause, depth + 1) : undefined
  return { name: err.name, message: err.message, stack: err.stack, cause }
}
