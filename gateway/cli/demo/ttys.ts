/** Pairs of pseudo-terminals: the gateway opens one end, the simulated device holds the other. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { start, type Running } from './processes.ts'

export interface TtyPair {
  /** What the gateway opens. */
  readonly gatewayPath: string
  /** What the simulated device holds. */
  readonly devicePath: string
  readonly process: Running
}

const appearWithinMs = 5_000
const pollMs = 20

/** socat keeps both ends open, so that the line survives a gateway that is killed. */
export async function startTtyPair(folder: string, name: string): Promise<TtyPair> {
  const gatewayPath = join(folder, `tty-${name}`)
  const devicePath = join(folder, `tty-${name}-device`)
  const process = start({
    name: `tty ${name}`,
    command: 'socat',
    args: [end(gatewayPath), end(devicePath)],
    logPath: join(folder, 'socat.log'),
  })
  for (let waitedMs = 0; !(existsSync(gatewayPath) && existsSync(devicePath)); waitedMs += pollMs) {
    if (waitedMs > appearWithinMs || !process.alive) {
      throw new Error(`socat made no pseudo-terminals for ${name}; see ${folder}/socat.log`)
    }
    await sleep(pollMs)
  }
  return { gatewayPath, devicePath, process }
}

function end(link: string): string {
  return `pty,raw,echo=0,b115200,link=${link}`
}
