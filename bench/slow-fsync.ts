/** A card that is slow: strace holds back the return of each fsync (strace(1), "inject"). */
import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Put before the command of a process. */
export function slowFsync(delayMs: number, logPath: string): readonly string[] {
  return [
    'strace',
    // A tracer that steps behind: what is started is the process itself, and gets its signals.
    '-D',
    '-f',
    // Only these calls stop in the tracer, so nothing else becomes slower.
    '--seccomp-bpf',
    '-qq',
    ['-o', logPath],
    ['-e', 'trace=fsync,fdatasync'],
    ['-e', `inject=fsync,fdatasync:delay_exit=${delayMs * 1_000}`],
  ].flat()
}

export interface Delayed {
  readonly count: number
  /** By the main thread of the process. */
  readonly onMainThread: number
}

/** `pid`: of the process, whose main thread has the same number. */
export function delayedFsyncs(logPath: string, pid: number): Delayed {
  const lines = readFileSync(logPath, 'utf8').split('\n')
  const delayed = lines.filter((line) => line.includes('(DELAYED)'))
  const onMainThread = delayed.filter((line) => Number.parseInt(line, 10) === pid).length
  return { count: delayed.length, onMainThread }
}

/** What one fsync takes with the delay, in the middle of a few, so that it is seen to be real. */
export function measureDelay(delayMs: number, folder: string): number {
  const [command = '', ...args] = slowFsync(delayMs, `${folder}/probe.strace`)
  const probe = [process.execPath, import.meta.filename, `${folder}/probe`]
  const { stdout, stderr } = spawnSync(command, [...args, ...probe], { encoding: 'utf8' })
  const tookMs = Number(stdout)
  if (!(tookMs >= delayMs)) throw new Error(`strace delays nothing: ${stdout} ${stderr}`)
  return tookMs
}

function probe(path: string): number {
  const file = openSync(path, 'w')
  const tookMs = Array.from({ length: 9 }, () => {
    writeSync(file, 'x')
    const beganMs = performance.now()
    fsyncSync(file)
    return performance.now() - beganMs
  })
  closeSync(file)
  return tookMs.sort((one, other) => one - other)[4] ?? 0
}

if (import.meta.main) process.stdout.write(String(probe(process.argv[2] ?? '')))
