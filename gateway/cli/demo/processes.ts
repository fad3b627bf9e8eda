/** Child processes of a demo: started, killed by number, started again, and never left behind. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

export const simpulPath = join(import.meta.dirname, '..', 'simpul')

/** A process that does not end by itself after being asked is killed after so long. */
const farewellMs = 15_000

export interface ProcessPlan {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and error are appended here. */
  readonly logPath: string
}

export interface Running {
  readonly name: string
  readonly pid: number
  /** True until the process has ended. */
  readonly alive: boolean
  /** Resolves with what it ended by: an exit code, or the name of a signal. */
  readonly ended: Promise<number | string>
  /** Like a power cut for this process: SIGKILL, and its memory is gone. */
  kill(): Promise<void>
  /** Asks it to end, waits, and kills it when it does not. */
  stop(): Promise<void>
}

export function start(plan: ProcessPlan): Running {
  const log = openSync(plan.logPath, 'a')
  const child = spawn(plan.command, plan.args, { stdio: ['ignore', log, log] })
  closeSync(log)
  if (child.pid === undefined) throw new Error(`${plan.command} could not be started`)
  return runningOf(plan.name, child, child.pid)
}

function runningOf(name: string, child: ChildProcess, pid: number): Running {
  let alive = true
  const ended = once(child, 'exit').then(([code, signal]) => {
    alive = false
    return (code ?? signal) as number | string
  })
  const signalAndWait = async (signal: NodeJS.Signals) => {
    if (alive) child.kill(signal)
    await ended
  }
  return {
    name,
    pid,
    get alive() {
      return alive
    },
    ended,
    kill: () => signalAndWait('SIGKILL'),
    async stop() {
      if (!alive) return
      const timer = setTimeout(() => child.kill('SIGKILL'), farewellMs)
      await signalAndWait('SIGTERM')
      clearTimeout(timer)
    },
  }
}

/** Runs a program to its end; the exit code is the answer. */
export async function runToEnd(plan: ProcessPlan): Promise<number | string> {
  return start(plan).ended
}
