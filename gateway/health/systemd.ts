/**
 * Talking to systemd: READY, STATUS, WATCHDOG, STOPPING (sd_notify(3)). The socket is a unix
 * datagram socket, which Node cannot make, so there are two ways:
 *
 * - A descriptor that systemd opened for us, named `notify`, with
 *   `OpenFile=/run/systemd/notify:notify` in the unit (systemd 253 and newer). A write to it is
 *   one datagram, costs nothing and carries our own process id, so `NotifyAccess=main` suffices.
 * - Otherwise `systemd-notify`, one short process a message, which needs `NotifyAccess=all`.
 *
 * Without NOTIFY_SOCKET nobody listens and nothing is done.
 */
import { execFile } from 'node:child_process'
import { write } from 'node:fs'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Log } from '../world.ts'

export interface Systemd {
  /** Everything is open: systemd may start what waits for us. */
  ready(): Promise<void>
  /** One line for `systemctl status`. No identifiers of persons. */
  status(text: string): Promise<void>
  stopping(): Promise<void>
  /**
   * Half of what systemd allows between two signs of life, in ms; null when it does not watch us.
   */
  readonly watchdogEveryMs: number | null
  alive(): Promise<void>
}

export interface SystemdParts {
  readonly environment: Readonly<{ [name: string]: string | undefined }>
  readonly processId: number
  readonly log: Log
  /** Default: systemd-notify. */
  readonly command?: string
}

/** systemd passes its descriptors from this one on (sd_listen_fds(3)). */
const firstDescriptor = 3

/**
 * systemd-notify waits until systemd has read the message; a busy card must not make us wait long.
 */
const commandLimitMs = 10_000

/** `;` and line ends separate assignments in a datagram. */
const statusLimitChars = 200

export function connectSystemd(parts: SystemdParts): Systemd {
  const send = sender(parts)
  let failed = false
  const tell = async (message: string): Promise<void> => {
    if (send === null) return
    try {
      await send(message)
      failed = false
    } catch (err) {
      // Once per change: the watchdog repeats itself for ever.
      if (!failed) parts.log.warn('systemd was not reached', { err })
      failed = true
    }
  }
  return {
    ready: () => tell('READY=1'),
    status: (text) => tell(`STATUS=${oneLine(text)}`),
    stopping: () => tell('STOPPING=1'),
    alive: () => tell('WATCHDOG=1'),
    watchdogEveryMs: send === null ? null : watchdogEveryMs(parts),
  }
}

/**
 * Gives the sign of life at once and then regularly while `healthy` says so; when it no longer
 * does, systemd restarts us.
 */
export function keepWatchdog(systemd: Systemd, clock: Clock, healthy: () => boolean): () => void {
  const everyMs = systemd.watchdogEveryMs
  if (everyMs === null) return nothing
  let cancel = nothing
  const beat = (): void => {
    cancel = clock.after('watchdog', everyMs, beat)
    if (healthy()) void systemd.alive()
  }
  beat()
  return () => cancel()
}

const nothing = (): void => {}

type Send = (message: string) => Promise<void>

function sender(parts: SystemdParts): Send | null {
  const socket = parts.environment['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') return null
  const descriptor = openedDescriptor(parts)
  if (descriptor !== null) return (message) => writeDatagram(descriptor, message)
  const command = parts.command ?? 'systemd-notify'
  return (message) => runNotify(command, message, socket)
}

/** The descriptor named `notify` that systemd opened for this process; null when there is none. */
function openedDescriptor(parts: SystemdParts): number | null {
  if (Number(parts.environment['LISTEN_PID']) !== parts.processId) return null
  const names = (parts.environment['LISTEN_FDNAMES'] ?? '').split(':')
  const index = names.indexOf('notify')
  const count = Number(parts.environment['LISTEN_FDS'])
  return index >= 0 && index < count ? firstDescriptor + index : null
}

function writeDatagram(descriptor: number, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    write(descriptor, message, (err) => {
      if (err === null) resolve()
      else reject(err)
    })
  })
}

function runNotify(command: string, message: string, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: socket }
    execFile(command, [message], { env, timeout: commandLimitMs }, (err) => {
      if (err === null) resolve()
      else reject(err)
    })
  })
}

function watchdogEveryMs(parts: SystemdParts): number | null {
  const forPid = parts.environment['WATCHDOG_PID']
  if (forPid !== undefined && Number(forPid) !== parts.processId) return null
  const microseconds = Number(parts.environment['WATCHDOG_USEC'])
  return Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 2_000 : null
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, statusLimitChars)
}
