/** How much the gateway of a running van takes, and the table of it. */
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { answering } from '../gateway/cli/demo/drain.ts'
import { tableText } from '../gateway/cli/demo/table.ts'
import type { Van } from '../gateway/cli/demo/van.ts'
import { watchDelay } from './status.ts'
import { watchUsage, type Watched } from './usage.ts'

const startWithinMs = 30_000

export interface Row extends Watched {
  readonly name: string
  readonly lateP99Ms: number
}

export async function watched(name: string, van: Van, over: () => boolean): Promise<Row> {
  const delay = watchDelay(van.pageUrl)
  const usage = await watchUsage(van.part('gateway').pid, over)
  const { p99Ms } = await delay.stop()
  return { ...usage, name, lateP99Ms: p99Ms }
}

export async function started(van: Van): Promise<void> {
  if (await answering(van.pageUrl, startWithinMs)) return
  throw new Error(`the gateway did not start: ${gatewayLog(van).slice(-2_000)}`)
}

export function claimCodeOf(van: Van): string {
  return /^claim code (\S+)$/m.exec(gatewayLog(van))?.[1] ?? ''
}

function gatewayLog(van: Van): string {
  return readFileSync(join(van.folder, 'gateway.log'), 'utf8')
}

/** Of the machine, over 1, 5 and 15 minutes. */
export function load(): string {
  return loadavg()
    .map((one) => one.toFixed(1))
    .join(' ')
}

export function print(rows: readonly Row[]): void {
  const head = ['', 'RSS mean', 'RSS max', 'PSS max', 'CPU', 'threads', 'late p99', 'for']
  const cells = rows.map((row) => [
    row.name,
    `${row.rssMeanMiB.toFixed(0)} MiB`,
    `${row.rssMaxMiB.toFixed(0)} MiB`,
    `${row.pssMaxMiB.toFixed(0)} MiB`,
    `${row.cpuPercent.toFixed(1)} %`,
    String(row.threads),
    `${row.lateP99Ms.toFixed(1)} ms`,
    `${row.seconds.toFixed(0)} s`,
  ])
  process.stdout.write(tableText(head, cells))
}
