/** What Linux says about the memory and the time of one process (proc(5)). */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Usage {
  readonly rssMiB: number
  /** Shared pages count by the share of this process. */
  readonly pssMiB: number
  readonly threads: number
  /** Of all threads, since the process began. */
  readonly cpuMs: number
}

/** USER_HZ is 100 on every Linux that we run on. */
const tickMs = 10

export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  // The name in brackets may hold anything; behind it the numbers begin with field 3.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return {
    rssMiB: numberOf(status, 'VmRSS') / 1_024,
    pssMiB: numberOf(rollup, 'Pss') / 1_024,
    threads: numberOf(status, 'Threads'),
    cpuMs: (Number(stat[11]) + Number(stat[12])) * tickMs,
  }
}

function numberOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
}

export interface Watched {
  readonly rssMeanMiB: number
  readonly rssMaxMiB: number
  readonly pssMaxMiB: number
  readonly threads: number
  /** In per cent of one core. */
  readonly cpuPercent: number
  readonly seconds: number
}

const sampleEveryMs = 1_000

/** Looks once a second until `over` says so. */
export async function watchUsage(pid: number, over: () => boolean): Promise<Watched> {
  const beganMs = performance.now()
  const first = usageOf(pid)
  const samples = [first]
  while (!over()) {
    await sleep(sampleEveryMs)
    samples.push(usageOf(pid))
  }
  const elapsedMs = performance.now() - beganMs
  const most = (of: (usage: Usage) => number) => Math.max(...samples.map(of))
  const sum = samples.reduce((total, one) => total + one.rssMiB, 0)
  return {
    rssMeanMiB: sum / samples.length,
    rssMaxMiB: most((one) => one.rssMiB),
    pssMaxMiB: most((one) => one.pssMiB),
    threads: most((one) => one.threads),
    cpuPercent: ((most((one) => one.cpuMs) - first.cpuMs) / elapsedMs) * 100,
    seconds: elapsedMs / 1_000,
  }
}

/** True from `ms` after now on. */
export function after(ms: number): () => boolean {
  const dueMs = performance.now() + ms
  return () => performance.now() >= dueMs
}
