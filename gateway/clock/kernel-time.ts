/**
 * Whether NTP holds the kernel's wall clock. `adjtimex` cannot be called from Node, so we ask who
 * can: systemd-timesyncd touches a file at each successful synchronisation
 * (systemd-timesyncd.service(8), Files), and timedatectl reads the kernel's flag whoever sets it
 * (chrony, ntpd).
 */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'

const timesyncFile = '/run/systemd/timesync/synchronized'
/** The gateway starts with this question, and a van must not wait for it. */
const answerLimitMs = 2_000

/** The longest pause between two questions of timesyncd to its server, and longer than chrony's. */
const pollMsMax = 2_048_000

export interface Synchronised {
  /** How long ago NTP set the wall clock, at most. */
  readonly ageMs: number
}

export interface KernelTimeDoors {
  /** Default: the file of systemd-timesyncd. */
  readonly path?: string
  /** Default: timedatectl. */
  readonly command?: string
}

/** null when NTP does not hold the clock, and when nobody can be asked: that is the safe side. */
export async function kernelSynchronised(
  doors: KernelTimeDoors = {},
): Promise<Synchronised | null> {
  try {
    const { mtimeMs } = await stat(doors.path ?? timesyncFile)
    return { ageMs: Math.max(0, Date.now() - mtimeMs) }
  } catch {
    const synchronised = await askTimedatectl(doors.command ?? 'timedatectl')
    return synchronised ? { ageMs: pollMsMax } : null
  }
}

function askTimedatectl(command: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(
      command,
      ['show', '-p', 'NTPSynchronized', '--value'],
      { timeout: answerLimitMs },
      (error, stdout) => {
        resolve(error === null && stdout.trim() === 'yes')
      },
    )
  })
}
